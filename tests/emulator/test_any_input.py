"""Whatever clients, backends and functions send: it is parsed or refused, and nothing else."""

import base64
import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway_emulator.functions.runtime_api import as_failure
from gateway_emulator.http_api.events import HttpRequest, http_event
from gateway_emulator.http_api.responses import MalformedAnswer, response_of_answer
from gateway_emulator.http_api.routes import match_route
from gateway_emulator.template.deployment import (
    HttpApi,
    Integration,
    IntegrationType,
    Route,
    Stage,
)
from gateway_emulator.websocket_api.frames import error_frame
from gateway_emulator.websocket_api.parameter_mapping import body_value
from gateway_emulator.websocket_api.routes import select_route

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
TEXT_OR_JSON = st.text() | JSON.map(json.dumps)
INTEGRATION = Integration(IntegrationType.AWS_PROXY, "arn")
ROUTES = {
    key: Route(key, INTEGRATION)
    for key in ("GET /a", "ANY /a/{id}", "GET /{all+}", "$default")
}
# What an HTTP server lets through: visible Latin letters and blanks.
LINE = st.text(st.characters(min_codepoint=32, max_codepoint=126))
NAME = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1)


@given(TEXT_OR_JSON, st.sampled_from(["$request.body.action", "${request.body.a}/${request.body.b.c}", "\\$default"]))  # fmt: skip
def test_a_message_selects_a_route_that_exists(body: str, expression: str) -> None:
    keys = ("join", "$connect", "$disconnect", "$default")

    assert select_route(expression, body, keys) in ("join", "$default")
    assert select_route(expression, body, ("join",)) in ("join", None)


@given(JSON, TEXT_OR_JSON)
def test_the_value_of_a_member_is_the_route(action: Any, body: str) -> None:
    message = json.dumps({"action": action})
    key = action if isinstance(action, str) else json.dumps(action)

    if key and action is not None and not key.startswith("$"):
        assert select_route("$request.body.action", message, (key,)) == key
    assert body_value(body, "missing.member") is None or "missing" in body


@given(st.sampled_from(["GET", "POST"]), st.text("/ab{}+.*\\%").map("/{}".format))
def test_every_path_finds_a_route(method: str, path: str) -> None:
    match = match_route(ROUTES, method, path)

    assert match is not None
    assert all(
        "/" not in value
        for name, value in match.path_parameters.items()
        if name == "id"
    )


@given(JSON)
def test_an_answer_becomes_a_response_or_is_malformed(answer: Any) -> None:
    with suppress(MalformedAnswer):
        response = response_of_answer(answer)
        assert 200 <= response.status <= 599


@given(
    st.integers(),
    st.dictionaries(st.text(), JSON),
    JSON,
    st.booleans(),
)
def test_a_response_can_be_sent(
    status: int, headers: Any, body: Any, is_base64: bool
) -> None:
    answer = {
        "statusCode": status,
        "headers": headers,
        "body": body,
        "isBase64Encoded": is_base64,
    }
    with suppress(MalformedAnswer):
        response = response_of_answer(answer)
        for name, value in response.headers:
            assert "\n" not in name + value
            name.encode("ascii")
            value.encode("latin-1")


@given(LINE, LINE, st.lists(st.tuples(NAME, LINE)), st.binary())
def test_a_request_survives_as_an_event(
    path: str, query: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    api = HttpApi("api", Stage("$default"), ROUTES)
    request = HttpRequest("POST", f"/{path}", query, headers, body, "192.0.2.1", 80)

    event = http_event(
        api, request, route_key="$default", path_parameters={}, trace_id="t"
    )

    json.dumps(event)
    assert event["rawQueryString"] == query
    sent = event.get("body", "")
    if event["isBase64Encoded"]:
        assert base64.b64decode(sent) == body
    else:
        assert sent == body.decode("utf-8", "replace")


@given(st.binary())
def test_an_error_report_is_a_failure_that_can_be_logged(report: bytes) -> None:
    failure = as_failure(report)

    assert str(failure).startswith(failure.error_type)


def test_an_error_frame_has_the_captured_bytes() -> None:
    assert error_frame("Forbidden", "gbikm26u_QAYKEjiHA==", "EP5rtEytIAMEGQg=") == (
        '{"message": "Forbidden", "connectionId":"gbikm26u_QAYKEjiHA==", '
        '"requestId":"EP5rtEytIAMEGQg="}'
    )

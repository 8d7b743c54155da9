"""Whatever a function is invoked with, it answers or says what is wrong with it."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lambda_handlers import asgi_api, http_api, manage, schedule, websocket_api
from lambda_handlers.event_members import UnknownEvent
from tests.gateway import gateway_headers, rows
from tests.handlers.events import http_event, websocket_event

uses_the_database = pytest.mark.django_db(transaction=True)

NO_EVENTS = [None, [], ["version"], "", "version", 0, 1.5, True, {}, {"version": "2.0"}]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=5,
)
SEVERAL = hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SIX_MEGABYTES = 6 * 1024 * 1024


def socket_message(body=None, **members):
    headers = {name.lower(): text for name, text in gateway_headers().items()}
    event = http_event("/ws/default", method="POST", headers=headers, body=body)
    return {**event, **members}


http_handlers = pytest.mark.parametrize(
    "handler", [http_api.handler, asgi_api.handler], ids=["wsgi", "asgi"]
)
gateway_handlers = pytest.mark.parametrize(
    "handler",
    [http_api.handler, asgi_api.handler, websocket_api.handler, manage.handler],
    ids=["http_api", "asgi_api", "websocket_api", "manage"],
)


@gateway_handlers
@pytest.mark.parametrize("event", NO_EVENTS, ids=repr)
def test_what_is_no_event_is_an_error_of_its_own(handler, event):
    with pytest.raises(UnknownEvent, match=r"This is no event of|payload|command is"):
        handler(event, None)


@uses_the_database
@pytest.mark.parametrize("event", NO_EVENTS, ids=repr)
def test_the_schedule_says_nothing_and_may_be_anything(event):
    assert schedule.handler(event, None)["sessions_closed"] == 0


@http_handlers
@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("version", "1.0"),
        ("version", 2.0),
        ("rawPath", None),
        ("rawQueryString", {}),
        ("headers", None),
        ("headers", [["host", "site.example"]]),
        ("headers", {"host": ["site.example"]}),
        ("headers", {"host": None}),
        ("cookies", "a=1"),
        ("cookies", [1]),
        ("body", {}),
        ("body", 7),
        ("requestContext", []),
        ("requestContext", {"http": "GET"}),
    ],
)
def test_a_wrong_member_of_a_request_is_named(handler, member, value):
    with pytest.raises(UnknownEvent, match=rf"format 2\.0: it lacks {member}"):
        handler({**http_event("/"), member: value}, None)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("requestContext", None),
        ("headers", "Host: site.example"),
        ("headers", {"Host": ["site.example"]}),
        ("multiValueHeaders", {"Host": "site.example"}),
        ("queryStringParameters", ["channel"]),
        ("multiValueQueryStringParameters", {"channel": "lobby"}),
        ("body", {"handler": "ping"}),
    ],
)
def test_a_wrong_member_of_a_socket_event_is_named(member, value):
    with pytest.raises(UnknownEvent, match=f"WebSocket API: it lacks {member}"):
        websocket_api.handler({**websocket_event("CONNECT"), member: value}, None)


@pytest.mark.parametrize("name", ["connectionId", "eventType", "routeKey", "apiId"])
@pytest.mark.parametrize("value", [None, "", 7, [], {}])
def test_a_wrong_member_of_the_context_is_named(name, value):
    event = websocket_event("CONNECT")
    event["requestContext"][name] = value

    with pytest.raises(UnknownEvent, match=f"it lacks requestContext.{name}"):
        websocket_api.handler(event, None)


@uses_the_database
@pytest.mark.parametrize("identity", [None, [], {}, {"sourceIp": None}])
def test_the_address_may_be_missing(identity):
    event = websocket_event("CONNECT")
    event["requestContext"]["identity"] = identity

    assert websocket_api.handler(event, None)["statusCode"] == 200


@pytest.mark.parametrize(
    ("handler", "event"),
    [
        (http_api.handler, http_event("/")),
        (asgi_api.handler, http_event("/")),
        (websocket_api.handler, websocket_event("MESSAGE")),
    ],
    ids=["wsgi", "asgi", "websocket_api"],
)
@pytest.mark.parametrize("body", ["a", "é", "a=b=", "{}", "ab cd"])
def test_a_body_that_is_no_base64_is_an_error(handler, event, body):
    with pytest.raises(UnknownEvent, match="its body is no base64"):
        handler({**event, "body": body, "isBase64Encoded": True}, None)


@uses_the_database
class TestSixMegabytes:
    @http_handlers
    def test_in_a_request_are_refused_by_django(self, handler):
        answer = handler(socket_message("x" * SIX_MEGABYTES), None)

        assert answer["statusCode"] == 400
        assert rows() == []

    def test_in_a_socket_event_are_refused_by_django(self):
        event = websocket_event("MESSAGE", body="x" * SIX_MEGABYTES)

        assert websocket_api.handler(event, None)["statusCode"] == 400

    @gateway_handlers
    def test_of_something_else_are_an_error_that_does_not_repeat_them(self, handler):
        with pytest.raises(UnknownEvent) as raised:
            handler({"command": "x" * SIX_MEGABYTES}, None)

        assert len(str(raised.value)) < 1_000


@uses_the_database
@http_handlers
@given(
    member=st.sampled_from(sorted({*http_event("/"), "cookies", "body"})),
    value=ANY_JSON,
)
@SEVERAL
def test_any_request_is_answered_or_an_error(handler, member, value):
    answer_or_error(handler, {**http_event("/healthz"), member: value})


@uses_the_database
@given(
    event_type=st.sampled_from(["CONNECT", "MESSAGE", "DISCONNECT"]),
    member=st.sampled_from(sorted(websocket_event("CONNECT"))),
    inside=st.none() | st.sampled_from(["identity", "eventType", "connectionId"]),
    value=ANY_JSON,
)
@SEVERAL
def test_any_socket_event_is_answered_or_an_error(event_type, member, inside, value):
    event = websocket_event(event_type)
    if inside:
        event["requestContext"][inside] = value
    else:
        event[member] = value

    answer_or_error(websocket_api.handler, event)


def answer_or_error(handler, event):
    try:
        answer = handler(event, None)
    except UnknownEvent:
        return
    assert answer["statusCode"] in {200, 400, 404}

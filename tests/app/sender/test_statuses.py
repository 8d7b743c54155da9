"""What each status means for the recipient, how often it is asked for, and the reason."""

import json

import pytest

from django_aws_api_gateway_websockets.messaging.contract import HANG_UP, Outcome
from django_aws_api_gateway_websockets.messaging.retries import MOST_TRIES
from tests.app.sender.broadcasts import MESSAGE, names, outcomes, send_one, send_to
from tests.app.sender.scripted_server import always, response

TYPE, MESSAGE_OF = "x-amzn-ErrorType", "Something: happened"


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_what_the_gateway_has_taken_is_sent(serve, sender, status):
    server = serve(always(response(status)))

    delivery = send_one(sender, server.url)

    assert delivery[:3] == (Outcome.SENT, "", False)
    assert delivery.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert [each.body for each in server.asked] == [MESSAGE.body]


@pytest.mark.parametrize(
    "answer", [response(410), response(410, b"<gone/>", **{TYPE: "GoneException"})]
)
def test_who_is_gone_is_gone_with_or_without_a_type(serve, sender, answer):
    server = serve(always(answer))

    assert send_one(sender, server.url)[:3] == (Outcome.GONE, "HTTP 410", False)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [301, 304, 400, 401, 403, 404, 413, 418, 499])
def test_what_will_not_change_is_asked_for_once(serve, sender, status):
    body = b"" if status == 304 else json.dumps({"message": MESSAGE_OF}).encode()
    server = serve(
        always(response(status, body, x_amzn_ErrorType="OddException:http://a"))
    )

    delivery = send_one(sender, server.url)

    expected = f"HTTP {status} OddException" + (f": {MESSAGE_OF}" if body else "")
    assert delivery[:3] == (Outcome.FAILED, expected, False)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (408, Outcome.FAILED),
        (429, Outcome.THROTTLED),
        (500, Outcome.FAILED),
        (502, Outcome.FAILED),
        (503, Outcome.FAILED),
        (504, Outcome.FAILED),
        (599, Outcome.FAILED),
    ],
)
class TestWhatMayPass:
    def test_it_is_tried_again(self, serve, sender, status, outcome):
        server = serve(always(response(status), response(status), response(200)))

        assert send_one(sender, server.url).outcome is Outcome.SENT
        assert len(server.asked) == 3

    def test_some_times_and_no_more(self, serve, sender, status, outcome):
        server = serve(always(response(status)))

        delivery = send_one(sender, server.url)

        assert delivery[:3] == (outcome, f"HTTP {status}", True)
        assert len(server.asked) == MOST_TRIES


@pytest.mark.parametrize(
    ("error_type", "body", "reason"),
    [
        ("ForbiddenException", b'{"message":"Forbidden"}', "ForbiddenException: Forbidden"),
        ("AccessDeniedException", b'{"Message":"User: a is not authorized"}', "AccessDeniedException: User: a is not authorized"),
        ("MissingAuthenticationTokenException", b"Missing Authentication Token", "MissingAuthenticationTokenException"),
        ("UnrecognizedClientException", b'{"message":"No such token"}', "UnrecognizedClientException: No such token"),
        ("", b"{}", ""),
        ("", b"[]", ""),
        ("", b"null", ""),
        ("", b'{"message":7}', ""),
        ("", b'{"message":null,"Message":"no"}', ""),
        ("", b'{"message":""}', ""),
        ("", b"\xff\xfe\x00", ""),
        ("", 2_000 * b"[", ""),
        ("", 65_000 * b"[", ""),
        ("", b"9" * 60_000, ""),
        ("", b"<html>Forbidden</html>", ""),
        ("<script>", b"{}", ""),
        ("a b", b"{}", "a"),
        ("X" * 200, b"{}", "X" * 100),
    ],
)  # fmt: skip
def test_the_reason_says_what_the_gateway_says(serve, sender, error_type, body, reason):
    server = serve(always(response(403, body, x_amzn_ErrorType=error_type)))

    delivery = send_one(sender, server.url)

    assert delivery[:3] == (Outcome.FAILED, f"HTTP 403 {reason}".strip(), False)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Invalid connectionId: {}", "Invalid connectionId"),
        ("POST on arn:a:b/prod/POST/@connections/{} is not allowed", "POST on arn:a:b/prod/POST/@connections is not allowed"),
    ],
)  # fmt: skip
def test_a_reason_is_the_same_for_all_though_the_gateway_names_each(
    serve, sender, message, reason
):
    def script(peer):
        while asked := peer.read():
            words = json.dumps({"message": message.format(asked.connection_id)})
            error_type = "BadRequestException"
            peer.say(response(400, words.encode(), x_amzn_ErrorType=error_type))

    deliveries = send_to(sender, serve(script).url, ["z00=", "a-B_9="])

    assert {delivery.reason for delivery in deliveries.values()} == {
        f"HTTP 400 BadRequestException: {reason}"
    }


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("one\r\n two\x0b\x1c\x85\u2028three", "one two three"),
        ("a\0b\x1b[31mc", "a b [31mc"),
        ("half a pair: \ud83d", "half a pair:"),
        ("é 👍", "é 👍"),
    ],
)
def test_a_reason_is_one_line_that_can_be_shown_anywhere(
    serve, sender, message, reason
):
    server = serve(always(response(400, json.dumps({"message": message}).encode())))

    assert send_one(sender, server.url).reason == f"HTTP 400: {reason}"


def test_a_reason_is_short(serve, sender):
    body = json.dumps({"message": 60_000 * "x"}).encode()
    server = serve(always(response(400, body, x_amzn_ErrorType="BadRequestException")))

    reason = send_one(sender, server.url).reason

    assert reason.startswith("HTTP 400 BadRequestException: xxx")
    assert len(reason) == 200


def test_the_last_answer_is_the_reason(serve, sender):
    server = serve(always(response(429), response(503), response(404)))

    assert send_one(sender, server.url).reason == "HTTP 404"


def test_what_came_of_one_says_nothing_about_another(serve, sender):
    answers = {"a=": 200, "b=": 410, "c=": 400, "d=": 413, "e=": 429, "f=": 500}

    def script(peer):
        while asked := peer.read():
            peer.say(response(answers[asked.connection_id]))

    server = serve(script)

    deliveries = send_to(sender, server.url, answers)

    assert {each: delivery.outcome for each, delivery in deliveries.items()} == {
        "a=": Outcome.SENT,
        "b=": Outcome.GONE,
        "c=": Outcome.FAILED,
        "d=": Outcome.FAILED,
        "e=": Outcome.THROTTLED,
        "f=": Outcome.FAILED,
    }


def test_the_second_request_follows_unless_the_first_found_nobody(serve, sender):
    def script(peer):
        while asked := peer.read():
            peer.say(response(410 if asked.connection_id == "gone=" else 200))

    server = serve(script)

    deliveries = send_to(
        sender, server.url, ["gone=", "alice="], steps=[MESSAGE, HANG_UP]
    )

    assert outcomes(deliveries) == {Outcome.SENT, Outcome.GONE}
    assert sorted((each.connection_id, each.method) for each in server.asked) == [
        ("alice=", "DELETE"),
        ("alice=", "POST"),
        ("gone=", "POST"),
    ]


def test_nobody_to_send_to_needs_no_server(sender):
    assert send_to(sender, "https://nobody.invalid", names(0)) == {}

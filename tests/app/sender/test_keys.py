"""Keys that expire, are wrong or go missing, and what is signed with them."""

from datetime import UTC, datetime
from email.utils import format_datetime
from threading import Event
from time import sleep

import pytest

from django_aws_api_gateway_websockets.exceptions import NoCredentials, NoRegion
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.messaging.retries import MOST_TRIES
from tests.app.sender.broadcasts import (
    MESSAGE,
    names,
    outcomes,
    recipients_of,
    send,
    send_one,
    send_to,
)
from tests.app.sender.scripted_server import always, refusal, response, taking_all

SENT = {Outcome.SENT}


def test_a_wrong_key_is_not_tried_again_and_again(serve, sender):
    def script(peer):
        while peer.read():
            peer.say(refusal(Date=format_datetime(datetime.now(UTC), usegmt=True)))

    server = serve(script)

    deliveries = send_to(sender, server.url, names(20))

    assert {delivery[:3] for delivery in deliveries.values()} == {
        (
            Outcome.FAILED,
            "HTTP 403 InvalidSignatureException: "
            "Signature expired: it is now another time",
            False,
        )
    }
    assert len(server.asked) == 20


@pytest.mark.parametrize("kind", ["ExpiredTokenException", "ExpiredToken"])
def test_a_key_that_expires_in_the_middle_is_replaced(serve, sender, environment, kind):
    """As a Lambda's environment, or what botocore finds, holds new ones by then."""
    environment.setenv("AWS_SESSION_TOKEN", "old")

    def script(peer):
        while asked := peer.read():
            if len(peer.server.asked) == 40:
                environment.setenv("AWS_ACCESS_KEY_ID", "AKIDRENEWED")
                environment.setenv("AWS_SESSION_TOKEN", "new")
            is_old = asked.headers["x-amz-security-token"] == "old"
            is_refused = is_old and len(peer.server.asked) >= 20
            peer.say(refusal(kind) if is_refused else response())

    server = serve(script)

    deliveries = send_to(sender, server.url, names(100))

    assert outcomes(deliveries) == SENT
    assert "Credential=AKIDRENEWED/" in server.asked[-1].headers["authorization"]
    assert server.asked[-1].headers["x-amz-security-token"] == "new"


def test_a_key_that_stays_expired_is_an_outcome(serve, sender):
    server = serve(always(refusal("ExpiredTokenException")))

    delivery = send_one(sender, server.url)

    assert (delivery.outcome, delivery.is_transient) == (Outcome.FAILED, True)
    assert delivery.reason.startswith("HTTP 403 ExpiredTokenException: ")
    assert len(server.asked) == MOST_TRIES


def test_a_missing_key_is_an_error(serve, sender, environment):
    server = serve(taking_all)
    environment.setenv("AWS_SECRET_ACCESS_KEY", "")

    with pytest.raises(NoCredentials):
        send_one(sender, server.url)

    environment.setenv("AWS_SECRET_ACCESS_KEY", "of-alice")
    assert send_one(sender, server.url).outcome is Outcome.SENT


def read_slowly(told):
    """So that it takes longer than a second."""
    for _ in told:
        sleep(0.01)


def test_a_malformed_key_is_an_error_also_in_the_middle(serve, sender, environment):
    environment.setenv("AWS_SESSION_TOKEN", "for-an-hour")
    server = serve(taking_all)
    told = sender.perform(
        recipients_of(server.url, names(150)), [MESSAGE], seconds=10, connections=1
    )
    next(told)
    environment.setenv("AWS_SESSION_TOKEN", "for-an-hour\n")

    with pytest.raises(NoCredentials, match="The session token holds a character"):
        read_slowly(told)

    environment.setenv("AWS_SESSION_TOKEN", "for-an-hour")
    assert send_one(sender, server.url).outcome is Outcome.SENT


def test_who_was_sent_to_before_the_key_was_missing_is_told_of(
    serve, sender, environment
):
    everybody_is_asked = Event()

    def script(peer):
        peer.read()
        if len(peer.server.asked) == 10:
            environment.delenv("AWS_SECRET_ACCESS_KEY")
            everybody_is_asked.set()
        everybody_is_asked.wait(10)
        if peer.number == 0:
            peer.say(refusal("ExpiredTokenException"))
        else:
            sleep(0.1)
            peer.say(response())
        peer.wait_for_goodbye()

    server = serve(script)
    told = []
    with pytest.raises(NoCredentials):
        told.extend(
            sender.perform(
                recipients_of(server.url, names(200)),
                [MESSAGE],
                seconds=10,
                connections=10,
            )
        )

    sent_to = {each.connection_id for each in server.asked if each.peer}
    assert len(server.asked) == 10
    assert {recipient.connection_id for recipient, _ in told} == sent_to
    assert {delivery.outcome for _, delivery in told} == SENT


def test_who_sends_for_longer_than_a_second_signs_with_the_time_and_the_key_of_then(
    serve, sender, environment
):
    server = serve(taking_all)
    told = sender.perform(
        recipients_of(server.url, names(150)), [MESSAGE], seconds=10, connections=1
    )
    next(told)
    environment.setenv("AWS_ACCESS_KEY_ID", "AKIDRENEWED")
    read_slowly(told)

    first, last = server.asked[0], server.asked[-1]
    assert "Credential=AKIDEXAMPLE/" in first.headers["authorization"]
    assert "Credential=AKIDRENEWED/" in last.headers["authorization"]
    assert first.headers["x-amz-date"] < last.headers["x-amz-date"]


def test_an_endpoint_without_region_keeps_nobody_from_others(
    serve, sender, environment, tmp_path
):
    """Its own host names the region of a gateway, but not that of a domain."""
    environment.delenv("AWS_REGION")
    environment.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    server = serve(taking_all)

    delivery = send_one(sender, server.url)

    assert delivery[:2] == (Outcome.FAILED, str(NoRegion(server.url)))
    assert server.accepted == 0


def test_the_signature_is_for_this_endpoint(serve, sender):
    servers = [serve(taking_all), serve(taking_all)]
    recipients = [
        recipient
        for number, server in enumerate(servers)
        for recipient in recipients_of(server.url, [f"client-{number}="])
    ]

    assert outcomes(send(sender, recipients)) == SENT

    for server in servers:
        [asked] = server.asked
        assert asked.headers["host"] == f"127.0.0.1:{server.port}"
        assert asked.path.startswith("/production/@connections/client-")
        assert asked.body == MESSAGE.body
        scope = f"/{datetime.now(UTC):%Y%m%d}/eu-central-1/execute-api/aws4_request"
        assert scope in asked.headers["authorization"]

"""Of several endpoints the bad ones keep nobody from the good one, and are all told of."""

import socket

import pytest

from django_aws_api_gateway_websockets.messaging import retries
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.messaging.sender import opening, overdue
from tests.app.sender.broadcasts import (
    MESSAGE,
    Stopwatch,
    names,
    recipients_of,
    send,
)
from tests.app.sender.scripted_server import always, response, taking_all
from tests.ports import free_port

ALL = 300


@pytest.fixture
def deaf_url():
    """TCP takes what comes there, and nobody ever reads it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def bad(name_server, serve, context_of, trusted, deaf_url):
    """What is wrong, and where."""
    return {
        "silent=": serve(lambda peer: peer.wait_for_the_end()).url,
        "deaf=": deaf_url,
        "refusing=": f"http://127.0.0.1:{free_port()}",
        "stranger=": serve(taking_all, context=context_of("socket.example")).url,
        "dropping=": serve(lambda peer: peer.drop()).url,
        "denying=": serve(always(response(403))).url,
        "throttling=": serve(always(response(429))).url,
        "nowhere=": "https://nobody.invalid",
        "malformed=": "https://[socket.example",
        "no address=": "",
    }


def recipients(good, bad):
    """The bad ones come first, two to each."""
    for number, recipient in enumerate(recipients_of(good.url, names(ALL))):
        if number == 0:
            for each, url in bad.items():
                yield from recipients_of(url, [f"first {each}", f"second {each}"])
        yield recipient


def test_they_keep_nobody_waiting(serve, sender, bad):
    good = serve(taking_all)
    sent = 0

    with Stopwatch() as watch:
        told = sender.perform(recipients(good, bad), [MESSAGE], seconds=10)
        for _, delivery in told:
            sent += delivery.outcome is Outcome.SENT
            if sent == ALL:
                break

    # Less than one handshake, or one call, is waited for.
    assert watch.seconds < overdue.LONGEST_OPENING
    told.close()


def test_each_is_told_of_in_its_own_words(serve, sender, bad, monkeypatch):
    monkeypatch.setattr(overdue, "LONGEST_CALL", 0.2)
    monkeypatch.setattr(overdue, "LONGEST_OPENING", 0.2)
    monkeypatch.setattr(retries, "MOST_TRIES", 3)
    monkeypatch.setattr(opening, "MOST_FAILURES", 2)
    good = serve(taking_all)

    deliveries = send(sender, list(recipients(good, bad)))

    assert sorted(good.ids) == sorted(names(ALL))
    for which in ("first", "second"):
        reasons = {each: deliveries[f"{which} {each}"].reason for each in bad}
        assert reasons.pop("nowhere=").startswith("nobody.invalid has no address (")
        assert reasons.pop("stranger=").startswith("the certificate is not trusted: ")
        assert reasons.pop("dropping=") in {
            "Connection reset by peer",
            "the connection was closed before the answer",
        }
        assert reasons == {
            "silent=": "no answer in 0.2 seconds",
            "deaf=": "the endpoint does not answer",
            "refusing=": "Connection refused",
            "denying=": "HTTP 403",
            "throttling=": "HTTP 429",
            "malformed=": "Invalid IPv6 URL",
            "no address=": "'' is no address of a Management API",
        }

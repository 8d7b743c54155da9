"""Names without an address, name servers without an answer, and what is no name."""

import socket
from threading import Event

import pytest

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.messaging.sender import endpoints
from tests.app.sender.broadcasts import (
    MESSAGE,
    Stopwatch,
    names,
    outcomes,
    recipients_of,
    send,
    send_one,
    send_to,
)
from tests.app.sender.name_servers import NAME
from tests.app.sender.scripted_server import taking_all
from tests.ports import free_port

SENT = {Outcome.SENT}


def test_where_nobody_listens_all_are_told_after_some_tries(serve, sender):
    port = free_port()
    url = f"http://127.0.0.1:{port}/production"

    deliveries = send_to(sender, url, names(2_000))

    assert {delivery[:3] for delivery in deliveries.values()} == {
        (Outcome.FAILED, "Connection refused", True)
    }
    server = serve(taking_all, port=port)
    assert outcomes(send_to(sender, url, names(50))) == SENT
    assert len(server.asked) == 50


def test_a_name_that_does_not_exist_is_said(sender, monkeypatch):
    def nobody(*question, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)

    delivery = send_one(sender, "https://nobody.invalid/production")

    assert (delivery.outcome, delivery.is_transient) == (Outcome.FAILED, True)
    assert delivery.reason == (
        f"nobody.invalid has no address ([Errno {socket.EAI_NONAME}] "
        "Name or service not known)"
    )


@pytest.fixture
def mute(monkeypatch):
    """For names that begin so, the name server never answers."""
    is_over = Event()
    look_up = socket.getaddrinfo

    def ask(name, *question, **options):
        if name.startswith("mute"):
            is_over.wait(10)
            raise socket.gaierror(socket.EAI_AGAIN, "Try again")
        return look_up(name, *question, **options)

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    yield
    is_over.set()


def test_a_name_server_that_never_answers_is_waited_for_a_while(
    sender, mute, monkeypatch
):
    monkeypatch.setattr(endpoints, "LONGEST_LOOK_UP", 0.1)

    with Stopwatch() as watch:
        delivery = send_one(sender, "https://mute.example/production")

    assert delivery[:3] == (
        Outcome.FAILED,
        "nobody has said where mute.example is",
        True,
    )
    assert watch.seconds < 2


def test_it_has_three_seconds_of_which_others_wait_a_twentieth():
    assert endpoints.LONGEST_LOOK_UP == 3.0
    assert endpoints.USUAL_LOOK_UP == 0.05


def test_a_name_server_may_take_longer_than_others_wait_for_it(
    serve, sender, name_server
):
    server = serve(taking_all)
    name_server.addresses = [server.host]
    name_server.pause = 4 * endpoints.USUAL_LOOK_UP

    assert send_one(sender, server.url_as(NAME)).outcome is Outcome.SENT
    assert name_server.asked == 1


def test_others_do_not_wait_for_a_name_server(serve, sender, mute):
    server = serve(taking_all)
    recipients = [
        *recipients_of("https://mute.example", ["a="]),
        *recipients_of("https://mute-too.example", ["b="]),
        *recipients_of(server.url, names(300)),
    ]

    with Stopwatch() as watch:
        told = sender.perform(recipients, [MESSAGE], seconds=10)
        first = [next(told) for _ in range(300)]

    assert {delivery.outcome for _, delivery in first} == SENT
    assert watch.seconds < 2
    told.close()


def test_not_even_for_the_names_of_many(serve, sender, mute):
    """What is waited for one of them is waited for all together."""
    server = serve(taking_all)
    good = recipients_of(server.url, names(300))
    recipients = []
    for number in range(30):
        recipients += recipients_of(f"https://mute-{number}.example", [f"{number}="])
        recipients += good[number * 10 : number * 10 + 10]

    with Stopwatch() as watch:
        told = sender.perform(recipients, [MESSAGE], seconds=10)
        first = [next(told) for _ in range(300)]

    assert {delivery.outcome for _, delivery in first} == SENT
    assert watch.seconds < 30 * endpoints.USUAL_LOOK_UP / 2
    told.close()


def test_the_deadline_does_not_wait_for_a_name_server(sender, mute):
    with Stopwatch() as watch:
        delivery = send_one(sender, "https://mute.example", seconds=0.2)

    assert delivery.reason == "there was no time left"
    assert watch.seconds < 1.5


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/",
        "socket.example/production",
        "wss://socket.example/production",
        "https://",
        "https:///production",
        "https://[::1/production",
        "https://socket.example:70000/",
        "https://socket.example:port/",
        "https://socket.example:-1/",
        "https://" + 70 * "x" + ".example/",
        "https://" + 70 * "é" + ".example/",
        "https://é..example/",
        "https://..example/",
        "https://.example/",
        "https://a\0b.example/",
        "https://a b.example/",
        "https://\ud83d.example/",
        "http://a\0b.example/",
        "\ud83d",
    ],
)  # fmt: skip
def test_what_is_no_address_keeps_nobody_from_others(serve, sender, name_server, url):
    server = serve(taking_all)

    with Stopwatch() as watch:
        deliveries = send(
            sender,
            [*recipients_of(url, ["alice="]), *recipients_of(server.url, names(20))],
        )

    delivery = deliveries.pop("alice=")
    assert delivery.outcome is Outcome.FAILED
    assert delivery.reason
    assert outcomes(deliveries) == SENT
    assert watch.seconds < 2

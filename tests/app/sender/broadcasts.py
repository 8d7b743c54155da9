"""Broadcasts of these tests: who is told what."""

import time

from django_aws_api_gateway_websockets.messaging.contract import (
    MOST_CONNECTIONS,
    Recipient,
    Request,
)

MESSAGE = Request("POST", b'{"type":"news"}')


def recipients_of(url, ids):
    return [
        Recipient(number, connection_id, url)
        for number, connection_id in enumerate(ids, 1)
    ]


def names(number):
    return [f"client-{each}=" for each in range(number)]


def send(
    sender,
    recipients,
    *,
    data=None,
    seconds=10.0,
    connections=MOST_CONNECTIONS,
    steps=(),
):
    """What came of each, of whom each is told once."""
    request = MESSAGE if data is None else Request("POST", data)
    told = list(
        sender.perform(
            recipients, steps or [request], seconds=seconds, connections=connections
        )
    )

    assert sorted(recipient for recipient, _ in told) == sorted(recipients)
    return {recipient.connection_id: delivery for recipient, delivery in told}


def send_to(sender, url, ids, **options):
    return send(sender, recipients_of(url, ids), **options)


def send_one(sender, url, **options):
    return send_to(sender, url, ["alice="], **options)["alice="]


def outcomes(deliveries):
    return {delivery.outcome for delivery in deliveries.values()}


class Stopwatch:
    def __enter__(self):
        self.began = time.monotonic()
        return self

    def __exit__(self, *error):
        self.seconds = time.monotonic() - self.began

"""Rows by the thousand, and a broadcast to all of them over TLS."""

import math
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.functions.sending import connection_id
from benchmarks.sending_stub import HOST, REGION, make_certificates, running_stub
from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession
from tests.handlers.test_two_processes import database_url
from tests.sending_process import sending_process

CHANNEL = "many"
THROTTLED = 1  # of a hundred, at first


def make_rows(connection_ids: list[str]) -> None:
    gateway = ApiGateway.objects.create(
        api_name="many", callback_url=f"https://{HOST}/production"
    )
    for start in range(0, len(connection_ids), 10_000):
        WebSocketSession.objects.bulk_create(
            [
                WebSocketSession(
                    connection_id=each,
                    channel_name=CHANNEL,
                    api_gateway=gateway,
                    request_count=1,
                )
                for each in connection_ids[start : start + 10_000]
            ],
            batch_size=1_000,
        )


def broadcast_to(rows: int, folder: Path, *, gone: int) -> dict[str, Any]:
    """Assert what has to come of it with so many gone; return the figures."""
    connection_ids = [connection_id(str(number)) for number in range(rows)]
    who_is_gone = connection_ids[:: rows // gone][:gone]
    make_rows(connection_ids)
    certificates = make_certificates(folder)
    options = [f"--gone={quote(each)}" for each in who_is_gone]

    with running_stub(certificates, [f"--throttled={THROTTLED}", *options]) as stub:
        said = sending_process(
            environment(certificates.authority),
            "send",
            CHANNEL,
            stand_in=[HOST, stub.port],
        )

    assert said["counts"] == {"sent": rows - gone, "gone": gone}
    assert (said["responses"], said["failures"]) == (rows - gone, 0)
    assert_each_was_asked_as_often_as_needed(stub.report, rows, gone)
    assert_the_gone_are_closed_in_batches(said, who_is_gone)
    return {name: said[name] for name in ("seconds", "rate", "memory", "statements")}


def environment(authority: Path) -> dict[str, str]:
    return {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_CA_BUNDLE": str(authority),
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": "the-secret-of-nobody",
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "tests.sending_settings",
    }


def assert_each_was_asked_as_often_as_needed(report: Any, rows: int, gone: int) -> None:
    throttled = report["statuses"].pop("429")
    assert 0.5 < throttled / ((rows - gone) * THROTTLED / 100) < 2
    assert report["statuses"] == {"200": rows - gone, "410": gone}
    assert report["taken"] == {"1": rows - gone}
    assert report["most_connections"] <= 100


def assert_the_gone_are_closed_in_batches(
    said: dict[str, Any], gone: list[str]
) -> None:
    sessions = WebSocketSession.objects.filter(channel_name=CHANNEL)
    closed = sessions.filter(connected=False, closed_reason="gone")
    assert set(closed.values_list("connection_id", flat=True)) == set(gone)
    assert sessions.filter(connected=False).count() == len(gone)
    assert said["statements"]["UPDATE"] == math.ceil(len(gone) / 1_000)
    assert said["most_values"] < 1_020

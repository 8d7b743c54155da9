"""Rows that a clean-up finds, at the moment that the clock of its tests shows."""

from datetime import UTC, datetime, timedelta

from django.contrib.sessions.models import Session

from django_aws_api_gateway_websockets.cleanup import STEPS
from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)
TWO_HOURS = timedelta(hours=2)
SEVEN_DAYS = timedelta(days=7)
NOTHING = dict.fromkeys(STEPS, 0)


def make(number=1, *, name="alice", age=timedelta(), **fields):
    """Sessions that were made and touched a while ago."""
    gateway = ApiGateway.objects.get()
    WebSocketSession.objects.bulk_create(
        [
            WebSocketSession(
                connection_id=f"{name}-{n}=",
                channel_name="lobby",
                api_gateway=gateway,
                **fields,
            )
            for n in range(number)
        ]
    )
    made = WebSocketSession.objects.filter(connection_id__startswith=f"{name}-")
    made.update(created_on=NOW - age, updated_on=NOW - age)


def make_closed(number=1, *, name="alice", closed=SEVEN_DAYS + A_MOMENT, **fields):
    fields = {"closed_reason": "disconnect", "closed_on": NOW - closed, **fields}
    make(number, name=name, age=timedelta(days=30), connected=False, **fields)


def make_django_sessions(number=1, *, name="expired", expired=A_MOMENT):
    Session.objects.bulk_create(
        [
            Session(session_key=f"{name}-{n}", expire_date=NOW - expired)
            for n in range(number)
        ]
    )

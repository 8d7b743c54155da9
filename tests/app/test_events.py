"""Events come in any order, also doubled; the row always says what is known."""

from contextlib import suppress
from itertools import count

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from django_aws_api_gateway_websockets.events import parse_message
from django_aws_api_gateway_websockets.exceptions import InvalidRequestFormat
from django_aws_api_gateway_websockets.models import WebSocketSession
from django_aws_api_gateway_websockets.routing import handler
from tests.app.echo import PublicView

numbers = count()

# state, event -> status, next state. `gone` is what a failed send does to the row.
LIFE = {
    ("unknown", "connect"): (200, "open"),
    ("unknown", "message"): (400, "unknown"),
    ("unknown", "disconnect"): (200, "closed"),
    ("unknown", "gone"): (None, "unknown"),
    ("open", "connect"): (400, "open"),
    ("open", "message"): (200, "open"),
    ("open", "disconnect"): (200, "closed"),
    ("open", "gone"): (None, "gone"),
    ("gone", "connect"): (400, "gone"),
    ("gone", "message"): (200, "open"),
    ("gone", "disconnect"): (200, "closed"),
    ("gone", "gone"): (None, "gone"),
    ("closed", "connect"): (400, "closed"),
    ("closed", "message"): (400, "closed"),
    ("closed", "disconnect"): (200, "closed"),
    ("closed", "gone"): (None, "closed"),
}


class SilentView(PublicView):
    @handler
    def silent(self, request, *args, **kwargs):
        return None


@pytest.mark.django_db(transaction=True)
@given(st.lists(st.sampled_from(["connect", "message", "disconnect", "gone"])))
@hypothesis_settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_order_of_events_ends_in_the_state_that_it_should(serve, events):
    gateway = serve(SilentView)
    connection_id = f"connection-{next(numbers)}="
    happens = {
        "connect": lambda: gateway.connect(connection_id),
        "message": lambda: gateway.message({"handler": "silent"}, connection_id),
        "disconnect": lambda: gateway.disconnect(connection_id),
    }

    state = "unknown"
    for event in events:
        status, state = LIFE[state, event]
        if event == "gone":
            row = WebSocketSession.objects.filter(connection_id=connection_id).first()
            WebSocketSession.objects.close_as_gone([row.pk] if row else [])
        else:
            assert happens[event]().status_code == status
        assert state_of(connection_id) == state


def state_of(connection_id):
    row = WebSocketSession.objects.filter(connection_id=connection_id).first()
    if row is None:
        return "unknown"
    if row.connected:
        assert (row.closed_reason, row.closed_on) == ("", None)
        return "open"
    assert row.closed_on is not None
    return "gone" if row.closed_reason == "gone" else "closed"


@given(st.binary() | st.text().map(str.encode) | st.just(b" " * 1_001))
def test_a_body_is_an_object_or_refused(body):
    with suppress(InvalidRequestFormat):
        assert isinstance(parse_message(body, max_size=1_000), dict)
        assert len(body) <= 1_000

"""Who is there, counted by a project from the signals alone."""

from itertools import count

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from django_aws_api_gateway_websockets import signals
from django_aws_api_gateway_websockets.models import WebSocketSession
from django_aws_api_gateway_websockets.routing import handler
from tests.app.echo import PublicView

pytestmark = pytest.mark.django_db(transaction=True)

numbers = count()


class CountedView(PublicView):
    @handler
    def silent(self, request, *args, **kwargs):
        return None


class Presence:
    """How many are there, as a project would count it."""

    def __init__(self):
        self.number = 0

    def comes(self, sender, **carried):
        self.number += 1

    def leave(self, sender, connection_ids, **carried):
        self.number -= len(connection_ids)

    def __enter__(self):
        signals.connected.connect(self.comes)
        signals.disconnected.connect(self.leave)
        signals.gone.connect(self.leave)
        return self

    def __exit__(self, *error):
        signals.connected.disconnect(self.comes)
        signals.disconnected.disconnect(self.leave)
        signals.gone.disconnect(self.leave)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["connect", "message", "disconnect", "gone", "staff"]),
            st.sampled_from(["a", "b"]),
        ),
        max_size=15,
    )
)
@example([("connect", "a"), ("gone", "a"), ("disconnect", "a")])
@example([("connect", "a"), ("gone", "a"), ("message", "a"), ("staff", "a")])
@hypothesis_settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_count_of_those_present_is_right_after_any_events(serve, transport, events):
    gateway = serve(CountedView)
    name = f"example-{next(numbers)}-"
    mine = WebSocketSession.objects.filter(connection_id__startswith=name)
    happens = {
        "connect": gateway.connect,
        "message": lambda who: gateway.message({"handler": "silent"}, who),
        "disconnect": gateway.disconnect,
        "gone": lambda who: mine.close_as_gone(
            mine.filter(connection_id=who).values_list("pk", flat=True)
        ),
        "staff": lambda who: mine.filter(connection_id=who).disconnect(),
    }

    with Presence() as presence:
        for event, who in events:
            happens[event](name + who)

            assert presence.number == mine.filter(connected=True).count()

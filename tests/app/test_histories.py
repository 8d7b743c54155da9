"""A client with a token: whatever happens to it and to its user, in any order.

What is expected is worked out beside it, from the events alone.
"""

from itertools import count

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.models import WebSocketSession
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.clocks import Clock
from tests.app.logins import connect_with_token, logged_in, token_for
from tests.app.test_events import state_of

numbers = count()


class SilentView(WebSocketView):
    RATE_LIMIT_ENABLED = False

    @handler
    def silent(self, request, *args, **kwargs):
        return None


class Expected:
    """The row is unknown, open, gone or closed; the token fresh, used, or dead."""

    def __init__(self):
        self.row = "unknown"
        self.token = "fresh"
        self.is_active = True

    def connect(self):
        if self.token == "dead" or not self.is_active:
            return 400
        if self.token == "used":
            return 200 if self.row == "open" else 400
        if self.row != "unknown":  # the disconnect has come first
            return 400
        self.row, self.token = "open", "used"
        return 200

    def message(self):
        if self.row not in {"open", "gone"}:
            return 400
        self.row = "open" if self.is_active else "closed"
        return 200 if self.is_active else 400

    def disconnect(self):
        self.row = "closed"
        return 200

    def gone(self):
        if self.row == "open":
            self.row = "gone"

    def end_login(self):
        if self.row in {"open", "gone"}:
            self.row = "closed"

    def log_out(self):
        self.end_login()
        # One that is used tells a repetition of its connect from any other.
        if self.token == "fresh":
            self.token = "dead"

    def deactivate(self):
        self.is_active = False
        self.end_login()

    def deactivate_by_update(self):
        self.is_active = False

    def clean_up(self):
        if self.row == "open" and not self.is_active:
            self.row = "closed"

    def a_minute_passes(self):
        self.token = "dead"


class Client:
    """The same events, to the site."""

    def __init__(self, gateway, clock):
        number = next(numbers)
        self.gateway, self.clock = gateway, clock
        self.connection_id = f"history-{number}="
        self.user = User.objects.create(username=f"history-{number}")
        self.browser = logged_in(self.user)
        self.token = token_for(self.user, self.browser)

    @property
    def rows(self):
        return WebSocketSession.objects.filter(connection_id=self.connection_id)

    def connect(self):
        return connect_with_token(self.gateway, self.connection_id, token=self.token)

    def message(self):
        return self.gateway.message({"handler": "silent"}, self.connection_id)

    def disconnect(self):
        return self.gateway.disconnect(self.connection_id)

    def gone(self):
        self.rows.close_as_gone(list(self.rows.values_list("pk", flat=True)))

    def log_out(self):
        self.browser.logout()

    def deactivate(self):
        self.user.is_active = False
        self.user.save()

    def deactivate_by_update(self):
        User.objects.filter(pk=self.user.pk).update(is_active=False)

    def clean_up(self):
        clean_up()

    def a_minute_passes(self):
        self.clock.advance(61)


EVENTS = [
    "connect",
    "message",
    "disconnect",
    "gone",
    "log_out",
    "deactivate",
    "deactivate_by_update",
    "clean_up",
    "a_minute_passes",
]
# Those that a life is mostly made of come more often.
HISTORIES = st.lists(st.sampled_from([*EVENTS, "connect", "connect", "message"]))


@pytest.mark.django_db(transaction=True)
@given(HISTORIES)
@hypothesis_settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_session_is_what_its_history_allows(serve, transport, monkeypatch, history):
    client = Client(serve(SilentView), Clock(monkeypatch))
    expected = Expected()

    for event in history:
        response = getattr(client, event)()
        status = getattr(expected, event)()

        assert getattr(response, "status_code", None) == status
        assert state_of(client.connection_id) == expected.row

    assert transport.hung_up.count(client.connection_id) <= 1

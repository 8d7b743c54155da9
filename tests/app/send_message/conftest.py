import pytest

from tests.app.logins import user_named

from .command import Run


@pytest.fixture
def run():
    return Run()


@pytest.fixture
def lobby(make_session):
    """Alice has two windows, Bob has one; somebody else is in the kitchen."""
    alice, bob = user_named("alice"), user_named("bob")
    make_session("alice=", user=alice)
    make_session("window=", user=alice)
    make_session("bob=", user=bob)
    make_session("cook=", channel_name="kitchen")
    make_session("left=", user=alice, connected=False, closed_reason="disconnect")


@pytest.fixture
def use(settings):
    """Send by another transport, a class of the test's module."""

    def use(transport):
        path = f"{transport.__module__}.{transport.__name__}"
        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "transport": path}

    return use

"""A project's own limits, by attempts that it records itself."""

import math
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser

from django_aws_api_gateway_websockets.models import ConnectionRateLimit
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.clocks import Clock

pytestmark = pytest.mark.django_db

HOME, OFFICE = "203.0.113.50", "2001:db8::1"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def alice():
    return get_user_model().objects.create_user("alice", password="secret")


def record(number=1, ip_address=HOME, **options):
    for _ in range(number):
        attempt = ConnectionRateLimit.record_attempt(ip_address, **options)
    return attempt


def test_an_attempt_is_recorded_with_its_user(alice):
    attempt = record(user=alice, successful=True)

    assert list(alice.connection_attempts.all()) == [attempt]
    assert attempt.ip_address == HOME
    assert attempt.successful


def test_an_attempt_of_anybody_has_no_user():
    assert record(user=AnonymousUser()).user is None
    assert record().user is None
    assert not record().successful


def test_so_many_attempts_of_an_address_are_allowed():
    record(19)
    assert ConnectionRateLimit.check_rate_limit(HOME) == (True, 19)

    record()
    assert ConnectionRateLimit.check_rate_limit(HOME) == (False, 20)
    assert ConnectionRateLimit.check_rate_limit(OFFICE) == (True, 0)


def test_attempts_of_a_user_count_from_all_addresses(alice):
    record(3, user=alice)
    record(2, OFFICE, user=alice)
    record(1, OFFICE)

    def check(ip_address, user):
        return ConnectionRateLimit.check_rate_limit(ip_address, user, max_attempts=5)

    assert check("192.0.2.1", alice) == (False, 5)
    assert check("192.0.2.1", AnonymousUser()) == (True, 0)
    assert check(OFFICE, None) == (True, 3)


def test_attempts_count_for_a_window(clock):
    record(20)

    clock.advance(5 * 60 - 1)
    assert ConnectionRateLimit.check_rate_limit(HOME) == (False, 20)
    clock.advance(1)
    assert ConnectionRateLimit.check_rate_limit(HOME) == (True, 0)
    assert ConnectionRateLimit.check_rate_limit(HOME, window_minutes=6) == (False, 20)


def test_old_records_are_deleted_and_counted(clock):
    record(2)
    clock.advance(timedelta(days=7).total_seconds())
    assert ConnectionRateLimit.cleanup_old_records() == 0

    clock.advance(1)
    recent = record()

    assert ConnectionRateLimit.cleanup_old_records() == 2
    assert ConnectionRateLimit.objects.get() == recent
    clock.advance(timedelta(days=1).total_seconds() + 1)
    assert ConnectionRateLimit.cleanup_old_records(days=1) == 1


@pytest.mark.parametrize(
    "days", [-1, 0, 36_501, 10**9, math.nan, math.inf, "7", None, True]
)
def test_an_age_that_is_none_is_an_error_and_deletes_nothing(clock, days):
    record()
    clock.advance(timedelta(days=400).total_seconds())

    with pytest.raises(
        ValueError, match=f"days is {days!r}: it has to be above 0, and 36500"
    ):
        ConnectionRateLimit.cleanup_old_records(days=days)
    assert ConnectionRateLimit.objects.exists()


def test_admission_records_none(serve):
    gateway = serve(WebSocketView)
    for _ in range(25):
        gateway.connect()

    assert not ConnectionRateLimit.objects.exists()

"""What a slot costs, and what comes of it when the database refuses."""

import pytest
from django.db import OperationalError, connection

from django_aws_api_gateway_websockets.models import RateLimit, RateLimitBucket
from tests.app.clocks import Clock

pytestmark = pytest.mark.django_db(transaction=True)

THREE_A_MINUTE = RateLimit(limit=3, window=60)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture(autouse=True)
def held(clock):
    """Each test takes its slots at one moment."""


def take():
    return RateLimitBucket.objects.take_slot("alice", THREE_A_MINUTE)


class SerializationFailure(Exception):
    sqlstate = "40001"


def failing(verb, *, times, cause=None):
    """The first statements with this verb fail."""
    left = [cause] * times

    def execute(execute, sql, *arguments):
        if sql.startswith(verb) and left:
            raise OperationalError("told to") from left.pop()
        return execute(sql, *arguments)

    return connection.execute_wrapper(execute)


class TestStatements:
    def test_a_slot_of_a_known_key_is_one_update(self, django_assert_num_queries):
        take()

        with django_assert_num_queries(1) as captured:
            assert take() == 0
        assert captured[0]["sql"].startswith("UPDATE")

    def test_a_new_key_takes_three(self, django_assert_num_queries):
        with django_assert_num_queries(3):
            take()

    def test_a_refusal_takes_two_however_many_there_were(
        self, django_assert_num_queries
    ):
        for _ in range(100):
            take()

        with django_assert_num_queries(2):
            assert take()
        assert RateLimitBucket.objects.count() == 1


class TestConflicts:
    @pytest.mark.parametrize("verb", ["UPDATE", "SELECT", "INSERT"])
    def test_after_two_the_decision_is_right(self, verb):
        with failing(verb, times=2, cause=SerializationFailure()):
            taken = [take() for _ in range(4)]

        assert taken == [0, 0, 0, 20]

    # In each of three tries the UPDATE is sent five times.
    @pytest.mark.parametrize(
        ("verb", "times"), [("UPDATE", 15), ("SELECT", 3), ("INSERT", 3)]
    )
    def test_after_three_tries_there_is_no_slot(self, verb, times):
        with failing(verb, times=times, cause=SerializationFailure()):
            assert take() == 20
        assert not RateLimitBucket.objects.exists()

        assert [take() for _ in range(4)] == [0, 0, 0, 20]

    def test_any_other_failure_is_an_error(self):
        with failing("UPDATE", times=1), pytest.raises(OperationalError):
            take()

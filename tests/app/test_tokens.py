"""A token is good for one connection, for a while, as long as its login holds."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from django_aws_api_gateway_websockets.models import ClosedReason, WebSocketToken
from tests.app.logins import token_for, user_named
from tests.app.old_rows import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at(monkeypatch, clock):
    """Move the clock to so many seconds after the token was made."""

    def at(seconds):
        now = NOW + timedelta(seconds=seconds)
        monkeypatch.setattr(timezone, "now", lambda: now)

    return at


def user_of(value, session_key=None, **options):
    return WebSocketToken.validate_and_consume(value, session_key, **options)


class TestGenerateToken:
    def test_returns_the_value_and_stores_a_hash_of_it(self):
        token = WebSocketToken.generate_token(user_named(), "a-session-key")

        row = WebSocketToken.objects.values().get()
        assert len(token.token) == 64
        assert token.token not in str(row)
        assert "a-session-key" not in str(row)

    def test_stores_no_value_when_the_instance_is_saved_again(self):
        token = WebSocketToken.generate_token(user_named(), None)
        before = WebSocketToken.objects.values().get()

        token.save()

        assert WebSocketToken.objects.values().get() == before
        assert user_of(token.token) == user_named()

    def test_does_not_tell_the_value_in_passing(self):
        token = WebSocketToken.generate_token(user_named(), None)

        assert token.token not in f"{token} {token!r} {vars(token)}"

    def test_makes_what_cannot_be_found_by_the_hash(self):
        WebSocketToken.generate_token(user_named(), None)
        stored = WebSocketToken.objects.values_list("token", flat=True).get()

        assert user_of(stored) is None


class TestValidateAndConsume:
    def test_gives_the_user_once(self):
        value = token_for()

        assert user_of(value) == user_named()
        assert user_of(value) is None

    def test_asks_for_the_session_of_the_token(self):
        value = WebSocketToken.generate_token(user_named(), "mine").token

        assert user_of(value, "another's") is None
        assert user_of(value, "mine") == user_named()

    def test_asks_for_no_session_where_none_is_given(self):
        value = WebSocketToken.generate_token(user_named(), "mine").token

        assert user_of(value, None) == user_named()

    def test_refuses_a_token_of_a_deleted_user(self):
        value = token_for()
        User.objects.all().delete()

        assert user_of(value) is None

    def test_refuses_a_token_that_was_revoked(self):
        value = token_for()
        WebSocketToken.objects.all().revoke(ClosedReason.LOGOUT)

        assert user_of(value) is None

    @pytest.mark.parametrize(
        "malformed",
        [None, "", "\0", "\0" * 64, "0" * 63, "0" * 65, "A" * 64, "0" * 64 + "\n",
         "é" * 64, "\u0660" * 64, "\ud800" * 64, "0" * 10_240, "'" * 64],
    )  # fmt: skip
    def test_looks_for_nothing_that_is_no_token(
        self, django_assert_num_queries, malformed
    ):
        with django_assert_num_queries(0):
            assert user_of(malformed) is None

    def test_refuses_a_token_in_upper_case(self):
        assert user_of(token_for().upper()) is None


class TestExpiry:
    def test_comes_after_sixty_seconds(self, at):
        old, new = token_for(), token_for()

        at(60)
        assert user_of(new) == user_named()
        at(60.001)
        assert user_of(old) is None

    def test_comes_when_the_caller_says(self, at):
        value = token_for()
        at(61)

        assert user_of(value, max_age_seconds=60) is None
        assert user_of(value, max_age_seconds=90) == user_named()

    def test_a_clock_that_was_set_back_a_little_does_no_harm(self, at):
        value = token_for()
        at(-59)

        assert user_of(value) == user_named()

    def test_a_clock_that_was_set_back_far_does_not_prolong_a_token(self, at):
        value = token_for()
        at(-61)

        assert user_of(value) is None


class TestCleanupExpired:
    def test_deletes_what_is_older_and_tells_how_many(self, at):
        token_for()
        at(300)
        young = WebSocketToken.generate_token(user_named(), None)

        assert WebSocketToken.cleanup_expired() == 0
        at(300.001)
        assert WebSocketToken.cleanup_expired() == 1
        assert WebSocketToken.objects.get() == young

    def test_deletes_used_ones_as_well(self, at):
        user_of(token_for())
        at(301)

        assert WebSocketToken.cleanup_expired() == 1

    @pytest.mark.parametrize("age", [-1, 0, 10**12, float("nan")])
    def test_takes_no_age_that_is_none(self, at, age):
        token_for()
        at(10**6)

        with pytest.raises(ValueError, match=f"max_age_seconds is {age}: it has to be"):
            WebSocketToken.cleanup_expired(max_age_seconds=age)
        assert WebSocketToken.objects.count() == 1

    def test_deletes_none_that_still_opens_a_connection(self, at, settings):
        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "token_expiry_seconds": 900}
        token_for()

        at(900)
        assert WebSocketToken.cleanup_expired() == 0
        assert WebSocketToken.cleanup_expired(max_age_seconds=1) == 0
        at(901)
        assert WebSocketToken.cleanup_expired(max_age_seconds=1) == 1


class TestCheckRateLimit:
    def test_counts_the_tokens_of_the_user_in_the_last_minute(self, at):
        alice = user_named()
        for _ in range(10):
            token_for(user_named("bob"))
        for _ in range(9):
            token_for(alice)

        assert WebSocketToken.check_rate_limit(alice)
        token_for(alice)
        assert not WebSocketToken.check_rate_limit(alice)
        assert WebSocketToken.check_rate_limit(alice, max_tokens_per_minute=11)
        at(61)
        assert WebSocketToken.check_rate_limit(alice)

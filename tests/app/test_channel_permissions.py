"""Whom the permission of a channel admits."""

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User

from django_aws_api_gateway_websockets.models import ChannelAccess, ChannelPermission

pytestmark = pytest.mark.django_db

EVERYBODY = ("anonymous", "user", "staff", "superuser", "inactive")


def who(name):
    """Somebody of each kind; the inactive one was a superuser once."""
    if name == "anonymous":
        return AnonymousUser()
    return User.objects.create(
        username=name,
        is_active=name != "inactive",
        is_staff=name in {"staff", "superuser", "inactive"},
        is_superuser=name in {"superuser", "inactive"},
    )


def reloaded(user):
    """Django keeps a user's permissions on the object."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def closed_channel():
    """A channel whose permission has the rules that are given, as lists of codenames."""

    def closed_channel(*rules):
        channel = ChannelPermission.objects.create(
            channel_name="editors", access=ChannelAccess.PERMISSIONS
        )
        for codenames in rules:
            rule = channel.rules.create()
            rule.permissions.set(Permission.objects.filter(codename__in=codenames))
        return channel

    return closed_channel


class TestAChannelPermission:
    @pytest.mark.parametrize(
        ("access", "admitted"),
        [
            (ChannelAccess.ALLOW_ALL, set(EVERYBODY)),
            (ChannelAccess.STAFF_ONLY, {"staff", "superuser"}),
            (ChannelAccess.SUPERUSER_ONLY, {"superuser"}),
            (ChannelAccess.PERMISSIONS, {"superuser"}),
        ],
    )
    def test_has_four_levels(self, closed_channel, access, admitted):
        channel = closed_channel(["view_user"])
        channel.access = access

        assert {name for name in EVERYBODY if channel.allows(who(name))} == admitted

    def test_of_a_level_that_is_none_admits_nobody(self):
        channel = ChannelPermission(channel_name="lobby", access="allow-all")

        assert not any(channel.allows(who(name)) for name in EVERYBODY)

    def test_needs_all_permissions_of_a_rule(self, closed_channel):
        channel = closed_channel(["add_user", "change_user"])
        user = who("user")

        user.user_permissions.add(Permission.objects.get(codename="add_user"))
        assert not channel.allows(reloaded(user))

        user.user_permissions.add(Permission.objects.get(codename="change_user"))
        assert channel.allows(reloaded(user))

    def test_needs_only_one_of_the_rules(self, closed_channel):
        channel = closed_channel(["add_user", "change_user"], ["view_user"])
        user = who("user")
        user.user_permissions.add(Permission.objects.get(codename="view_user"))

        assert channel.allows(reloaded(user))
        satisfied = [rule.is_satisfied_by(reloaded(user)) for rule in channel.rules.order_by("pk")]  # fmt: skip
        assert satisfied == [False, True]

    @pytest.mark.parametrize("rules", [(), ([],), ([], [])])
    def test_without_a_permission_in_a_rule_admits_nobody(self, closed_channel, rules):
        channel = closed_channel(*rules)

        for name in EVERYBODY:
            user = who(name)
            assert not channel.allows(user)
            assert not any(rule.is_satisfied_by(user) for rule in channel.rules.all())

    def test_is_found_by_the_exact_name(self):
        lobby = ChannelPermission.objects.create(channel_name="lobby")

        assert ChannelPermission.for_channel("lobby") == lobby
        assert ChannelPermission.for_channel("lobb") is None

    def test_reads_all_its_rules_in_one_statement(
        self, closed_channel, django_assert_num_queries
    ):
        channel = closed_channel(["add_user"], ["view_user"])
        user = who("user")

        # All rules, and Django's two of a user's own permissions and the groups'.
        with django_assert_num_queries(3):
            channel.allows(user)

"""Channel permissions in the admin, with their rules on the same page."""

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType

from django_aws_api_gateway_websockets.models import ChannelPermission

CHANNELS = "/admin/django_aws_api_gateway_websockets/channelpermission/"
SEARCH = f"{CHANNELS}permissions/"

pytestmark = pytest.mark.django_db


def permission(codename):
    return Permission.objects.get(codename=codename)


def form(*rules, before=()):
    """What the page posts: the permissions of each rule."""
    fields = {
        "channel_name": "editors",
        "access": "permissions",
        "description": "",
        "rules-TOTAL_FORMS": len(rules),
        "rules-INITIAL_FORMS": len(before),
    }
    for number, codenames in enumerate(rules):
        fields[f"rules-{number}-permissions"] = [
            permission(codename).pk for codename in codenames
        ]
    return fields


def test_makes_a_channels_permission_with_its_rules(staff):
    answer = staff.post(
        f"{CHANNELS}add/",
        form(["add_user", "change_user"], ["view_user"]),
        secure=True,
    )

    assert answer.status_code == 302
    channel = ChannelPermission.for_channel("editors")
    assert sorted(map(sorted, channel.permissions_by_rule())) == [
        ["auth.add_user", "auth.change_user"],
        ["auth.view_user"],
    ]


def test_lists_and_shows_it(staff):
    staff.post(f"{CHANNELS}add/", form(["view_user"]), secure=True)
    channel = ChannelPermission.objects.get()

    listed = staff.get(CHANNELS, secure=True).content.decode()
    shown = staff.get(f"{CHANNELS}{channel.pk}/change/", secure=True).content.decode()

    assert "Whoever satisfies one of the rules" in listed
    assert "Can view user" in shown
    assert "Can delete user" not in shown  # only what is chosen; the rest by search


def test_many_permissions_do_not_make_a_large_page(staff):
    content_type = ContentType.objects.get_for_model(User)
    Permission.objects.bulk_create(
        Permission(codename=f"may_{n}", name=f"May {n}", content_type=content_type)
        for n in range(2_000)
    )

    assert len(staff.get(f"{CHANNELS}add/", secure=True).content) < 50_000
    assert len(staff.get(SEARCH, secure=True).json()["results"]) == 20


def test_finds_a_permission_by_a_word_of_it(staff):
    found = staff.get(SEARCH, {"term": "view_user"}, secure=True).json()["results"]

    view_user = permission("view_user")
    assert found == [{"id": str(view_user.pk), "text": str(view_user)}]


@pytest.mark.parametrize(
    ("granted", "status"),
    [
        ("view_user", 403),
        ("view_channelpermissionrule", 403),
        ("change_channelpermissionrule", 200),
    ],
)
def test_only_who_may_change_rules_finds_permissions(client, granted, status):
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.add(permission(granted))
    client.force_login(user)

    answer = client.get(SEARCH, secure=True, SERVER_NAME="site.example")

    assert answer.status_code == status


def test_strangers_find_none(client):
    answer = client.get(SEARCH, secure=True, SERVER_NAME="site.example")

    assert answer.status_code == 302


@pytest.mark.parametrize("term", ["\0", "view\0user"])
def test_finds_no_permission_with_a_nul(staff, term):
    answer = staff.get(SEARCH, {"term": term}, secure=True)

    assert answer.json() == {"results": [], "pagination": {"more": False}}

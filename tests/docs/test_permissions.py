"""docs/howto/permissions.md, done as it is printed."""

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from django_aws_api_gateway_websockets.models import ChannelAccess, ChannelPermission
from tests.app.echo import PublicView, refusal
from tests.app.logins import connect_with_token, user_named
from tests.docs.pages import blocks, table
from tests.docs.python_blocks import run
from tests.gateway import ALICE, BOB, session

PAGE = "docs/howto/permissions.md"

pytestmark = pytest.mark.django_db


def printed() -> list[Any]:
    """The messages on the page, in their order."""
    return [
        json.loads(block.text) for block in blocks(PAGE) if block.language == "json"
    ]


def view(name: str, **attributes: Any) -> Any:
    return type(name, (run(PAGE, containing=f"class {name}(")[name],), attributes)


def alice_with(*codenames: str) -> User:
    alice = user_named("alice")
    alice.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return User.objects.get(pk=alice.pk)


def test_the_levels_are_those_that_there_are() -> None:
    levels = [row[0] for row in table(PAGE, "access")]

    assert sorted(levels) == sorted(ChannelAccess.values)


def test_the_staff_room_is_for_staff(serve) -> None:
    run(PAGE, containing='access="staff_only"')
    gateway = serve(view("RoomsView", RATE_LIMIT_ENABLED=False))
    staff = User.objects.create(username="staff", is_staff=True)

    answer = connect_with_token(gateway, channel="staff-room")
    assert refusal(answer) == (403, "Permission Denied")
    answer = connect_with_token(gateway, user=staff, channel="staff-room")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("codenames", "allowed"),
    [
        ((), False),
        (("add_user",), False),
        (("add_user", "change_user"), True),
        (("delete_user",), True),
    ],
)
def test_one_rule_is_enough(codenames: tuple[str, ...], allowed: bool) -> None:
    channel = run(PAGE, containing="rule.permissions.set")["channel"]

    assert channel.allows(alice_with(*codenames)) is allowed


def test_without_a_rule_not_even_superusers_get_in() -> None:
    channel = ChannelPermission.objects.create(
        channel_name="empty", access="permissions"
    )
    channel.rules.create()

    assert not channel.allows(User(is_superuser=True, is_active=True))


def test_unlisted_channels_can_be_closed(serve) -> None:
    gateway = serve(view("ListedRoomsView"))
    assert connect_with_token(gateway, channel="default").status_code == 403

    ChannelPermission.objects.create(channel_name="default")

    assert connect_with_token(gateway, channel="default").status_code == 200


def test_a_users_own_channel_is_the_users(serve) -> None:
    gateway = serve(view("RoomsView"))
    alice, bob = user_named("alice"), user_named("bob")

    channels = [
        f"user-{alice.pk}",
        f"user-{bob.pk}",
        f"User-{bob.pk}",
        f"USER-{alice.pk}",
        "lobby",
    ]

    statuses = [
        connect_with_token(gateway, f"{n}=", user=alice, channel=channel).status_code
        for n, channel in enumerate(channels)
    ]

    assert statuses == [200, 403, 403, 403, 200]


@pytest.mark.django_db(transaction=True)  # messages go out
def test_what_is_for_a_user_reaches_no_other(serve, transport) -> None:
    gateway = serve(view("RoomsView"))
    alice, bob = user_named("alice"), user_named("bob")
    for connection_id, user in ((ALICE, alice), (BOB, bob)):
        channel = f"user-{user.pk}"
        connect_with_token(gateway, connection_id, user=user, channel=channel)

    run(PAGE, containing="def tell(")["tell"](alice, "lunch")

    assert transport.messages_to(ALICE) == [{"type": "notice", "text": "lunch"}]
    assert transport.messages_to(BOB) == []


def test_another_spelling_of_a_listed_channel_is_not_open(serve) -> None:
    run(PAGE, containing='access="staff_only"')
    gateway = serve(view("ListedRoomsView"))

    for channel in ("staff-room", "Staff-Room"):
        answer = connect_with_token(gateway, channel=channel)
        assert refusal(answer) == (403, "Permission Denied")


def test_the_page_lists_what_its_visitor_may_join(rf) -> None:
    run(PAGE, containing='access="staff_only"')
    ChannelPermission.objects.create(channel_name="lobby")

    def rooms(user: User) -> list[str]:
        request = rf.get("/")
        request.user = user
        page = run(PAGE, containing="class RoomsPage")["RoomsPage"]
        context: dict[str, Any] = page.as_view()(request).context_data
        return context["rooms"]

    assert rooms(user_named()) == ["lobby"]
    assert rooms(User(is_staff=True)) == ["lobby", "staff-room"]


@pytest.mark.django_db(transaction=True)  # messages go out
def test_a_client_changes_its_channel_or_is_told_why_not(serve, transport) -> None:
    message, reply, error, _ = printed()
    gateway = serve(PublicView)
    gateway.connect(query="channel=lobby")

    run(PAGE, containing='access="staff_only"')
    gateway.message(message)
    ChannelPermission.objects.update(access="allow_all")
    gateway.message(message)

    assert transport.messages_to(ALICE) == [error, reply]
    assert session().channel_name == "staff-room"


def test_nobody_moves_where_it_is_refused(serve) -> None:
    gateway = serve(view("SettledView"))
    connect_with_token(gateway)

    assert refusal(gateway.message(printed()[0])) == (403, "Permission Denied")


@pytest.mark.parametrize("codename", ["add_user", "change_user", "view_user"])
@pytest.mark.django_db(transaction=True)  # messages go out
def test_any_of_the_permissions_is_enough_for_messages(
    serve, transport, codename: str
) -> None:
    gateway = serve(view("EditorsView"))
    connect_with_token(gateway, user=alice_with(codename))

    answer = gateway.message({"handler": "rename"})

    if codename == "view_user":
        assert answer.status_code == 403
    else:
        assert transport.messages_to(ALICE)[0]["data"] == {"renamed_by": "alice"}
    assert gateway.message({"handler": "ping"}).status_code == 200


def test_connects_can_need_them_as_well(serve) -> None:
    gateway = serve(view("EditorsView", CHECK_PERMISSIONS_ON_CONNECT=True))

    assert connect_with_token(gateway, user=alice_with()).status_code == 403


@pytest.mark.django_db(transaction=True)  # messages go out
def test_those_in_a_channel_are_hung_up_on(serve, transport) -> None:
    gateway = serve(PublicView)
    gateway.connect(ALICE, query="channel=staff-room")
    gateway.connect(BOB, query="channel=lobby")

    run(PAGE, containing="in_the_room.disconnect")

    assert transport.messages_to(ALICE) == [printed()[-1]]
    assert transport.messages_to(BOB) == []
    assert not session(ALICE).connected
    assert session(BOB).connected


def test_the_log_says_why(serve, caplog) -> None:
    (line,) = [block.text.strip() for block in blocks(PAGE) if block.language == "text"]
    run(PAGE, containing='access="staff_only"')

    serve(PublicView).connect(query="channel=staff-room")

    [record] = caplog.records
    written = f"{record.levelname} {record.name} {record.getMessage()}"
    number = r"=\d+(\.\d+)?"
    assert re.sub(number, "=N", written) == re.sub(number, "=N", line)

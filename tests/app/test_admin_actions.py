"""Staff sends to the sessions that are selected, or hangs up on them; all is recorded."""

import json
from urllib.parse import urlencode

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connections
from django.test import Client

from django_aws_api_gateway_websockets.admin import audit, large_tables
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import Broadcast, WebSocketSession
from tests.large_broadcasts import use_queue

SESSIONS = "/admin/django_aws_api_gateway_websockets/websocketsession/"
HISTORY = f"{SESSIONS}history/"
NOTICE = {"type": "notice", "text": "Café at <noon>"}
SEND, HANG_UP = "send_to_selected", "hang_up_selected"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(admin_client):
    admin_client.defaults |= {"SERVER_NAME": "site.example"}
    return admin_client


def clerk_with(*codenames):
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client(SERVER_NAME="site.example")
    client.force_login(user)
    return client


def choose(client, action, sessions, *, across=False, where=None, **fields):
    """What the list posts, or the page after it."""
    data = {
        "action": action,
        "_selected_action": [session.pk for session in sessions],
        "select_across": "1" if across else "0",
        **fields,
    }
    url = f"{SESSIONS}?{urlencode(where or {})}"
    return client.post(url, data, secure=True)


def send(client, sessions, message=NOTICE, **options):
    text = message if isinstance(message, str) else json.dumps(message)
    return choose(client, SEND, sessions, message=text, **options)


def hang_up(client, sessions, **options):
    return choose(client, HANG_UP, sessions, confirmed="yes", **options)


def lines(answer):
    return {line.outcome: line.sessions for line in answer.context["lines"]}


def entries():
    rows = LogEntry.objects.order_by("pk")
    return [(row.object_repr, row.get_change_message()) for row in rows]


@pytest.fixture
def sessions(make_session):
    return [make_session(f"{name}=") for name in ("alice", "bob", "carol")]


class TestSending:
    def test_asks_for_the_message_first(self, staff, sessions, transport):
        answer = choose(staff, SEND, sessions[:2], index="0")

        page = answer.content.decode()
        assert "You have selected 2 sessions; 2 are open." in page
        for session in sessions[:2]:
            assert f'name="_selected_action" value="{session.pk}"' in page
        assert f'name="action" value="{SEND}"' in page
        assert "csrfmiddlewaretoken" in page
        assert transport.posts == []
        assert entries() == []

    def test_reaches_the_selected_and_nobody_else(self, staff, sessions, transport):
        answer = send(staff, sessions[:2])

        assert lines(answer) == {"sent": 2}
        assert [transport.messages_to(f"{n}=") for n in ("alice", "bob", "carol")] == [
            [NOTICE],
            [NOTICE],
            [],
        ]

    def test_shows_each_outcome_with_reasons(self, staff, make_session, transport):
        outcomes = (
            *(Outcome.SENT, Outcome.GONE, Outcome.CONNECTING),
            *(Outcome.THROTTLED, Outcome.FAILED),
        )
        sessions = [make_session(f"{outcome.value}=") for outcome in outcomes]
        sessions.append(make_session("closed=", connected=False))
        for outcome in outcomes:
            transport.answer(f"{outcome.value}=", outcome)
        made_now = make_session("connecting2=", age=0)
        transport.answer("connecting2=", Outcome.GONE)
        transport.answer("connecting=", Outcome.SENT)

        answer = send(staff, [*sessions, made_now])

        assert lines(answer) == {
            "sent": 2, "gone": 1, "connecting": 1, "throttled": 1, "failed": 1,
            "not open": 1,
        }  # fmt: skip
        page = answer.content.decode()
        assert {each.connection_id for each in answer.context["failures"]} == {
            "throttled=",
            "failed=",
        }
        assert "told to" in page

    def test_a_session_that_was_closed_meanwhile_is_said_to_be(
        self, staff, sessions, transport
    ):
        choose(staff, SEND, sessions, index="0")
        WebSocketSession.objects.all().disconnect()

        answer = send(staff, sessions)

        assert lines(answer) == {"not open": 3}
        assert transport.messages_to("alice=") == [
            {"type": "goodbye", "reason": "staff", "reconnect": False}
        ]

    def test_reaches_all_that_are_found_over_all_pages(
        self, staff, make_session, transport
    ):
        for number in range(150):
            make_session(f"{number}=")
        make_session("elsewhere=", channel_name="kitchen")
        first = WebSocketSession.objects.first()
        where = {"channel_name": "lobby"}

        page = choose(staff, SEND, [first], across=True, where=where, index="0")
        answer = send(staff, [first], across=True, where=where)

        assert "You have selected 150 sessions" in page.content.decode()
        assert 'name="select_across" value="1"' in page.content.decode()
        assert lines(answer) == {"sent": 150}
        assert transport.messages_to("elsewhere=") == []

    def test_says_more_than_where_they_are_too_many_to_be_counted(
        self, staff, sessions, transport, monkeypatch
    ):
        for module in (audit, large_tables):
            monkeypatch.setattr(module, "MOST_COUNTED", 2)
        monkeypatch.setattr(audit, "MOST_NAMED", 2)

        answer = send(staff, sessions[:1], across=True)

        assert lines(answer) == {"sent": 3}
        assert "more than 2 sessions" in answer.content.decode()
        assert entries()[0][0] == "more than 2 sessions"

    def test_leads_to_the_broadcast_where_a_queue_delivers(
        self, staff, make_session, transport, queues
    ):
        sessions = [make_session(f"{number}=") for number in range(12)]

        answer = send(staff, sessions)

        broadcast = Broadcast.objects.get()
        assert lines(answer) == {"queued": 12}
        url = f"/admin/django_aws_api_gateway_websockets/broadcast/{broadcast.pk}/"
        assert f'href="{url}change/"' in answer.content.decode()
        assert entries()[0][1].endswith(f"12 queued, broadcast {broadcast.pk}")

    def test_says_that_the_queue_did_not_take_it(
        self, staff, make_session, settings, queues
    ):
        use_queue(settings, f"{queues.url}-nowhere")
        sessions = [make_session(f"{number}=") for number in range(12)]

        answer = send(staff, sessions)

        page = answer.content.decode()
        assert "redrive_broadcasts" in page
        assert f"broadcast/{Broadcast.objects.get().pk}/change/" in page
        assert "failed: 0 of the 12" in entries()[0][1]

    def test_says_that_nothing_can_be_sent_at_all(
        self, staff, sessions, broken_transport
    ):
        answer = send(staff, sessions[:1])

        assert answer.status_code == 200
        assert "There is no key" in answer.content.decode()
        assert entries()[0][1].endswith("in the setting AWS_IAM_PROFILE")

    def test_tells_the_outcome_with_atomic_requests_too(
        self, staff, sessions, transport, monkeypatch
    ):
        for alias in connections:
            monkeypatch.setitem(
                connections[alias].settings_dict, "ATOMIC_REQUESTS", True
            )

        assert lines(send(staff, sessions)) == {"sent": 3}


class TestBadMessages:
    @pytest.mark.parametrize(
        ("message", "said"),
        [
            ("", "This field is required"),
            ("{", "line 1 column 2"),
            ("[1]", "A message is a JSON object"),
            ('"text"', "A message is a JSON object"),
            ('{"a": NaN}', "NaN is not JSON"),
            ('{"a": -Infinity}', "-Infinity is not JSON"),
            ('{"a": 1e999}', "not JSON compliant"),
            ('{"a": ' + "9" * 5_000 + "}", "This is not JSON"),
            ('{"a":' * 100_000, "nested too deep"),
            ('{"a": "\0"}', "Null characters are not allowed"),
            (json.dumps({"a": "x" * 131_072}), "more than 131072"),
        ],
    )
    def test_are_refused_with_what_is_wrong(
        self, staff, sessions, transport, message, said
    ):
        answer = send(staff, sessions, message)

        page = answer.content.decode()
        assert answer.status_code == 200
        assert said in page
        assert f'name="_selected_action" value="{sessions[0].pk}"' in page
        assert transport.posts == []
        assert entries() == []

    def test_half_a_surrogate_is_no_error(self, staff, sessions, transport):
        assert lines(send(staff, sessions[:1], '{"a": "\\ud800"}')) == {"sent": 1}


class TestHangingUp:
    def test_asks_first(self, staff, sessions, transport):
        answer = choose(staff, HANG_UP, sessions, index="0")

        assert "You have selected 3 sessions; 3 are open." in answer.content.decode()
        assert transport.hung_up == []

    @pytest.mark.parametrize(("fields", "reconnect"), [({}, False), ({"reconnect": "on"}, True)])  # fmt: skip
    def test_says_goodbye_and_closes(
        self, staff, sessions, transport, fields, reconnect
    ):
        answer = hang_up(staff, sessions[:2], where={"q": ""}, **fields)

        goodbye = {"type": "goodbye", "reason": "staff", "reconnect": reconnect}
        assert transport.messages_to("alice=") == [goodbye]
        assert sorted(transport.hung_up) == ["alice=", "bob="]
        closed = WebSocketSession.objects.filter(closed_reason="staff")
        assert closed.filter(connected=False).count() == 2
        assert (answer.status_code, answer.url) == (302, f"{SESSIONS}?q=")
        page = staff.get(SESSIONS, secure=True).content.decode()
        assert "2 sessions were closed and hung up on." in page

    def test_of_many_pages(self, staff, make_session, transport):
        for number in range(150):
            make_session(f"{number}=")

        hang_up(staff, [WebSocketSession.objects.first()], across=True)

        assert len(transport.hung_up) == 150
        assert not WebSocketSession.objects.filter(connected=True).exists()

    def test_of_those_that_have_ended_says_so(self, staff, sessions, transport):
        WebSocketSession.objects.all().disconnect()

        hang_up(staff, sessions)

        page = staff.get(SESSIONS, secure=True).content.decode()
        assert "All of them had ended already." in page


class TestPermissions:
    @pytest.mark.parametrize("action", [SEND, HANG_UP])
    @pytest.mark.parametrize(
        "permission", ["view_websocketsession", "delete_websocketsession"]
    )
    def test_who_may_only_look_can_do_neither(
        self, sessions, transport, action, permission
    ):
        client = clerk_with("view_websocketsession", permission)
        fields = {"message": json.dumps(NOTICE), "confirmed": "yes"}

        page = client.get(SESSIONS, secure=True).content.decode()
        choose(client, action, sessions, **fields)

        assert action not in page
        assert (transport.posts, transport.hung_up, entries()) == ([], [], [])

    def test_who_may_change_sessions_can_and_the_rows_stay_read_only(
        self, sessions, transport
    ):
        client = clerk_with("change_websocketsession")
        url = f"{SESSIONS}{sessions[0].pk}/change/"

        assert lines(send(client, sessions)) == {"sent": 3}
        hang_up(client, sessions)
        assert len(transport.hung_up) == 3
        assert client.get(url, secure=True).status_code == 200
        assert client.post(url, {"connected": "on"}, secure=True).status_code == 403

    def test_strangers_and_users_are_sent_to_the_login(self, sessions, transport):
        user = Client(SERVER_NAME="site.example")
        user.force_login(User.objects.create_user("bob"))

        for client in (Client(SERVER_NAME="site.example"), user):
            assert send(client, sessions).status_code == 302
            assert client.get(HISTORY, secure=True).status_code == 302
        assert transport.posts == []

    def test_the_history_is_for_those_who_may_see_sessions(self):
        assert clerk_with("view_user").get(HISTORY, secure=True).status_code == 403

    def test_another_sites_form_does_nothing(self, sessions, transport):
        client = Client(SERVER_NAME="site.example", enforce_csrf_checks=True)
        client.force_login(User.objects.create_superuser("root"))

        assert send(client, sessions).status_code == 403
        assert hang_up(client, sessions).status_code == 403
        assert (transport.posts, transport.hung_up) == ([], [])


class TestForgedForms:
    @pytest.mark.parametrize("key", ["x", "", "-1", "\0", "9" * 30, "1 OR 1=1", "٣"])
    def test_with_keys_of_nothing_are_bad_requests(self, staff, transport, key):
        data = {"action": SEND, "_selected_action": key, "message": "{}"}

        assert staff.post(SESSIONS, data, secure=True).status_code == 400

    def test_with_keys_of_nobody_reach_nobody(self, staff, sessions, transport):
        nobody = WebSocketSession(pk=sessions[-1].pk + 1_000)

        assert "Nobody was there." in send(staff, [nobody]).content.decode()
        assert transport.posts == []

    @pytest.mark.parametrize("action", ["delete_selected", "disconnect", "", "\0"])
    def test_with_other_actions_do_nothing(self, staff, sessions, action):
        choose(staff, action, sessions, post="yes", index="0")

        assert WebSocketSession.objects.filter(connected=True).count() == 3

    @pytest.mark.parametrize("index", ["7", "x", "-5"])
    def test_with_another_index_do_not_fail(self, staff, sessions, transport, index):
        answer = send(staff, sessions, index=index)

        assert answer.status_code in (200, 302)


class TestHistory:
    def test_says_what_was_sent_with_which_outcome_by_whom(
        self, staff, sessions, transport
    ):
        transport.answer("bob=", Outcome.FAILED)

        send(staff, sessions)

        text = '{"type":"notice","text":"Café at <noon>"}'
        said = f"Message {text} to 3 sessions: 2 sent, 1 failed; 1 x told to"
        assert sorted(entries()) == [(f"{n}=", said) for n in ("alice", "bob", "carol")]
        url = f"{SESSIONS}{sessions[0].pk}/history/"
        for page in (staff.get(url, secure=True), staff.get(HISTORY, secure=True)):
            assert "2 sent, 1 failed" in page.content.decode()
            assert "Café at &lt;noon&gt;" in page.content.decode()
            assert "admin" in page.content.decode()

    def test_says_on_whom_was_hung_up(self, staff, sessions, transport):
        sessions[0].disconnect()

        hang_up(staff, sessions, reconnect="on")

        said = (
            "Hang up on 3 sessions (clients may connect again): 2 of them had not ended"
        )
        assert entries() == [(f"{n}=", said) for n in ("carol", "bob", "alice")]

    def test_has_one_entry_for_many(self, staff, make_session, transport):
        for number in range(101):
            make_session(f"{number}=")

        send(staff, [WebSocketSession.objects.first()], across=True)

        [(name, said)] = entries()
        assert name == "101 sessions"
        assert said.endswith("to 101 sessions: 101 sent")
        assert "101 sent" in staff.get(HISTORY, secure=True).content.decode()
        assert (
            "101 sent"
            not in staff.get(
                f"{SESSIONS}{WebSocketSession.objects.first().pk}/history/", secure=True
            ).content.decode()
        )
        assert "101 sessions" in staff.get("/admin/", secure=True).content.decode()

    def test_has_not_the_whole_of_a_long_message(self, staff, sessions, transport):
        send(staff, sessions[:1], {"text": "x" * 100_000})

        [(_, said)] = entries()
        assert len(said) < 600
        assert "…" in said

    def test_has_an_entry_whatever_happens(self, staff, sessions, monkeypatch):
        def breaks(*args, **kwargs):
            raise KeyboardInterrupt

        monkeypatch.setattr(
            WebSocketSession.objects._queryset_class, "send_message", breaks
        )

        with pytest.raises(KeyboardInterrupt):
            send(staff, sessions[:1])

        assert entries()[0][1].endswith("to 1 session: under way")

    def test_is_paged(self, staff, sessions, transport):
        for _ in range(34):
            send(staff, sessions)

        first = staff.get(HISTORY, secure=True).content.decode()
        second = staff.get(f"{HISTORY}?p=2", secure=True).content.decode()

        assert first.count("3 sent") == 100
        assert second.count("3 sent") == 2
        assert "102 entries" in second
        for page in ("x", "0", "9" * 30):
            url = f"{HISTORY}?p={page}"
            assert staff.get(url, secure=True).status_code == 200

    def test_is_empty_at_first(self, staff):
        assert "Nobody has sent" in staff.get(HISTORY, secure=True).content.decode()

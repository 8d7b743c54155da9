"""Whatever a queryset selects gets the message, each connection once."""

from collections import Counter

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import Count, F, Q, Value, Window
from django.db.models.functions import RowNumber, Upper
from django.test.utils import CaptureQueriesContext

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import (
    DEFERRED,
    ApiGateway,
    WebSocketSession,
    batches,
    pages,
)
from tests.app.lobby import GONE, HELLO, everybody

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ["a", "b", "c", "d", "e", "f", "g"]
PAGES = {"one page": 100, "pages of two": 2, "pages of one": 1}

sessions = WebSocketSession.objects


@pytest.fixture(params=PAGES)
def rows_in_a_page(request, monkeypatch):
    monkeypatch.setattr(pages, "ROWS_IN_A_PAGE", PAGES[request.param])
    monkeypatch.setattr(batches, "ROWS_AT_ONCE", PAGES[request.param])


@pytest.fixture
def lobby(make_session, django_user_model):
    """Seven of Alice and Bob, who share two groups; `g` is closed."""
    alice, bob = map(django_user_model.objects.create_user, ("alice", "bob"))
    for group in ("staff", "chess"):
        Group.objects.create(name=group).user_set.set([alice, bob])
    for name in NAMES:
        make_session(name, user=alice if name < "d" else bob)
    everybody().filter(connection_id="g").update(connected=False, closed_reason="age")


def named(*names):
    return everybody().filter(connection_id__in=names)


def by_name():
    return everybody().order_by("connection_id")


def first_of_each_user():
    place = Window(RowNumber(), partition_by="user", order_by="pk")
    return everybody().filter(connected=True).annotate(place=place).filter(place=1)


QUERYSETS = {
    "all": (lambda: sessions.all(), "abcdef"),
    "none": (lambda: everybody().none(), ""),
    "excluded": (lambda: everybody().exclude(connection_id="c"), "abdef"),
    "either": (lambda: everybody().filter(Q(pk__lt=0) | Q(connection_id="c")), "c"),
    "first of all": (lambda: by_name()[:3], "abc"),
    "in the middle": (lambda: by_name()[2:5], "cde"),
    "after some": (lambda: by_name()[4:], "ef"),
    "last ones, with a closed one": (lambda: by_name().reverse()[:3], "ef"),
    "an empty slice": (lambda: by_name()[3:3], ""),
    "a slice of none": (lambda: everybody().none()[:3], ""),
    "in order": (lambda: everybody().order_by("-connection_id"), "abcdef"),
    "reversed": (lambda: by_name().reverse(), "abcdef"),
    "reversed without an order": (lambda: everybody().reverse(), "abcdef"),
    "in any order": (lambda: everybody().order_by("?"), "abcdef"),
    "a union": (lambda: named("a", "b").union(named("b", "c", "g")), "abc"),
    "a union of all": (lambda: named("a").union(named("a", "b"), all=True), "ab"),
    "a union in order": (
        lambda: named("c").union(named("a")).order_by("connection_id"),
        "ac",
    ),
    "part of a union": (
        lambda: named("c").union(named("a")).order_by("connection_id")[:1],
        "a",
    ),
    "an intersection": (lambda: named("a", "b").intersection(named("b", "c")), "b"),
    "a difference": (lambda: everybody().difference(named("b", "c")), "adef"),
    "a union of few columns": (
        lambda: named("a").only("pk").union(named("b").only("pk")),
        "ab",
    ),
    "a union of keys": (
        lambda: named("a").values("pk").union(named("b").values_list("id")),
        "ab",
    ),
    "a union of annotated ones": (
        lambda: (
            named("a", "b")
            .annotate(place=Value(1))
            .union(named("b").annotate(place=Value(2)))
        ),
        "ab",
    ),
    "a union of unions": (
        lambda: named("a").union(named("b").union(named("c"))),
        "abc",
    ),
    "other columns": (lambda: named("a", "b").values("user_id"), "ab"),
    "both": (lambda: named("a", "b") | named("b", "c"), "abc"),
    "joined to many": (lambda: everybody().filter(user__groups__pk__gt=0), "abcdef"),
    "joined, each once": (
        lambda: everybody().filter(user__groups__pk__gt=0).distinct(),
        "abcdef",
    ),
    "joined, a slice": (
        lambda: everybody().filter(user__groups__pk__gt=0).order_by("pk")[:4],
        "ab",
    ),
    "joined in order": (
        lambda: everybody().filter(user__username="bob").order_by("user__groups__name"),
        "def",
    ),
    "annotated": (lambda: everybody().annotate(name=F("user__username")), "abcdef"),
    "counted": (
        lambda: everybody().annotate(n=Count("user__groups")).filter(n__gt=1),
        "abcdef",
    ),
    "counted in vain": (
        lambda: everybody().annotate(n=Count("user__groups")).filter(n__gt=2),
        "",
    ),
    "by a window": (first_of_each_user, "ad"),
    "few columns": (lambda: everybody().only("pk"), "abcdef"),
    "without a column": (lambda: everybody().defer("connection_id"), "abcdef"),
    "with the user": (lambda: everybody().select_related("user"), "abcdef"),
    "with their groups": (
        lambda: everybody().prefetch_related("user__groups"),
        "abcdef",
    ),
    "of a user": (lambda: sessions.filter(user__username="alice"), "abc"),
    "of a subquery": (lambda: everybody().filter(pk__in=named("a", "g")), "a"),
}


EXPECTED = {name: list(names) for name, (_, names) in QUERYSETS.items()}


def posted_to(transport):
    return sorted(post.connection_id for post in transport.posts)


@pytest.mark.usefixtures("lobby", "rows_in_a_page")
def test_each_that_is_open_gets_it_once(transport):
    posted = {}
    for name, (queryset, names) in QUERYSETS.items():
        transport.clear()
        result = queryset().send_message(HELLO)
        posted[name] = posted_to(transport)
        assert result.sent == len(result) == len(names), name

    assert posted == EXPECTED


@pytest.mark.usefixtures("lobby", "rows_in_a_page")
def test_in_a_transaction_each_gets_it_once_after_the_commit(transport):
    posted = {}
    for name, (queryset, _) in QUERYSETS.items():
        transport.clear()
        with transaction.atomic():
            assert queryset().send_message(HELLO) is DEFERRED
            assert transport.posts == []
        posted[name] = posted_to(transport)

    assert posted == EXPECTED


@pytest.mark.usefixtures("rows_in_a_page", "lobby")
def test_in_a_transaction_who_gets_it_is_decided_at_once(transport, make_session):
    with transaction.atomic():
        named("a", "b", "c", "d").send_message(HELLO)
        named("a").delete()
        named("b").update(connected=False, closed_reason="age")
        named("c").update(channel_name="kitchen")
        named("e").update(connection_id="cc")
        make_session("bb")

    assert posted_to(transport) == ["a", "b", "c", "d"]


@pytest.mark.usefixtures("lobby")
def test_the_queryset_may_be_used_again(transport):
    queryset = by_name()[:2]

    assert [queryset.send_message(HELLO).sent for _ in range(2)] == [2, 2]
    assert [session.connection_id for session in queryset] == ["a", "b"]


OF_OTHER_COLUMNS = {
    "users": lambda rows: rows.values("user_id"),
    "users first": lambda rows: rows.values_list("user_id", "pk"),
    "all columns": lambda rows: rows.values(),
    "what is annotated": lambda rows: rows.annotate(n=F("user_id")).values("n"),
    "what is counted": lambda rows: rows.values("user_id").annotate(n=Count("pk")),
    "a key with a note": lambda rows: rows.values("pk").annotate(n=Value(1)),
}
COMBINED = {
    "a union": lambda one, other: one.union(other),
    "the second": lambda one, other: named("a").values("pk").union(other),
    "a union of unions": lambda one, other: one.union(other).union(one.union(other)),
    "an intersection": lambda one, other: one.intersection(other),
    "a difference": lambda one, other: one.difference(other),
}


@pytest.mark.usefixtures("lobby")
@pytest.mark.parametrize("combined", COMBINED.values(), ids=COMBINED)
@pytest.mark.parametrize("columns", OF_OTHER_COLUMNS.values(), ids=OF_OTHER_COLUMNS)
def test_what_combines_other_columns_says_of_no_session_that_it_is_meant(
    transport, columns, combined
):
    queryset = combined(columns(named("e")), columns(named("f")))

    for act in (lambda: queryset.send_message(HELLO), queryset.disconnect):
        with pytest.raises(ValueError, match=r"combine querysets of whole sessions"):
            act()

    assert transport.posts == transport.hung_up == []


@pytest.mark.usefixtures("lobby")
@pytest.mark.parametrize("name", ["user", "name"])
def test_one_of_each_user_on_postgresql(transport, name):
    if connection.vendor != "postgresql":
        pytest.skip("No other database knows DISTINCT ON.")
    rows = everybody().annotate(name=Upper("user__username"))

    rows.order_by(name, "connection_id").distinct(name).send_message(HELLO)

    assert posted_to(transport) == ["a", "d"]


@pytest.mark.usefixtures("lobby", "rows_in_a_page")
def test_each_gateway_gets_its_own_and_a_bad_one_stops_no_other(transport):
    other = ApiGateway.objects.create(
        api_name="other", callback_url="https://other.example/production"
    )
    named("b", "d").update(api_gateway=other)
    named("c").update(api_gateway=ApiGateway.objects.create(api_name="draft"))
    named("e").update(api_gateway=None)

    result = everybody().send_message(HELLO)

    assert Counter(post.callback_url for post in transport.posts) == {
        "https://socket.example/production": 2,
        "https://other.example/production": 2,
    }
    assert str(result) == "4 sent, 0 gone, 0 connecting, 0 throttled, 2 failed"
    assert sorted(result.connection_ids(Outcome.FAILED)) == ["c", "e"]


def statements(send):
    with CaptureQueriesContext(connection) as captured:
        send()
    return len(captured)


@pytest.mark.usefixtures("lobby")
@pytest.mark.parametrize(
    ("rows", "expected"),
    # Six are open. A page that is full may be the last one: only the next one tells.
    [(100, 1), (7, 1), (6, 2), (4, 2), (3, 3)],
)
def test_a_page_is_a_statement(monkeypatch, transport, rows, expected):
    monkeypatch.setattr(pages, "ROWS_IN_A_PAGE", rows)
    gateways = 1

    assert statements(lambda: everybody().send_message(HELLO)) == expected + gateways


@pytest.mark.usefixtures("lobby")
def test_a_slice_is_a_statement_for_its_keys_and_one_for_its_rows(transport):
    assert statements(lambda: by_name()[:3].send_message(HELLO)) == 2 + 1


@pytest.mark.usefixtures("lobby")
def test_those_of_all_pages_who_have_gone_are_closed_in_one_statement(
    monkeypatch, transport
):
    monkeypatch.setattr(pages, "ROWS_IN_A_PAGE", 2)
    for name in ("a", "c", "f"):
        transport.answer(name, GONE)

    with CaptureQueriesContext(connection) as captured:
        result = everybody().send_message(HELLO)

    updates = [each for each in captured if each["sql"].startswith("UPDATE")]
    assert (result.gone, len(updates)) == (3, 1)
    closed = everybody().filter(closed_reason="gone").order_by("connection_id")
    assert [session.connection_id for session in closed] == ["a", "c", "f"]


@pytest.mark.usefixtures("lobby", "rows_in_a_page")
@pytest.mark.parametrize(
    "name", ["reversed", "in the middle", "part of a union", "joined to many"]
)
def test_those_of_any_queryset_can_be_hung_up_on(transport, name):
    queryset, names = QUERYSETS[name]

    assert queryset().disconnect() == len(names)

    assert sorted(transport.hung_up) == list(names)


@pytest.mark.usefixtures("lobby")
def test_a_database_that_fails_in_the_middle_is_an_error_after_the_first_pages(
    monkeypatch, transport
):
    monkeypatch.setattr(pages, "ROWS_IN_A_PAGE", 2)

    def only_one_page(execute, sql, params, many, context):
        if f"{connection.ops.quote_name('id')} > " in sql:
            raise ConnectionError("the database has gone away")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(only_one_page):
        with pytest.raises(ConnectionError, match="gone away"):
            everybody().send_message(HELLO)

    assert posted_to(transport) == ["a", "b"]

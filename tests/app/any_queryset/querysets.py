"""Querysets over the lobby, and who is open of those whom each of them selects."""

from django.db.models import Count, F, Q, Value, Window
from django.db.models.functions import RowNumber

from django_aws_api_gateway_websockets.models import WebSocketSession
from tests.app.lobby import everybody

sessions = WebSocketSession.objects


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


def posted_to(transport):
    return sorted(post.connection_id for post in transport.posts)

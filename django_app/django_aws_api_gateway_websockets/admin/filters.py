"""Filters of sessions that list a few values and take any that is typed."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession

from .users import user_named

MOST_SUGGESTED = 50
MOST_LINKED = 8
NEWEST = 1_000  # sessions, whose channels are suggested


class TypedFilter(admin.SimpleListFilter):
    """A site may have more values than a page can list, or a statement should read."""

    template = "admin/django_aws_api_gateway_websockets/typed_filter.html"
    suggested: list[str]
    other_parameters: list[tuple[str, str]]

    def has_output(self) -> bool:
        return True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        database = model_admin.get_queryset(request).db
        self.suggested = self.suggestions(database)[:MOST_SUGGESTED]
        return [(name, name) for name in self.suggested[:MOST_LINKED]]

    def suggestions(self, database: str) -> list[str]:
        return []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        name = self.value()
        if not name:
            return queryset
        # No database has a text with it, and PostgreSQL takes none.
        return queryset.none() if "\0" in name else self.rows_of(name, queryset)

    def rows_of(self, name: str, queryset: QuerySet[Any]) -> QuerySet[Any]:
        raise NotImplementedError

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        without = changelist.get_query_string(remove=[str(self.parameter_name)])
        self.other_parameters = parse_qsl(without.removeprefix("?"))
        return super().choices(changelist)

    @property
    def typed(self) -> str:
        """What was typed, if no link stands for it."""
        name = self.value() or ""
        return "" if name in self.suggested[:MOST_LINKED] else name

    @property
    def takes_typed(self) -> bool:
        """Not where all there is stands there already."""
        return not 0 < len(self.suggested) <= MOST_LINKED


class ChannelFilter(TypedFilter):
    """Suggests where something has happened lately, as whoever looks is there for that."""

    title = "channel"
    parameter_name = "channel_name"
    takes_typed = True  # older sessions have other channels

    def suggestions(self, database: str) -> list[str]:
        newest = WebSocketSession.objects.using(database).order_by("-pk")[:NEWEST]
        names = Counter(newest.values_list("channel_name", flat=True))
        return [name for name, _ in names.most_common(MOST_SUGGESTED)]

    def rows_of(self, name: str, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(channel_name=name)


class UserFilter(TypedFilter):
    title = "user"
    parameter_name = "user_name"

    def rows_of(self, name: str, queryset: QuerySet[Any]) -> QuerySet[Any]:
        user = user_named(name)
        return queryset.none() if user is None else queryset.filter(user=user)


class GatewayFilter(TypedFilter):
    title = "gateway"
    parameter_name = "gateway"

    def suggestions(self, database: str) -> list[str]:
        names = ApiGateway.objects.using(database).order_by("api_name")
        return list(names.values_list("api_name", flat=True)[:MOST_SUGGESTED])

    def rows_of(self, name: str, queryset: QuerySet[Any]) -> QuerySet[Any]:
        # Found first: with a join some databases walk all sessions by their key.
        gateways = ApiGateway.objects.using(queryset.db).filter(api_name=name)
        gateway = gateways.values_list("pk", flat=True).first()
        if gateway is None:
            return queryset.none()
        return queryset.filter(api_gateway=gateway)

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db import models
from django.db.models import Field, QuerySet
from django.http import HttpRequest

from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ApiGatewayAdditionalRoute,
    WebSocketSession,
)

from .large_tables import MOST_DELETED, LargeTableAdmin, count_some

# Django's class is generic for type checkers only.
if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline

ADDRESSES = {"api_endpoint", "callback_url"}


class RouteInline(TabularInline):
    model = ApiGatewayAdditionalRoute
    extra = 0
    fields = ("name", "route_key", "integration_url", "deployed")
    readonly_fields = ("deployed",)
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}  # noqa: RUF012
    verbose_name = "route"
    verbose_name_plural = "routes beside $connect, $disconnect and $default"


@admin.register(ApiGateway)
class ApiGatewayAdmin(LargeTableAdmin):
    list_display = ("api_name", "api_id", "stage_name", "callback_url", "updated_on")
    search_fields = ("api_name", "api_id")
    ordering = ("api_name",)
    fields = (
        "api_name",
        "api_description",
        "default_channel_name",
        "api_id",
        "stage_name",
        "api_endpoint",
        "callback_url",
        "created_on",
        "updated_on",
    )
    readonly_fields = ("created_on", "updated_on")
    inlines = (RouteInline,)

    def formfield_for_dbfield(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name in ADDRESSES:
            kwargs["widget"] = AdminTextInputWidget({"class": "vLargeTextField"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def faults_of_deleting(self, rows: QuerySet[Any] | Sequence[Any]) -> list[str]:
        """Its sessions are closed and written in the same transaction."""
        if faults := super().faults_of_deleting(rows):
            return faults
        keys = [gateway.pk for gateway in rows]
        sessions = WebSocketSession.objects.filter(api_gateway__in=keys)
        if not count_some(sessions, MOST_DELETED).has_more:
            return []
        return [
            f"more than {MOST_DELETED:,} WebSocket sessions: hang up on them first; "
            "manage.py cleanup_websockets deletes them when they are old enough"
        ]

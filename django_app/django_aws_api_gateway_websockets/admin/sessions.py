from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from django_aws_api_gateway_websockets.models import WebSocketSession

from .read_only import UsersRowAdmin


class OpenChannelFilter(admin.SimpleListFilter):
    """The first channels by name: a site may have more than a page can list."""

    title = "channel"
    parameter_name = "channel_name"
    MOST = 50

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = (
            WebSocketSession.objects.filter(connected=True)
            .order_by("channel_name")
            .values_list("channel_name", flat=True)
            .distinct()[: self.MOST]
        )
        return [(name, name) for name in names]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[WebSocketSession]
    ) -> QuerySet[WebSocketSession]:
        return (
            queryset.filter(channel_name=name) if (name := self.value()) else queryset
        )


@admin.register(WebSocketSession)
class WebSocketSessionAdmin(UsersRowAdmin):
    """Sessions are what the gateway says they are."""

    list_display = (
        "connection_id",
        "channel_name",
        "of_user",
        "connected",
        "closed_reason",
        "request_count",
        "created_on",
    )
    list_filter = ("connected", "closed_reason", OpenChannelFilter)
    search_fields = ("connection_id",)
    fields = (
        "connection_id",
        "channel_name",
        "user",
        "api_gateway",
        "connected",
        "closed_reason",
        "closed_on",
        "request_count",
        "created_on",
        "updated_on",
    )

    def can_be_deleted(self, row: WebSocketSession | None) -> bool:
        """A row that is deleted leaves its client connected to nothing."""
        return row is None or not row.connected

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without the one that deletes all that are selected, whether connected or not."""
        return {}

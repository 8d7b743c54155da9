from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from .models import ApiGateway, WebSocketSession

# Django's class is generic for type checkers only.
if TYPE_CHECKING:
    GatewayAdmin = admin.ModelAdmin[ApiGateway]
    SessionAdmin = admin.ModelAdmin[WebSocketSession]
else:
    GatewayAdmin = SessionAdmin = admin.ModelAdmin


@admin.register(ApiGateway)
class ApiGatewayAdmin(GatewayAdmin):
    list_display = ("api_name", "api_id", "stage_name", "callback_url", "updated_on")
    search_fields = ("api_name", "api_id")
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


class OpenChannelFilter(admin.SimpleListFilter):
    """The first channels by name: a site may have more than a page can list."""

    title = "channel"
    parameter_name = "channel_name"
    MOST = 50

    def lookups(
        self, request: HttpRequest, model_admin: "SessionAdmin"
    ) -> list[tuple[str, str]]:
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
class WebSocketSessionAdmin(SessionAdmin):
    list_display = (
        "connection_id",
        "channel_name",
        "connected",
        "closed_reason",
        "request_count",
        "created_on",
    )
    list_filter = ("connected", "closed_reason", OpenChannelFilter)
    search_fields = ("connection_id",)
    # Counting a large table takes longer than showing a page of it.
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: WebSocketSession | None = None
    ) -> bool:
        """Sessions are what the gateway says they are."""
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: WebSocketSession | None = None
    ) -> bool:
        """A row that is deleted leaves its client connected to nothing."""
        return (obj is None or not obj.connected) and super().has_delete_permission(
            request, obj
        )

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without the one that deletes all that are selected, whether connected or not."""
        return {}

import re
from typing import Any

from django.contrib import admin
from django.contrib.admin import helpers
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.timezone import is_aware, localtime

from django_aws_api_gateway_websockets.models import WebSocketSession
from django_aws_api_gateway_websockets.transactions import in_autocommit

from . import audit
from .filters import ChannelFilter, GatewayFilter, UserFilter
from .large_tables import BoundedPaginator
from .session_actions import SessionActions

# Of a forged key that is longer or no number some databases make an error, a 500.
A_KEY = re.compile(r"[0-9]{1,18}", re.ASCII)
ENTRIES_ON_A_PAGE = 100

WITHOUT_LINK = {"user": "of_user", "api_gateway": "of_gateway"}


@admin.register(WebSocketSession)
class WebSocketSessionAdmin(SessionActions):
    """Sessions are what the gateway says they are."""

    list_display = (
        "connection_id",
        "channel",
        "of_user",
        "connected",
        "reason",
        "created",
    )
    list_filter = (
        "connected",
        "closed_reason",
        ChannelFilter,
        UserFilter,
        GatewayFilter,
    )
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

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """The newest first; in a channel those that are open, as its index has them."""
        in_channel = ChannelFilter.parameter_name in request.GET
        return ("-connected", "-pk") if in_channel else ("-pk",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Django shows a user and a gateway as links; to who may not open one, its name."""
        return [
            name if self.may_open(request, name) else WITHOUT_LINK[name]
            for name in self.fields
        ]

    def may_open(self, request: HttpRequest, name: str) -> bool:
        model = self.opts.get_field(name).related_model
        if model is None or not self.admin_site.is_registered(model):
            return True  # Django makes no link of it
        return self.admin_site.get_model_admin(model).has_view_permission(request)

    # Short headings, and a time in few letters, so that a row fits beside the filters.

    @admin.display(description="API gateway")
    def of_gateway(self, session: WebSocketSession) -> str:
        return str(session.api_gateway)

    @admin.display(description="channel")
    def channel(self, session: WebSocketSession) -> str:
        return str(session.channel_name)

    @admin.display(description="reason")
    def reason(self, session: WebSocketSession) -> str:
        return session.closed_reason

    @admin.display(description="created")
    def created(self, session: WebSocketSession) -> str:
        created = session.created_on
        shown = localtime(created) if is_aware(created) else created
        return str(date_format(shown, "Y-m-d H:i"))

    def can_be_deleted(self, row: WebSocketSession | None) -> bool:
        """A row that is deleted leaves its client connected to nothing.

        So none is deleted by the list's own action, which does not look at each.
        """
        return row is not None and not row.connected

    @in_autocommit  # or a message would wait, and its outcome be unknown
    def changelist_view(self, request: HttpRequest, *args: Any) -> HttpResponse:
        keys = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        if not all(map(A_KEY.fullmatch, keys)):
            raise BadRequest("What is selected are no sessions")
        return super().changelist_view(request, *args)

    def get_urls(self) -> list[URLPattern]:
        history = self.admin_site.admin_view(self.all_history)
        name = f"{self.opts.app_label}_{self.opts.model_name}_all_history"
        return [path("history/", history, name=name), *super().get_urls()]

    def all_history(self, request: HttpRequest) -> HttpResponse:
        """What staff has sent, and on whom it has hung up."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        entries = audit.entries().select_related("user")
        paginator = BoundedPaginator(entries, ENTRIES_ON_A_PAGE)
        page = paginator.get_page(request.GET.get("p"))
        return self.page(request, "all_history", {"entries": page})

"""Who may be in a channel, with its rules on the same page."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.contrib.auth.models import Permission
from django.db.models import ManyToManyField, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse

from django_aws_api_gateway_websockets.models import (
    ChannelPermission,
    ChannelPermissionRule,
)

from .large_tables import LargeTableAdmin, ModelAdmin

# Django's class is generic for type checkers only.
if TYPE_CHECKING:
    StackedInline = admin.StackedInline[Any, Any]
else:
    StackedInline = admin.StackedInline

SEARCH = "websocket_permission_search"


class PermissionChoices(ModelAdmin):
    """Not registered: whether permissions have pages is for the project to say."""

    search_fields = ("codename", "name", "content_type__app_label")
    ordering = ("content_type__app_label", "codename")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Permission]:
        return super().get_queryset(request).select_related("content_type")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        # No database has a text with it, and PostgreSQL takes none.
        if "\0" in search_term:
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return any(
            request.user.has_perm(f"{ChannelPermissionRule._meta.app_label}.{may}")
            for may in ("add_channelpermissionrule", "change_channelpermissionrule")
        )


class PermissionSearch(AutocompleteJsonView):
    """Answers with a page of permissions: a site has more than fit into each rule."""

    admin_site: admin.AdminSite

    def process_request(self, request: HttpRequest) -> tuple[str, Any, Any, str]:
        choices = PermissionChoices(Permission, self.admin_site)
        field = ChannelPermissionRule._meta.get_field("permissions")
        return request.GET.get("term", ""), choices, field, "id"


class PermissionSelect(AutocompleteSelectMultiple):
    def get_url(self) -> str:
        return reverse(f"{self.admin_site.name}:{SEARCH}")


class RuleInline(StackedInline):
    model = ChannelPermissionRule
    extra = 0
    verbose_name = "rule"
    verbose_name_plural = "rules: one of them is enough, with all of its permissions"

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: Any, **kwargs: Any
    ) -> Any:
        # As wide as the longest name: the widget cuts off what is longer than itself.
        style = {"style": "width: 40em; max-width: 100%"}
        kwargs["widget"] = PermissionSelect(db_field, self.admin_site, attrs=style)
        kwargs["queryset"] = Permission.objects.select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(ChannelPermission)
class ChannelPermissionAdmin(LargeTableAdmin):
    list_display = ("channel_name", "access", "description", "updated_on")
    list_filter = ("access",)
    search_fields = ("channel_name", "description")
    ordering = ("channel_name",)
    fields = ("channel_name", "access", "description", "created_on", "updated_on")
    readonly_fields = ("created_on", "updated_on")
    inlines = (RuleInline,)

    def get_urls(self) -> list[URLPattern]:
        search = PermissionSearch.as_view(admin_site=self.admin_site)
        return [
            path("permissions/", self.admin_site.admin_view(search), name=SEARCH),
            *super().get_urls(),
        ]

"""Rows that are looked at, and that nobody writes by hand."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from django_aws_api_gateway_websockets.models.databases import with_user

# Django's class is generic for type checkers only.
if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

SECRETS = ("token", "session_key", "session_key_hash", "auth_hash")


class ReadOnlyAdmin(ModelAdmin):
    # Counting a large table takes longer than showing a page of it.
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """With the user that it belongs to, a row may be deleted."""
        if self.is_on_own_page(request) and not self.can_be_deleted(obj):
            return False
        return super().has_delete_permission(request, obj)

    def can_be_deleted(self, row: Any) -> bool:
        return False

    def is_on_own_page(self, request: HttpRequest) -> bool:
        names = f"{self.opts.app_label}_{self.opts.model_name}_"
        page = request.resolver_match
        return page is not None and (page.url_name or "").startswith(names)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """A filter made up in the address would tell a secret letter by letter."""
        if lookup.split("__")[0] in SECRETS:
            return False
        return super().lookup_allowed(lookup, value, request)


class UsersRowAdmin(ReadOnlyAdmin):
    """With a column `of_user`, for which the user may be in another database."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_user(super().get_queryset(request))

    @admin.display(description="user", ordering="user")
    def of_user(self, row: Any) -> str:
        return str(row.user or "-")

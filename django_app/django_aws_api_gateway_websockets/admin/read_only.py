"""Rows that are looked at, and that nobody writes by hand."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from django_aws_api_gateway_websockets.models.databases import read_users, with_user

from .large_tables import InOneOrder, LargeTableAdmin
from .users import MOST_USERS, users_beginning_with

SECRETS = ("token", "session_key", "session_key_hash", "auth_hash")


class ReadOnlyAdmin(LargeTableAdmin):
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return InOneOrder

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

    def address(self, model: type[Model], page: str, *keys: int) -> str:
        """Of another page of this admin, whatever its project has named it."""
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
        keys_in_it = [quote(key) for key in keys]
        return reverse(name, args=keys_in_it, current_app=self.admin_site.name)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """A filter made up in the address would tell a secret letter by letter."""
        if lookup.split("__")[0] in SECRETS:
            return False
        return super().lookup_allowed(lookup, value, request)


class PageWithUsers(InOneOrder):
    """Reads the users of all rows that are on it in one statement."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        read_users(list(self.result_list))


def search_help(key_name: str) -> str:
    return f"A whole {key_name}, or the beginning of a user name: the first {MOST_USERS} users"


class UsersRowAdmin(ReadOnlyAdmin):
    """With a column `of_user`, for which the user may be in another database."""

    search_fields = ("connection_id",)
    search_help_text = search_help("connection id")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PageWithUsers

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_user(super().get_queryset(request))

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        row = super().get_object(request, *args, **kwargs)
        if row is not None:
            read_users([row])
        return row

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Whole keys and beginnings of user names: what an index finds."""
        term = search_term.strip()
        if not term:
            return queryset, False
        with_key = self.rows_with_key(queryset, term)
        if with_key.exists():
            return with_key, False
        return queryset.filter(user__in=users_beginning_with(term)), False

    def rows_with_key(self, rows: QuerySet[Any], key: str) -> QuerySet[Any]:
        return rows.filter(connection_id=key)

    @admin.display(description="user")
    def of_user(self, row: Any) -> str:
        try:
            return str(row.user or "-")
        except ObjectDoesNotExist:  # deleted by hand, or in another database
            return "-"

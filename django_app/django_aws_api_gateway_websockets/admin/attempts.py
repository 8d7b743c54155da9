"""What limits have counted."""

from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from django_aws_api_gateway_websockets.models import (
    ConnectionRateLimit,
    RateLimitBucket,
)
from django_aws_api_gateway_websockets.models.rate_limits import SECOND

from .read_only import ReadOnlyAdmin, UsersRowAdmin, search_help


@admin.register(ConnectionRateLimit)
class ConnectionRateLimitAdmin(UsersRowAdmin):
    list_display = ("ip_address", "of_user", "attempt_time", "successful")
    list_filter = ("successful",)
    search_fields = ("ip_address",)
    search_help_text = search_help("address")
    fields = ("ip_address", "user", "attempt_time", "successful")

    def rows_with_key(self, rows: QuerySet[Any], key: str) -> QuerySet[Any]:
        try:
            return rows.filter(ip_address=str(ip_address(key)))
        except ValueError:
            return rows.none()


@admin.register(RateLimitBucket)
class RateLimitBucketAdmin(ReadOnlyAdmin):
    list_display = ("key", "all_free")
    search_fields = ("key",)
    fields = ("key", "all_free")
    readonly_fields = ("all_free",)

    @admin.display(description="all free again")
    def all_free(self, bucket: RateLimitBucket) -> datetime:
        return datetime.fromtimestamp(bucket.free_at / SECOND, UTC)

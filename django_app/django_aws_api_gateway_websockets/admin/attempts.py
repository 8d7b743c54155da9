"""What limits have counted."""

from datetime import UTC, datetime

from django.contrib import admin

from django_aws_api_gateway_websockets.models import (
    ConnectionRateLimit,
    RateLimitBucket,
)
from django_aws_api_gateway_websockets.models.rate_limits import SECOND

from .read_only import ReadOnlyAdmin, UsersRowAdmin


@admin.register(ConnectionRateLimit)
class ConnectionRateLimitAdmin(UsersRowAdmin):
    list_display = ("ip_address", "of_user", "attempt_time", "successful")
    list_filter = ("successful",)
    search_fields = ("=ip_address",)
    fields = ("ip_address", "user", "attempt_time", "successful")


@admin.register(RateLimitBucket)
class RateLimitBucketAdmin(ReadOnlyAdmin):
    list_display = ("key", "all_free")
    search_fields = ("key",)
    fields = ("key", "all_free")
    readonly_fields = ("all_free",)

    @admin.display(description="all free again", ordering="free_at")
    def all_free(self, bucket: RateLimitBucket) -> datetime:
        return datetime.fromtimestamp(bucket.free_at / SECOND, UTC)

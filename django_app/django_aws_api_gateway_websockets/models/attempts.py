from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from .ages import moment_before
from .batches import delete_in_batches
from .cascades import cascade_of_many
from .databases import WritingQuerySet


class ConnectionRateLimitQuerySet(WritingQuerySet["ConnectionRateLimit"]):
    def older_than(self, *, days: float) -> Self:
        long_ago = moment_before("days", days, timedelta(days=1))
        return self.for_write().filter(attempt_time__lt=long_ago)


class ConnectionRateLimit(models.Model):
    """An attempt to connect, recorded by a project for limits of its own.

    Admission has its limits in `RateLimitBucket` and writes nothing here.
    """

    ip_address = models.GenericIPAddressField(db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=cascade_of_many,
        related_name="connection_attempts",
    )
    attempt_time = models.DateTimeField(auto_now_add=True, db_index=True)
    successful = models.BooleanField(default=False)

    objects = ConnectionRateLimitQuerySet.as_manager()

    class Meta:
        verbose_name = "connection attempt"
        indexes = [
            models.Index(
                fields=["ip_address", "attempt_time"], name="idx_ip_attempt_time"
            ),
            models.Index(fields=["user", "attempt_time"], name="idx_user_attempt_time"),
        ]

    def __str__(self) -> str:
        return f"{self.ip_address} at {self.attempt_time:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def check_rate_limit(
        cls,
        ip_address: str,
        user: Any = None,
        max_attempts: int = 20,
        window_minutes: int = 5,
    ) -> tuple[bool, int]:
        """May there be another attempt, and how many were recorded in the window?"""
        begin = timezone.now() - timedelta(minutes=window_minutes)
        rows = cls.objects.for_write()
        recent = rows.filter(attempt_time__gt=begin)
        attempts = recent.filter(ip_address=ip_address).count()
        if user is not None and user.is_authenticated:
            attempts = max(attempts, recent.filter(user=user).count())
        return attempts < max_attempts, attempts

    @classmethod
    def record_attempt(
        cls, ip_address: str, user: Any = None, successful: bool = False
    ) -> "ConnectionRateLimit":
        if user is not None and not user.is_authenticated:
            user = None
        return cls.objects.create(
            ip_address=ip_address, user=user, successful=successful
        )

    @classmethod
    def cleanup_old_records(cls, days: float = 7) -> int:
        """Delete the attempts that are older; ValueError for an age that is none."""
        return delete_in_batches(cls.objects.older_than(days=days))

"""Large broadcasts: how far they have come, with their shards on pages of their own."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from django_aws_api_gateway_websockets.models import Broadcast, BroadcastShard
from django_aws_api_gateway_websockets.models.broadcasts import COUNTS, Progress

from .large_tables import InOneOrder
from .read_only import ReadOnlyAdmin

MOST_LETTERS = 2_000


class PageOfBroadcasts(InOneOrder):
    """Reads the progress of all that are on it in one statement."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = Broadcast.objects.using(self.result_list.db)
        progress = rows.progress_of(broadcast.pk for broadcast in self.result_list)
        for broadcast in self.result_list:
            broadcast.shown_progress = progress.get(broadcast.pk, Progress())


def shown_progress(broadcast: Any) -> Progress:
    """Read once for a page, which shows it in several places."""
    if not hasattr(broadcast, "shown_progress"):
        broadcast.shown_progress = broadcast.progress
    progress: Progress = broadcast.shown_progress
    return progress


@admin.register(Broadcast)
class BroadcastAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "created_on", "recipients", "bar", "counts", "of_shards")
    fields = (
        "created_on",
        "recipients",
        "bar",
        "counts",
        "of_shards",
        "message",
    )
    readonly_fields = ("bar", "counts", "of_shards", "message")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PageOfBroadcasts

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the messages, of which only the page of one broadcast has any."""
        return super().get_queryset(request).defer("data")

    @admin.display(description="progress")
    def bar(self, broadcast: Broadcast) -> SafeString:
        """Full only where everybody has the message."""
        sent = shown_progress(broadcast).sent
        recipients = broadcast.recipients or 0
        return format_html(
            '<progress value="{}" max="{}" aria-hidden="true"></progress> {}',
            sent,
            max(recipients, 1),
            f"{sent:,} of {recipients:,} reached",
        )

    @admin.display(description="recipients by outcome")
    def counts(self, broadcast: Broadcast) -> str:
        progress = shown_progress(broadcast)
        return ", ".join(f"{getattr(progress, name)} {name}" for name in COUNTS)

    @admin.display(description="shards")
    def of_shards(self, broadcast: Broadcast) -> SafeString:
        progress = shown_progress(broadcast)
        return format_html(
            '<a href="{}?broadcast={}">{} of {} finished</a>',
            self.address(BroadcastShard, "changelist"),
            broadcast.pk,
            progress.finished,
            progress.shards,
        )

    @admin.display(description="message")
    def message(self, broadcast: Broadcast) -> str:
        return Truncator(broadcast.data).chars(MOST_LETTERS)


@admin.register(BroadcastShard)
class BroadcastShardAdmin(ReadOnlyAdmin):
    list_display = (
        "__str__",
        *COUNTS,
        "tries",
        "repeated",
        "finished_on",
        "last_reason",
    )
    ordering = ("-broadcast", "-number")  # as the index has them
    fields = (
        "broadcast",
        "number",
        *COUNTS,
        "repeated",
        "tries",
        "claimed_until",
        "queued_on",
        "finished_on",
        "last_reason",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("sessions")

from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections, router

from django_aws_api_gateway_websockets.management.watching import watch
from django_aws_api_gateway_websockets.models import Broadcast, BroadcastShard
from django_aws_api_gateway_websockets.models.broadcasts import COUNTS, Progress

MOST = 20
OF_BROADCASTS = ("broadcast", "written on", "recipients", *COUNTS, "shards")
OF_SHARDS = ("shard", *COUNTS, "tries", "repeated", "finished on", "last reason")


class Command(BaseCommand):
    help = "Shows how far large broadcasts have come."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "broadcast",
            nargs="?",
            type=int,
            help=f"show the shards of this one; without it, the latest {MOST} are listed",
        )
        parser.add_argument(
            "--watch",
            action="store_true",
            help="look at it, or at the latest one, each second until it is finished",
        )
        parser.add_argument(
            "--database",
            default=router.db_for_write(Broadcast),
            choices=list(connections),
            help="where it is",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        broadcasts = Broadcast.objects.using(options["database"]).defer("data")
        if options["broadcast"] is None and not options["watch"]:
            self.show_all(list(broadcasts.order_by("-pk")[:MOST]))
            return
        if options["broadcast"] is not None:
            broadcasts = broadcasts.filter(pk=options["broadcast"])
        if (broadcast := broadcasts.order_by("-pk").first()) is None:
            raise CommandError(which_is_none(options["broadcast"]))
        try:
            if options["watch"]:
                watch(broadcast, self.stderr)
        finally:
            self.show_all([broadcast])
            self.show_shards(broadcast)

    def show_all(self, broadcasts: Sequence[Broadcast]) -> None:
        if not broadcasts:
            self.stdout.write(which_is_none(None))
            return
        rows = Broadcast.objects.using(broadcasts[0]._state.db)
        progress = rows.progress_of(broadcast.pk for broadcast in broadcasts)
        self.print_row(OF_BROADCASTS)
        for broadcast in broadcasts:
            self.print_row(of_broadcast(broadcast, progress.get(broadcast.pk)))

    def show_shards(self, broadcast: Broadcast) -> None:
        shards = BroadcastShard.objects.using(broadcast._state.db)
        self.print_row(OF_SHARDS)
        ours = shards.filter(broadcast=broadcast).defer("sessions")
        for shard in ours.order_by("number").iterator():
            self.print_row(of_shard(shard))

    def print_row(self, values: Iterable[Any]) -> None:
        self.stdout.write(" ".join(f"{value!s:>11}" for value in values).rstrip())


def which_is_none(pk: int | None) -> str:
    if pk is None:
        return "There are no broadcasts."
    return (
        f"There is no broadcast {pk}: show_broadcasts without a number lists the "
        "latest ones."
    )


def of_broadcast(broadcast: Broadcast, progress: Progress | None) -> list[Any]:
    progress = progress or Progress()
    return [
        broadcast.pk,
        f"{broadcast.created_on:%m-%d %H:%M}",
        "unfinished" if broadcast.recipients is None else broadcast.recipients,
        *(getattr(progress, name) for name in COUNTS),
        f"{progress.finished}/{progress.shards}",
    ]


def of_shard(shard: BroadcastShard) -> list[Any]:
    return [
        shard.number,
        *(getattr(shard, name) for name in COUNTS),
        shard.tries,
        shard.repeated,
        f"{shard.finished_on:%m-%d %H:%M}" if shard.finished_on else "",
        shard.last_reason,
    ]

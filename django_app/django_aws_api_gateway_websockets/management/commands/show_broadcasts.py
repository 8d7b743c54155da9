import time
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import router

from django_aws_api_gateway_websockets.management.progress_line import ProgressLine
from django_aws_api_gateway_websockets.models import Broadcast, BroadcastShard
from django_aws_api_gateway_websockets.models.broadcasts import Progress

MOST = 20
PAUSE = 1.0  # seconds between two looks
COUNTS = ("sent", "gone", "connecting", "failed", "waiting")
OF_BROADCASTS = ("broadcast", "written on", "recipients", *COUNTS, "shards")
OF_SHARDS = ("shard", *COUNTS, "tries", "repeated", "finished on")


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
            "--database", default=router.db_for_write(Broadcast), help="where it is"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        broadcasts = Broadcast.objects.using(options["database"]).defer("data")
        if options["broadcast"] is None and not options["watch"]:
            self.show_all(list(broadcasts.order_by("-pk")[:MOST]))
            return
        if options["broadcast"] is not None:
            broadcasts = broadcasts.filter(pk=options["broadcast"])
        if (broadcast := broadcasts.order_by("-pk").first()) is None:
            raise CommandError("There is no such broadcast: manage.py show_broadcasts")
        if options["watch"]:
            self.watch(broadcast)
        self.show_all([broadcast])
        self.show_shards(broadcast)

    def watch(self, broadcast: Broadcast) -> None:
        progress = broadcast.progress
        bar = ProgressLine(self.stderr, broadcast.recipients or 0)
        while not progress.is_finished:
            bar.show(progress.settled)
            time.sleep(PAUSE)
            progress = broadcast.progress
        bar.show(progress.settled)
        bar.end()

    def show_all(self, broadcasts: Sequence[Broadcast]) -> None:
        pks = [broadcast.pk for broadcast in broadcasts]
        database = broadcasts[0]._state.db if broadcasts else None
        progress = Broadcast.objects.using(database).progress_of(pks)
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
    ]

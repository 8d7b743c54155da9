from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections, router

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.messaging.broadcast_queue import BroadcastQueue
from django_aws_api_gateway_websockets.models import BroadcastShard
from django_aws_api_gateway_websockets.models.broadcast_redrive import (
    never_queued,
    queued_long_ago,
    redrive,
)


class Command(BaseCommand):
    help = (
        "Puts on the queue of large broadcasts what has landed in its dead-letter "
        "queue, what the queue did not take when it was sent, and what it took more "
        "than a day ago and nobody has delivered."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="only count what there is"
        )
        parser.add_argument(
            "--database",
            default=router.db_for_write(BroadcastShard),
            choices=list(connections),
            help="where to look for what was never queued, or long ago",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not conf.broadcast_queue_url:
            raise CommandError(
                "There is no queue: set broadcast_queue_url in WEBSOCKETS"
            )
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.redrive(options["database"], dry_run=options["dry_run"])
        except (BotoCoreError, ClientError) as error:
            raise CommandError(f"The queue does not answer: {error}") from error

    def redrive(self, database: str, *, dry_run: bool) -> None:
        queue = BroadcastQueue(conf.broadcast_queue_url)
        dead_letter_queue = queue.dead_letter_queue()
        if dead_letter_queue is None:
            self.stderr.write("The queue has no dead-letter queue")
        if dry_run:
            count = dead_letter_queue.count() if dead_letter_queue else 0
            self.stdout.write(f"in the dead-letter queue, about: {count}")
            self.stdout.write(f"never queued: {never_queued(database).count()}")
            lost = queued_long_ago(database).count()
            self.stdout.write(f"queued more than a day ago: {lost}")
            return
        redriven = redrive(queue, dead_letter_queue, database)
        self.stdout.write(f"from the dead-letter queue: {redriven.dead_letters}")
        self.stdout.write(f"never queued before: {redriven.never_queued}")
        self.stdout.write(f"queued more than a day ago: {redriven.queued_long_ago}")
        self.stdout.write(f"nothing left to do: {redriven.nothing_left_to_do}")
        self.stdout.write(f"left there, as no shards: {redriven.no_pointers}")
        if redriven.fault:
            raise CommandError(f"The queue takes no more: {redriven.fault}")

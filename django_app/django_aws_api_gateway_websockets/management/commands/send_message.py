import json
import math
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.exceptions import WebSocketError
from django_aws_api_gateway_websockets.management.progress_line import ProgressLine
from django_aws_api_gateway_websockets.management.watching import INTERRUPTED, watch
from django_aws_api_gateway_websockets.messaging.broadcast import BroadcastResult
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.messaging.encoding import encode
from django_aws_api_gateway_websockets.models import Broadcast, WebSocketSession
from django_aws_api_gateway_websockets.models.broadcasts import COUNTS, queue_broadcast
from django_aws_api_gateway_websockets.models.databases import users_database
from django_aws_api_gateway_websockets.models.session_queryset import (
    WebSocketSessionQuerySet,
)

EXAMPLE = '{"type": "notice"}'
MOST_REASONS = 20


class Command(BaseCommand):
    help = (
        "Sends a message to the open sessions of a channel, of a user or of everybody, "
        "and prints what came of it. Exits with 1 if some may be there without it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        recipients = parser.add_mutually_exclusive_group(required=True)
        recipients.add_argument("--channel", metavar="NAME", help="those in a channel")
        recipients.add_argument("--user", metavar="USERNAME", help="those of a user")
        recipients.add_argument("--all", action="store_true", help="all that are open")
        parser.add_argument(
            "message",
            metavar="MESSAGE",
            help=f"a JSON object such as {EXAMPLE}, or - to read it from standard input",
        )
        parser.add_argument(
            "--no-wait",
            action="store_true",
            help="do not watch a message that is queued until everybody has it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.tell(data_in(options["message"]), sessions_for(options), options)
        except KeyboardInterrupt:
            raise CommandError("Interrupted", returncode=INTERRUPTED) from None
        except WebSocketError as error:
            raise CommandError(str(error)) from error

    def tell(
        self,
        data: bytes,
        sessions: WebSocketSessionQuerySet,
        options: Mapping[str, Any],
    ) -> None:
        refuse_transactions(sessions.db)
        count = sessions.filter(connected=True).count()
        if not count:
            self.stdout.write("Nobody is connected there.")
        elif conf.broadcast_queue_url and count > conf.broadcast_queue_threshold:
            self.queue(data, sessions, waits=not options["no_wait"])
        else:
            self.send(data, sessions, ProgressLine(self.stderr, count))

    def send(
        self, data: bytes, sessions: WebSocketSessionQuerySet, line: ProgressLine
    ) -> None:
        """Without the deadline of a function, which has a gateway that waits for it."""
        result = BroadcastResult()
        pages = sessions.open_pages()
        try:
            for recipient, delivery in sessions.outcomes_of(
                data, pages, seconds=math.inf
            ):
                result.add(recipient, delivery)
                line.show(result.counts.total())
        finally:
            line.end()
            self.print_counts({each.value: result.counts[each] for each in Outcome})
            self.print_reasons(result)
        complain(result.throttled + result.failed)

    def queue(
        self, data: bytes, sessions: WebSocketSessionQuerySet, *, waits: bool
    ) -> None:
        result = queue_broadcast(sessions.open_pages(), data, using=sessions.db)
        self.stdout.write(
            f"Broadcast {result.broadcast} is queued for {result.queued:,}"
        )
        if waits and result.broadcast is not None:
            broadcast = Broadcast.objects.using(sessions.db).get(pk=result.broadcast)
            self.watch(broadcast)

    def watch(self, broadcast: Broadcast) -> None:
        try:
            watch(broadcast, self.stderr)
        finally:
            progress = broadcast.progress
            self.print_counts({name: getattr(progress, name) for name in COUNTS})
        complain(progress.failed)

    def print_counts(self, counts: Mapping[str, int]) -> None:
        for name, count in counts.items():
            self.stdout.write(f"{name:<12}{count:>12,}")

    def print_reasons(self, result: BroadcastResult) -> None:
        for reason, count in result.reasons.most_common(MOST_REASONS):
            self.stdout.write(f"{count:>12,} x {reason}")
        if (others := len(result.reasons) - MOST_REASONS) > 0:
            self.stdout.write(f"and {others:,} more reasons")


def data_in(text: str) -> bytes:
    """The message as clients get it."""
    try:
        message = json.loads(sys.stdin.read() if text == "-" else text)
    except (ValueError, RecursionError) as error:
        raise CommandError(
            f"The message is no JSON: {error}. Give an object in single quotes, such "
            f"as '{EXAMPLE}', or - to read it from standard input"
        ) from error
    if not isinstance(message, dict):
        raise CommandError(
            f"The message is a {type(message).__name__}: it has to be an object, "
            f"such as '{EXAMPLE}'"
        )
    try:
        return encode(message)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{error}: leave something out") from error


def sessions_for(options: Mapping[str, Any]) -> WebSocketSessionQuerySet:
    sessions = WebSocketSession.objects.all().for_write()
    if options["channel"] is not None:
        return sessions.filter(channel_name=options["channel"])
    if options["user"] is not None:
        return sessions.filter(user_id=key_of_user(options["user"]))
    return sessions


def key_of_user(username: str) -> Any:
    User = get_user_model()
    users = User._default_manager.using(users_database())
    try:
        return users.get(**{User.USERNAME_FIELD: username}).pk
    except (User.DoesNotExist, ValidationError, ValueError) as error:
        raise CommandError(
            f"No user has the {User.USERNAME_FIELD} {username!r}: is it written so?"
        ) from error


def refuse_transactions(database: str) -> None:
    # What is rolled back afterwards, clients must not have heard.
    if connections[database].in_atomic_block:
        raise CommandError(
            "send_message does not wait for a transaction to be committed: call it "
            "outside, or call send_message of a queryset, which does"
        )


def complain(count: int) -> None:
    if count:
        raise CommandError(f"{count:,} may be there, and did not get it")

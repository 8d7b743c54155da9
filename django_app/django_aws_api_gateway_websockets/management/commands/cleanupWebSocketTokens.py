from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandError

from django_aws_api_gateway_websockets.cleanup import Step, step_in_batches
from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.management.cleaning import CleaningCommand
from django_aws_api_gateway_websockets.models import (
    ConnectionRateLimit,
    WebSocketToken,
)
from django_aws_api_gateway_websockets.models.tokens import KEPT_FOR


class Command(CleaningCommand):
    help = "Deletes tokens that open nothing any more, and old attempts to connect."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--token-age",
            type=int,
            default=KEPT_FOR,
            metavar="SECONDS",
            help=f"delete tokens older than these (default: {KEPT_FOR}); one that still "
            "opens a connection stays in any case",
        )
        parser.add_argument(
            "--rate-limit-age",
            type=int,
            default=conf.attempt_retention_days,
            metavar="DAYS",
            help="delete attempts older than these (default: the setting "
            "attempt_retention_days, which is 7)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        tokens, attempts = WebSocketToken.objects, ConnectionRateLimit.objects
        token_age, attempt_age = options["token_age"], options["rate_limit_age"]
        # Both are looked at before anything is deleted.
        steps = {
            "tokens_deleted": step_of(
                lambda: tokens.expired(max_age_seconds=token_age), "--token-age"
            ),
            "attempts_deleted": step_of(
                lambda: attempts.older_than(days=attempt_age), "--rate-limit-age"
            ),
        }
        self.clean_up(steps)


def step_of(rows: Callable[[], Any], option: str) -> Step:
    try:
        found = rows()
    except ValueError as error:
        raise CommandError(f"Nothing was deleted: {option}: {error}") from error
    return step_in_batches(lambda: found)

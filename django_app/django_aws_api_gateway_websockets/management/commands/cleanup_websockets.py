from argparse import ArgumentParser
from typing import Any

from django_aws_api_gateway_websockets.cleanup import STEPS
from django_aws_api_gateway_websockets.management.cleaning import CleaningCommand


class Command(CleaningCommand):
    help = (
        "Closes sessions that are too old to be open or whose login has ended, deletes "
        "what nobody needs, and prints the counts. How long rows are kept, the settings "
        "say."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="only count what there is to do"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self.count(STEPS)
        else:
            self.clean_up(STEPS)

from typing import Any

from django_aws_api_gateway_websockets.cleanup import CLOSE_AGED, step_in_batches
from django_aws_api_gateway_websockets.management.cleaning import CleaningCommand
from django_aws_api_gateway_websockets.models import WebSocketSession


class Command(CleaningCommand):
    help = (
        "Closes sessions that are too old to be open, and deletes all closed ones "
        "that were opened more than two hours ago, however long the settings would keep "
        "them."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.clean_up(
            {
                "sessions_closed": CLOSE_AGED,
                "sessions_deleted": step_in_batches(
                    WebSocketSession.objects.closed_for_good
                ),
            }
        )

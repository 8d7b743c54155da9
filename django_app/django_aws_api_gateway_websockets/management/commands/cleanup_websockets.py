from typing import Any

from django.core.management.base import BaseCommand

from django_aws_api_gateway_websockets.cleanup import clean_up


class Command(BaseCommand):
    help = "Closes sessions that are too old to be open, deletes what nobody needs."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in clean_up().items():
            self.stdout.write(f"{name.replace('_', ' ')}: {count}")

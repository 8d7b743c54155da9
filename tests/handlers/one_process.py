"""A process of the function: each line is an event, and is answered by a line."""

import json
import sys

from django.conf import settings

from lambda_handlers.websocket_api import handler

settings.ROOT_URLCONF = "tests.handlers.limited_urls"
for line in sys.stdin:
    print(json.dumps(handler(json.loads(line), None)), flush=True)  # noqa: T201

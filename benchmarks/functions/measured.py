"""The site's answer to an event of the HTTP API, and what it has cost."""

import time
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from lambda_handlers import http_api


def timed(event: Any, context: Any) -> dict[str, Any]:
    """Measure milliseconds, of all threads and by the clock."""
    clock, cpu = time.perf_counter(), time.process_time()
    answer = http_api.handler(event, context)
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    return {**answer, "cost": {"CPU": cpu * 1000, "clock": clock * 1000}}


def counted(event: Any, context: Any) -> dict[str, Any]:
    """Count SQL statements, which takes time of its own."""
    with CaptureQueriesContext(connection) as statements:
        answer = http_api.handler(event, context)
    return {**answer, "cost": {"statements": len(statements)}}

"""What goes with a user who is deleted."""

from typing import Any

from django.db.models import CASCADE
from django.db.models.deletion import Collector

MOST_LISTED = 100


def cascade_of_many(collector: Any, field: Any, sub_objs: Any, using: str) -> None:
    """Like CASCADE, but a collector that only lists, as the admin's, gets a hundred."""
    if type(collector) is not Collector:
        sub_objs = sub_objs[:MOST_LISTED]
    elif collector.can_fast_delete(sub_objs):
        collector.fast_deletes.append(sub_objs)  # one statement, as with CASCADE
        return
    CASCADE(collector, field, sub_objs, using)


# Or Django reads all rows to see whether there are any.
cascade_of_many.lazy_sub_objs = True  # type: ignore[attr-defined]

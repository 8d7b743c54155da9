"""How old rows have to be to be deleted."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from django_aws_api_gateway_websockets.conf import A_CENTURY

LONGEST = timedelta(days=A_CENTURY)


def moment_before(name: str, age: Any, unit: timedelta) -> datetime:
    """When what has this age now came to be.

    ValueError for an age that would take what is new, or that no calendar has.
    """
    is_number = isinstance(age, int | float) and not isinstance(age, bool)
    if not is_number or not 0 < age <= LONGEST / unit:
        raise ValueError(
            f"{name} is {age!r}: it has to be above 0, and {LONGEST // unit} at most"
        )
    moment: datetime = timezone.now() - age * unit
    return moment

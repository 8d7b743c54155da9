from typing import NamedTuple

from django.template.defaultfilters import pluralize

from django_aws_api_gateway_websockets.models.session_queryset import (
    WebSocketSessionQuerySet,
)

from .large_tables import Count, count_some


class Selection(NamedTuple):
    """The sessions that somebody has selected."""

    rows: WebSocketSessionQuerySet
    counted: Count

    @classmethod
    def of(cls, rows: WebSocketSessionQuerySet) -> "Selection":
        return cls(rows, count_some(rows))

    def __str__(self) -> str:
        return f"{self.counted} session{pluralize(self.counted.number)}"

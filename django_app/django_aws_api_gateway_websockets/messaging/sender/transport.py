from collections.abc import Iterable, Sequence

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.messaging.contract import (
    MOST_CONNECTIONS,
    Deliveries,
    Recipient,
    Request,
)
from django_aws_api_gateway_websockets.messaging.pace import Pace
from django_aws_api_gateway_websockets.messaging.turns import outcomes_of, schedule_for

from .dispatch import Dispatch
from .kept import Kept


class Sender:
    """Calls the Management API with the standard library alone, thousands of times a second.

    Proxies and client certificates are for `Boto3Transport`.
    """

    def __init__(self) -> None:
        self.kept = Kept()
        self.pace = Pace(conf.callbacks_per_second)

    def perform(
        self,
        recipients: Iterable[Recipient],
        requests: Sequence[Request],
        *,
        seconds: float,
        connections: int = MOST_CONNECTIONS,
    ) -> Deliveries:
        self.pace.change(conf.callbacks_per_second)  # as it is by now
        schedule = schedule_for(recipients, requests, seconds=seconds, pace=self.pace)
        dispatch = Dispatch(
            schedule, requests, kept=self.kept, most_connections=connections
        )
        return outcomes_of(schedule, dispatch)

    def close(self) -> None:
        """Close the connections that are kept."""
        self.kept.pool.close()

import re
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django_aws_api_gateway_websockets.conf import conf

from .contract import Delivery, Outcome

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

CONNECT_TIMEOUT = 2  # seconds
READ_TIMEOUT = 5  # seconds
CONNECTIONS = 50  # kept open for each address
# "Endpoint URL", Amazon API Gateway: also in China. A domain of your own names no region.
GATEWAY_HOST = re.compile(
    r"[a-z0-9-]+\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"
)


class Boto3Transport:
    """Posts with boto3, which is imported and set up by the first message."""

    def __init__(self) -> None:
        self.clients: dict[str, ApiGatewayManagementApiClient] = {}
        self.lock = Lock()

    def post(self, callback_url: str, connection_id: str, data: bytes) -> Delivery:
        client = self.client_for(callback_url)
        return delivery_of(
            lambda: client.post_to_connection(ConnectionId=connection_id, Data=data)
        )

    def hang_up(self, callback_url: str, connection_id: str) -> Delivery:
        client = self.client_for(callback_url)
        return delivery_of(lambda: client.delete_connection(ConnectionId=connection_id))

    def client_for(self, callback_url: str) -> "ApiGatewayManagementApiClient":
        from boto3.session import Session
        from botocore.config import Config

        # A client serves all threads, but making two at once is not safe.
        with self.lock:
            if callback_url not in self.clients:
                region = region_of(callback_url) or conf.region
                self.clients[callback_url] = Session(region_name=region).client(
                    "apigatewaymanagementapi",
                    endpoint_url=callback_url,
                    config=Config(
                        # The caller hears of every outcome; a retry in here would
                        # hold up the other recipients.
                        retries={"total_max_attempts": 1},
                        connect_timeout=CONNECT_TIMEOUT,
                        read_timeout=READ_TIMEOUT,
                        max_pool_connections=CONNECTIONS,
                    ),
                )
            return self.clients[callback_url]


def region_of(callback_url: str) -> str | None:
    """The region that the address is in, for which a call to it is signed."""
    host = GATEWAY_HOST.fullmatch(urlsplit(callback_url).hostname or "")
    return host["region"] if host else None


def delivery_of(call: Callable[[], Any]) -> Delivery:
    from botocore import exceptions

    try:
        return Delivery(Outcome.SENT, response=call())
    except exceptions.ClientError as error:
        return refused(error.response)
    except (exceptions.HTTPClientError, exceptions.ConnectionError) as error:
        return Delivery(Outcome.FAILED, reason=type(error).__name__)


def refused(response: Any) -> Delivery:
    # The status decides: a 410 may come without an error type in its headers.
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    reason = f"HTTP {status}"
    if status == 410:
        return Delivery(Outcome.GONE, reason=reason)
    if status == 429:
        return Delivery(Outcome.THROTTLED, reason=reason)
    return Delivery(Outcome.FAILED, reason=f"{reason} {response['Error']['Code']}")

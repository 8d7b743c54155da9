from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.exceptions import NoCredentials, NoRegion

from .contract import (
    MOST_CONNECTIONS,
    Deliveries,
    Delivery,
    Outcome,
    Recipient,
    Request,
)
from .pace import Pace
from .regions import signing_region
from .schedule import Call, Schedule

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

CONNECT_TIMEOUT = 2  # seconds
READ_TIMEOUT = 5  # seconds
LONGEST_WAIT = 0.1  # seconds
MOST_THREADS = 10  # to one endpoint; boto3 needs a whole processor for these


class Boto3Transport:
    """Posts with boto3: for proxies, client certificates, and whatever else it can do.

    It is imported and set up by the first message.
    """

    def __init__(self) -> None:
        self.clients: dict[str, ApiGatewayManagementApiClient] = {}
        self.lock = Lock()
        self.pace = Pace(conf.callbacks_per_second)

    def perform(
        self,
        recipients: Iterable[Recipient],
        requests: Sequence[Request],
        *,
        seconds: float,
        connections: int = MOST_CONNECTIONS,
    ) -> Deliveries:
        deadline = monotonic() + seconds
        schedule = Schedule(
            recipients, steps=len(requests), deadline=deadline, pace=self.pace
        )
        most = min(connections, MOST_THREADS)
        under_way: dict[Future[Delivery], Call] = {}
        # So many for one endpoint alone: one that hangs leaves the others theirs.
        threads = ThreadPoolExecutor(MOST_CONNECTIONS)
        try:
            while not schedule.is_over:
                schedule.advance(monotonic())
                for call in calls_from(schedule, under_way.values(), most):
                    request = requests[call.step]
                    under_way[threads.submit(self.make, call.recipient, request)] = call
                settle(schedule, under_way)
                while schedule.told:
                    yield schedule.told.popleft()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

    def make(self, recipient: Recipient, request: Request) -> Delivery:
        return delivery_of(lambda: self.call(recipient, request))

    def call(self, recipient: Recipient, request: Request) -> Any:
        client = self.client_for(recipient.callback_url)
        if request.method == "DELETE":
            return client.delete_connection(ConnectionId=recipient.connection_id)
        return client.post_to_connection(
            ConnectionId=recipient.connection_id, Data=request.body
        )

    def client_for(self, callback_url: str) -> "ApiGatewayManagementApiClient":
        from botocore.config import Config

        # A client serves all threads, but making two at once is not safe.
        with self.lock:
            if callback_url not in self.clients:
                self.clients[callback_url] = session_for(callback_url).client(
                    "apigatewaymanagementapi",
                    endpoint_url=callback_url,
                    config=Config(
                        # What to try again, and when, is for the schedule to say.
                        retries={"total_max_attempts": 1},
                        connect_timeout=CONNECT_TIMEOUT,
                        read_timeout=READ_TIMEOUT,
                        max_pool_connections=MOST_THREADS,
                    ),
                )
            return self.clients[callback_url]


def session_for(callback_url: str) -> "Session":
    """With the key that the settings name, as for any other transport."""
    from boto3.session import Session

    region = signing_region(callback_url)
    if conf.iam_profile:
        return Session(profile_name=conf.iam_profile, region_name=region)
    key_id, secret = conf.access_key or (None, None)
    return Session(key_id, secret, region_name=region)


def calls_from(
    schedule: Schedule, under_way: Iterable[Call], most: int
) -> Iterator[Call]:
    busy = Counter(call.recipient.callback_url for call in under_way)
    for callback_url in list(schedule.ready):
        while busy[callback_url] < most and (
            call := schedule.take(callback_url, monotonic())
        ):
            busy[callback_url] += 1
            yield call


def settle(schedule: Schedule, under_way: dict[Future[Delivery], Call]) -> None:
    """Wait until a call has ended, or for what else the schedule has to do."""
    pause = max(0, min(LONGEST_WAIT, schedule.wake_at - monotonic()))
    if schedule.told or not under_way:
        sleep(0 if schedule.told else pause)
        return
    done, _ = wait(under_way, timeout=pause, return_when=FIRST_COMPLETED)
    for future in done:
        schedule.settle(under_way.pop(future), future.result(), monotonic())


def delivery_of(call: Callable[[], Any]) -> Delivery:
    from botocore import exceptions

    try:
        response = call()
    except exceptions.ClientError as error:
        return refused(error.response)
    except (exceptions.HTTPClientError, exceptions.ConnectionError) as error:
        return Delivery(Outcome.FAILED, type(error).__name__, may_pass=True)
    except (
        exceptions.CredentialRetrievalError,
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.ProfileNotFound,
    ) as error:
        raise NoCredentials(str(error)) from error
    except (NoRegion, ValueError) as error:
        return Delivery(Outcome.FAILED, str(error))
    return Delivery(Outcome.SENT, answer=Boto3Answer(response["ResponseMetadata"]))


@dataclass(frozen=True)
class Boto3Answer:
    metadata: Mapping[str, Any]

    @property
    def status(self) -> int:
        return int(self.metadata["HTTPStatusCode"])

    @property
    def headers(self) -> Iterable[tuple[str, str]]:
        headers: Mapping[str, str] = self.metadata["HTTPHeaders"]
        return headers.items()


def refused(response: Any) -> Delivery:
    # The status decides: a 410 may come without an error type in its headers.
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    reason = f"HTTP {status}"
    if status == 410:
        return Delivery(Outcome.GONE, reason)
    if status == 429:
        return Delivery(Outcome.THROTTLED, reason, may_pass=True)
    reason = f"{reason} {response['Error']['Code']}"
    return Delivery(Outcome.FAILED, reason, may_pass=status >= 500)

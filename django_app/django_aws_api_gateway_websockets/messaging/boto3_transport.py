from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.exceptions import NoCredentials, NoRegion

from . import verdicts
from .calls import Call
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
from .schedule import Schedule
from .turns import outcomes_of, schedule_for

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
        self.pace.change(conf.callbacks_per_second)  # as it is by now
        schedule = schedule_for(recipients, requests, seconds=seconds, pace=self.pace)
        calls = CallsInThreads(
            schedule,
            lambda call: self.make(call.recipient, requests[call.step]),
            most=min(connections, MOST_THREADS),
        )
        return outcomes_of(schedule, calls)

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
    from botocore.session import Session as BotocoreSession

    region = signing_region(callback_url)
    session = BotocoreSession(profile=conf.iam_profile)
    if conf.access_key and not conf.iam_profile:
        # As arguments of boto3's session they would be in its variables, which error
        # reports show.
        session.set_credentials(*conf.access_key)
    return Session(botocore_session=session, region_name=region)


class CallsInThreads:
    """Makes calls that keep a thread waiting, `most` at once to one endpoint."""

    def __init__(
        self, schedule: Schedule, make: Callable[[Call], Delivery], *, most: int
    ) -> None:
        self.schedule = schedule
        self.make = make
        self.most = most
        self.under_way: dict[Future[Delivery], Call] = {}
        # So many for one endpoint alone: one that hangs leaves the others theirs.
        self.threads = ThreadPoolExecutor(MOST_CONNECTIONS)

    def now(self) -> float:
        return monotonic()

    def make_calls(self) -> None:
        busy = Counter(call.recipient.callback_url for call in self.under_way.values())
        for callback_url in list(self.schedule.ready):
            while busy[callback_url] < self.most and (
                call := self.schedule.take(callback_url, monotonic())
            ):
                busy[callback_url] += 1
                self.under_way[self.threads.submit(self.make, call)] = call

    def wait(self) -> None:
        pause = max(0, min(LONGEST_WAIT, self.schedule.wake_at - monotonic()))
        if not self.under_way:
            sleep(pause)
            return
        done, _ = wait(self.under_way, timeout=pause, return_when=FIRST_COMPLETED)
        for future in done:
            call = self.under_way.pop(future)
            if error := future.exception():  # such as a key that is missing by now
                self.schedule.drop(call)
                raise error
            self.schedule.settle(call, future.result(), monotonic())

    def leave(self) -> None:
        self.threads.shutdown(wait=False, cancel_futures=True)


def delivery_of(call: Callable[[], Any]) -> Delivery:
    from botocore import exceptions

    try:
        response = call()
    except exceptions.ClientError as error:
        return refused(error.response)
    except (exceptions.HTTPClientError, exceptions.ConnectionError) as error:
        return Delivery(Outcome.FAILED, type(error).__name__, is_transient=True)
    except (
        exceptions.CredentialRetrievalError,
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.ProfileNotFound,
    ) as error:
        raise NoCredentials(str(error)) from error
    except (NoRegion, ValueError) as error:
        return Delivery(Outcome.FAILED, str(error))
    answer = Boto3Answer(response["ResponseMetadata"])
    return verdicts.verdict(answer.status, "", answer=answer)


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


def refused(response: Mapping[str, Any]) -> Delivery:
    answer = Boto3Answer(response["ResponseMetadata"])
    status, error = answer.status, response["Error"]
    # Where the gateway names no type, botocore takes the status for one.
    has_type = error["Code"] != str(status)
    error_type = error["Code"] if has_type else ""
    # And where a server breaks without a word, it says what the status is called.
    message = error.get("Message") if has_type or status < 500 else ""
    return verdicts.verdict(
        status,
        verdicts.reason_of(status, error_type, str(message or "")),
        is_expired=verdicts.is_expired(status, error_type),
        answer=answer,
    )

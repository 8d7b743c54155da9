"""What is sent to one endpoint: the same for everybody, but for whom it is and the signature."""

import time
from collections.abc import Sequence

from django_aws_api_gateway_websockets.messaging.calls import Call
from django_aws_api_gateway_websockets.messaging.contract import Request
from django_aws_api_gateway_websockets.messaging.credentials import current_credentials
from django_aws_api_gateway_websockets.messaging.signing import Signer

from .clock import Clock
from .endpoints import Endpoint


class SignedRequests:
    def __init__(
        self,
        requests: Sequence[Request],
        *,
        endpoint: Endpoint,
        region: str,
        clock: Clock,
    ) -> None:
        """All requests of a broadcast; ValueError where one's head cannot be written."""
        self.requests = requests
        self.endpoint = endpoint
        self.region = region
        self.clock = clock
        self.renew()

    def request_for(self, call: Call) -> bytes:
        """The request of the step that the call is at."""
        head = self.signers[call.step].head(call.recipient.connection_id)
        return head + self.requests[call.step].body

    def keep_up(self) -> None:
        """Ask for the time and the credentials again, which hold for a second."""
        if self.are_outdated or self.second != int(time.time()):
            self.renew()

    def renew(self) -> None:
        credentials = current_credentials()
        self.second = int(time.time())
        self.signers = [
            Signer(
                credentials,
                region=self.region,
                host=self.endpoint.host,
                method=request.method,
                base_path=self.endpoint.base_path,
                body=request.body,
                at=self.clock.now(),
            )
            for request in self.requests
        ]
        self.are_outdated = False

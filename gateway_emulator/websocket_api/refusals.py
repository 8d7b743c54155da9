"""Answer a handshake with an HTTP response instead of a socket."""

from contextlib import suppress
from dataclasses import dataclass

from gateway_emulator.asgi import Receive, Send, encoded
from gateway_emulator.identifiers import new_request_id
from gateway_emulator.websocket_api import frames
from gateway_emulator.websocket_api.context import EventContext
from gateway_emulator.websocket_api.integrations import (
    IntegrationAnswer,
    IntegrationFailed,
)

JSON_TYPE = "application/json; charset=UTF-8"


@dataclass(frozen=True)
class Refusal:
    """What a client gets that is not let in."""

    status: int
    content_type: str
    body: bytes

    async def answer(self, receive: Receive, send: Send) -> None:
        """Send the response, and wait until the connection is over."""
        headers = encoded(
            [("content-type", self.content_type), ("x-amz-apigw-id", new_request_id())]
        )
        with suppress(OSError):  # the client has gone while $connect was decided
            await send(
                {
                    "type": "websocket.http.response.start",
                    "status": self.status,
                    "headers": headers,
                }
            )
            await send({"type": "websocket.http.response.body", "body": self.body})
            # uvicorn misses a handshake until the refusal and the connection's end,
            # a message each, are behind it.
            await receive()
            await receive()


FORBIDDEN = Refusal(403, "application/json", b'{"message":"Forbidden"}')


def refusal_of_failure(failure: IntegrationFailed, context: EventContext) -> Refusal:
    connection_id = context.connection.id
    frame = frames.error_frame(failure.message, connection_id, context.request_id)
    return Refusal(failure.status, JSON_TYPE, frame.encode())


def refusal_of_answer(answer: IntegrationAnswer) -> Refusal:
    """Pass the backend's answer on; API Gateway adds a charset to its content type."""
    content_type = answer.header("content-type") or JSON_TYPE
    if "charset" not in content_type.lower():
        content_type += "; charset=UTF-8"
    return Refusal(answer.status, content_type, answer.body)

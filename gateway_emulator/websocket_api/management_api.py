"""The Management API: POST, GET and DELETE /{stage}/@connections/{id}.

Source: "Use @connections commands in your backend service", API Gateway Developer Guide, and
recorded answers for the error types.
"""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway_emulator.asgi import (
    BodyTooLarge,
    ClientGone,
    Receive,
    Scope,
    Send,
    decoded,
    read_body,
    respond,
)
from gateway_emulator.event_log import EventLog
from gateway_emulator.identifiers import (
    WELL_FORMED_CONNECTION_ID,
    new_request_id,
    new_trace_id,
)
from gateway_emulator.limits import MESSAGE_BYTES
from gateway_emulator.template.deployment import WebSocketApi
from gateway_emulator.websocket_api.connections import (
    Connection,
    ConnectionGone,
    Connections,
    ConnectionState,
)

PATH = re.compile(r"/(?P<stage>[^/]+)/@connections/(?P<id>[^/]+)")
METHODS = ("POST", "GET", "DELETE")


@dataclass(frozen=True)
class ManagementAnswer:
    """A status, the body, and for an error its type, which SDKs raise it by."""

    status: int
    body: str = ""
    error_type: str | None = None


FORBIDDEN = ManagementAnswer(403, '{"message":"Forbidden"}', "ForbiddenException")
UNSIGNED = ManagementAnswer(
    403,
    '{"message":"Missing Authentication Token"}',
    "MissingAuthenticationTokenException",
)
GONE = ManagementAnswer(410, "", "GoneException")
TOO_SLOW = ManagementAnswer(
    429, '{"message":"The client does not read"}', "LimitExceededException"
)
TOO_LARGE = ManagementAnswer(413)  # bare, as recorded: no type and no request id


class ManagementApi:
    """An ASGI app that lets backends send to sockets, look at them and close them."""

    def __init__(
        self,
        current_api: Callable[[], WebSocketApi],
        connections: Connections,
        log: EventLog,
    ) -> None:
        self.current_api = current_api
        self.connections = connections
        self.log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = PATH.fullmatch(scope["path"])
        if match is None or scope["method"] not in METHODS:
            with self.log.event(f"{scope['method']} (no @connections)") as entry:
                entry.status = str(FORBIDDEN.status)
            await send_answer(send, FORBIDDEN)
            return
        route = f"{scope['method']} @connections"
        with self.log.event(route, connection_id=match["id"]) as entry:
            try:
                answer = await self.answer(scope, receive, match["stage"], match["id"])
            except ClientGone:
                entry.remark = "the caller has gone"
                return
            entry.status = str(answer.status)
        await send_answer(send, answer)

    async def answer(
        self, scope: Scope, receive: Receive, stage: str, connection_id: str
    ) -> ManagementAnswer:
        try:
            data = await read_body(receive, limit=MESSAGE_BYTES)
        except BodyTooLarge:
            return TOO_LARGE
        if self.current_api().stage(stage) is None:
            return FORBIDDEN
        if "authorization" not in {
            name.lower() for name, _ in decoded(scope["headers"])
        }:
            return UNSIGNED
        if WELL_FORMED_CONNECTION_ID.fullmatch(connection_id) is None:
            message = json.dumps({"message": f"Invalid connectionId: {connection_id}"})
            return ManagementAnswer(400, message, "BadRequestException")
        connection = self.connections.open.get(connection_id)
        if connection is None or connection.state is not ConnectionState.OPEN:
            return GONE
        try:
            return await perform(scope["method"], connection, data)
        except ConnectionGone:
            return GONE
        except TimeoutError:
            return TOO_SLOW


async def perform(method: str, connection: Connection, data: bytes) -> ManagementAnswer:
    if method == "GET":
        return ManagementAnswer(200, description(connection))
    if method == "DELETE":
        await connection.close(1000, "Connection Closed Normally")
        return ManagementAnswer(204)
    await connection.send_text(data.decode("utf-8", "replace"))
    return ManagementAnswer(200)


def description(connection: Connection) -> str:
    """Describe a connection, in the layout that AWS sends."""
    identity = {"sourceIp": connection.source_ip, "userAgent": connection.user_agent}
    members = {
        "identity": identity,
        "connectedAt": iso_time(connection.connected_at),
        "lastActiveAt": iso_time(connection.last_active_at),
    }
    return json.dumps(members, indent=2, separators=(",", " : "))


def iso_time(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


async def send_answer(send: Send, answer: ManagementAnswer) -> None:
    body = answer.body.encode()
    headers = [("content-type", "application/json"), ("content-length", str(len(body)))]
    if answer.status == 204:
        headers = []
    if answer.status == 200:
        headers.append(("x-amzn-trace-id", new_trace_id()))
    if answer is not TOO_LARGE:
        headers += [
            ("x-amzn-requestid", str(uuid.uuid4())),
            ("x-amz-apigw-id", new_request_id()),
        ]
    if answer.error_type is not None:
        headers.append(("x-amzn-errortype", answer.error_type))
    await respond(send, answer.status, headers, body)

"""The ASGI app of the WebSocket API: a client's life, and the Management API beside it."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from gateway_emulator.asgi import Message, Receive, Scope, Send, encoded
from gateway_emulator.event_log import EventLog
from gateway_emulator.identifiers import new_message_id, new_request_id, new_trace_id
from gateway_emulator.limits import SocketLifetime
from gateway_emulator.template.deployment import Route, Stage, WebSocketApi
from gateway_emulator.websocket_api import frames
from gateway_emulator.websocket_api.connections import (
    Connection,
    ConnectionGone,
    Connections,
)
from gateway_emulator.websocket_api.context import EventContext, EventType
from gateway_emulator.websocket_api.handshake import Handshake
from gateway_emulator.websocket_api.integrations import (
    Event,
    IntegrationAnswer,
    IntegrationFailed,
    Integrations,
)
from gateway_emulator.websocket_api.management_api import ManagementApi
from gateway_emulator.websocket_api.routes import select_route

JSON_TYPE = "application/json; charset=UTF-8"


class WebSocketApiServer:
    """Accepts sockets and calls the integrations for what happens to them."""

    def __init__(
        self,
        current_api: Callable[[], WebSocketApi],
        integrations: Integrations,
        log: EventLog,
        *,
        lifetime: SocketLifetime | None = None,
        drop_disconnect: bool = False,
    ) -> None:
        self.current_api = current_api
        self.integrations = integrations
        self.log = log
        self.lifetime = lifetime or SocketLifetime()
        self.drop_disconnect = drop_disconnect
        self.connections = Connections()
        self.management_api = ManagementApi(current_api, self.connections, log)
        self.tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.management_api(scope, receive, send)
            return
        await receive()  # websocket.connect
        stage = self.stage_of_path(scope["path"])
        if stage is None:
            await refuse(send, 403, "application/json", b'{"message":"Forbidden"}')
            await connection_lost(receive)
            return
        await self.serve(stage, scope, receive, send)

    def stage_of_path(self, path: str) -> Stage | None:
        """Return the stage, which is the whole path but for a slash at its end."""
        return self.current_api().stage(path.removeprefix("/").removesuffix("/"))

    async def serve(
        self, stage: Stage, scope: Scope, receive: Receive, send: Send
    ) -> None:
        trace_id = new_trace_id()
        handshake = Handshake.of_scope(scope, trace_id)
        connection = Connection(
            stage=stage.name,
            send=send,
            domain_name=handshake.header("host") or "",
            source_ip=handshake.source_ip,
            user_agent=handshake.header("user-agent"),
        )
        answer = await self.connect(connection, handshake, trace_id)
        if answer is None:
            await connection_lost(receive)
            return
        code, reason = 1006, ""
        with suppress(OSError):  # the client has gone while $connect was decided
            await connection.accept(chosen_subprotocol(answer, handshake))
            with self.connections.listed(connection):
                code, reason = await self.exchange(connection, receive)
        if code != 1012:  # which only the emulator's own end closes with
            await self.disconnect(connection, code, reason)

    async def connect(
        self, connection: Connection, handshake: Handshake, trace_id: str
    ) -> IntegrationAnswer | None:
        """Return what $connect answered, or None after telling the client that it is refused."""
        api = self.current_api()
        route = api.routes.get("$connect")
        if route is None:
            return IntegrationAnswer(200, [], b"")
        context = EventContext(api, connection, EventType.CONNECT, route.key)
        answer = await self.call(route, Event(context, trace_id, handshake))
        if isinstance(answer, IntegrationFailed):
            frame = frames.error_frame(
                answer.message, connection.id, context.request_id
            )
            await refuse(connection.send, answer.status, JSON_TYPE, frame.encode())
            return None
        if not 200 <= answer.status < 300:
            await refuse(
                connection.send, answer.status, content_type(answer), answer.body
            )
            return None
        return answer

    async def call(
        self, route: Route, event: Event
    ) -> IntegrationAnswer | IntegrationFailed:
        """Call a route's backend and log the event as one line."""
        with self.log.event(
            route.key,
            event.trace_id,
            connection_id=event.context.connection.id,
            waits=True,
        ) as entry:
            try:
                answer = await self.integrations.call(route.integration, event, entry)
            except IntegrationFailed as failure:
                entry.status, entry.remark = str(failure.status), str(failure)
                return failure
            entry.status = str(answer.status)
            return answer

    async def exchange(
        self, connection: Connection, receive: Receive
    ) -> tuple[int, str]:
        """Handle a socket's messages until it closes; return the code and reason."""
        ending = asyncio.ensure_future(connection.close_in_time(self.lifetime))
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                connection.touch()
                if message.get("text") is None:
                    await connection.close(1003, "Binary is not supported")
                else:
                    self.in_background(self.message(connection, message["text"]))
        finally:
            ending.cancel()
        return code_and_reason(message)

    async def message(self, connection: Connection, body: str) -> None:
        api = self.current_api()
        key = select_route(api.route_selection_expression, body, api.routes)
        context = EventContext(
            api,
            connection,
            EventType.MESSAGE,
            key or "",
            message_id=new_message_id(connection.id),
        )
        if key is None:
            with self.log.event("(no route)", connection_id=connection.id) as entry:
                entry.status = "403"
            await self.send_error(context, frames.FORBIDDEN)
            return
        route = api.routes[key]
        answer = await self.call(route, Event(context, new_trace_id(), body=body))
        if isinstance(answer, IntegrationFailed):
            await self.send_error(context, answer.message)
        elif route.answers:
            await send_to(connection, answer.body.decode("utf-8", "replace"))

    async def send_error(self, context: EventContext, message: str) -> None:
        connection = context.connection
        frame = frames.error_frame(message, connection.id, context.request_id)
        await send_to(connection, frame)

    async def disconnect(self, connection: Connection, code: int, reason: str) -> None:
        """Deliver $disconnect; its result is ignored."""
        api = self.current_api()
        route = api.routes.get("$disconnect")
        if route is None or self.drop_disconnect:
            return
        context = EventContext(
            api, connection, EventType.DISCONNECT, route.key, disconnect=(code, reason)
        )
        await self.call(route, Event(context, new_trace_id()))

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work beside the socket's next messages: API Gateway does not keep their order."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


async def connection_lost(receive: Receive) -> None:
    """Wait for the end of a refused client's connection, before which uvicorn misses a handshake."""
    for _ in ("the refusal", "the connection's end"):
        await receive()


async def send_to(connection: Connection, text: str) -> None:
    try:
        await connection.send_text(text)
    except ConnectionGone:
        return  # who has left gets no answer


def chosen_subprotocol(answer: IntegrationAnswer, handshake: Handshake) -> str | None:
    """Return the subprotocol that the backend chose, if the client has offered it."""
    chosen = answer.header("sec-websocket-protocol")
    return chosen if chosen in handshake.offered_subprotocols() else None


def code_and_reason(message: Message) -> tuple[int, str]:
    """Read a disconnect message; one without a reason tells of a lost TCP connection."""
    if "reason" not in message and message.get("code") == 1005:
        return 1006, ""
    return message.get("code", 1005), message.get("reason") or ""


def content_type(answer: IntegrationAnswer) -> str:
    """Return the backend's content type, completed with a charset as API Gateway does."""
    sent = answer.header("content-type") or JSON_TYPE
    return sent if "charset" in sent.lower() else f"{sent}; charset=UTF-8"


async def refuse(send: Send, status: int, media_type: str, body: bytes) -> None:
    """Answer a handshake with an HTTP response instead of a socket."""
    headers = encoded(
        [("content-type", media_type), ("x-amz-apigw-id", new_request_id())]
    )
    start = {
        "type": "websocket.http.response.start",
        "status": status,
        "headers": headers,
    }
    with suppress(OSError):  # the client has gone while $connect was decided
        await send(start)
        await send({"type": "websocket.http.response.body", "body": body})

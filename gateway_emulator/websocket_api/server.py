"""The ASGI app of the WebSocket API: a client's life, and the Management API beside it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from gateway_emulator.asgi import Receive, Scope, Send
from gateway_emulator.background import BackgroundTasks
from gateway_emulator.event_log import EventLog
from gateway_emulator.identifiers import new_message_id, new_trace_id
from gateway_emulator.limits import SocketLifetime
from gateway_emulator.template.deployment import Route, WebSocketApi
from gateway_emulator.websocket_api import frames
from gateway_emulator.websocket_api.connections import (
    Connection,
    ConnectionGone,
    Connections,
    Ending,
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
from gateway_emulator.websocket_api.refusals import (
    FORBIDDEN,
    Refusal,
    refusal_of_answer,
    refusal_of_failure,
)
from gateway_emulator.websocket_api.routes import select_route

# Of one connection: further ones wait in its TCP buffers, so that a client that floods
# its socket leaves room for the others.
MESSAGES_IN_FLIGHT = 20
# Seconds by which the last messages of a connection precede its $disconnect, which on
# AWS rarely overtakes them.
HEAD_START = 0.25


class WebSocketApiServer:
    """Accepts sockets and calls the integrations for what happens to them."""

    def __init__(
        self,
        current_api: Callable[[], WebSocketApi],
        integrations: Integrations,
        log: EventLog,
        *,
        lifetime: SocketLifetime,
        drop_disconnect: bool,
    ) -> None:
        self.current_api = current_api
        self.integrations = integrations
        self.log = log
        self.lifetime = lifetime
        self.drop_disconnect = drop_disconnect
        self.connections = Connections()
        self.management_api = ManagementApi(current_api, self.connections, log)
        self.background = BackgroundTasks()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.management_api(scope, receive, send)
            return
        await receive()  # websocket.connect
        # The stage is the whole path, but for a slash at its end.
        name = scope["path"].removeprefix("/").removesuffix("/")
        if self.current_api().stage(name) is None:
            with self.log.event("(no stage)") as entry:
                entry.status = str(FORBIDDEN.status)
            await FORBIDDEN.answer(receive, send)
            return
        await self.serve(name, scope, receive, send)

    async def serve(
        self, stage: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        trace_id = new_trace_id()
        handshake = Handshake.of_scope(scope, trace_id)
        connection = Connection(
            stage=stage,
            send=send,
            domain_name=handshake.header("host") or "",
            source_ip=handshake.source_ip,
            user_agent=handshake.header("user-agent"),
        )
        answer = await self.connect(connection, handshake, trace_id)
        if isinstance(answer, Refusal):
            await answer.answer(receive, send)
            return
        ending: Ending | None = Ending(1006, "")
        with suppress(OSError):  # the client has gone while $connect was decided
            await connection.accept(chosen_subprotocol(answer, handshake))
            with self.connections.listed(connection):
                ending = await self.exchange(connection, receive)
        if ending is not None:
            await self.disconnect(connection, ending)

    async def connect(
        self, connection: Connection, handshake: Handshake, trace_id: str
    ) -> IntegrationAnswer | Refusal:
        """Let $connect decide; without that route everybody is let in."""
        api = self.current_api()
        route = api.routes.get("$connect")
        if route is None:
            return IntegrationAnswer(200, [], b"")
        context = EventContext(api, connection, EventType.CONNECT, route.key)
        answer = await self.call(route, Event(context, trace_id, handshake))
        if isinstance(answer, IntegrationFailed):
            return refusal_of_failure(answer, context)
        if not 200 <= answer.status < 300:
            return refusal_of_answer(answer)
        return answer

    async def exchange(self, connection: Connection, receive: Receive) -> Ending | None:
        """Handle a socket's messages until it closes; None if the emulator itself ends."""
        closing = asyncio.ensure_future(connection.close_in_time(self.lifetime))
        handled: set[asyncio.Task[None]] = set()
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                connection.touch()
                if message.get("text") is None:
                    await connection.close(1003, "Binary is not supported")
                    continue
                # Beside the next ones: API Gateway does not keep their order.
                task = self.background.run(self.message(connection, message["text"]))
                handled.add(task)
                task.add_done_callback(handled.discard)
                if len(handled) >= MESSAGES_IN_FLIGHT:
                    await asyncio.wait(handled, return_when=asyncio.FIRST_COMPLETED)
        finally:
            closing.cancel()
        if handled:
            await asyncio.wait(handled, timeout=HEAD_START)
        return Ending.of_message(message)

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
            await send_error(context, frames.FORBIDDEN)
            return
        route = api.routes[key]
        answer = await self.call(route, Event(context, new_trace_id(), body=body))
        if isinstance(answer, IntegrationFailed):
            await send_error(context, answer.message)
        elif route.answers:
            await send_to(connection, answer.body.decode("utf-8", "replace"))

    async def disconnect(self, connection: Connection, ending: Ending) -> None:
        """Deliver $disconnect; its result is ignored."""
        api = self.current_api()
        route = api.routes.get("$disconnect")
        if route is None or self.drop_disconnect:
            return
        context = EventContext(
            api, connection, EventType.DISCONNECT, route.key, ending=ending
        )
        await self.call(route, Event(context, new_trace_id()))

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


async def send_error(context: EventContext, message: str) -> None:
    connection = context.connection
    frame = frames.error_frame(message, connection.id, context.request_id)
    await send_to(connection, frame)


async def send_to(connection: Connection, text: str) -> None:
    with suppress(ConnectionGone, TimeoutError):  # who does not listen gets no answer
        await connection.send_text(text)


def chosen_subprotocol(answer: IntegrationAnswer, handshake: Handshake) -> str | None:
    """Return the subprotocol that the backend chose, if the client has offered it."""
    chosen = answer.header("sec-websocket-protocol")
    return chosen if chosen in handshake.offered_subprotocols() else None

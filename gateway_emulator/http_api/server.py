"""The ASGI app of the HTTP API."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from gateway_emulator.asgi import (
    BodyTooLarge,
    ClientGone,
    Receive,
    Scope,
    Send,
    client_ip,
    decoded,
    read_body,
    respond,
)
from gateway_emulator.event_log import Entry, EventLog
from gateway_emulator.functions import REQUEST_TOO_LARGE, Functions
from gateway_emulator.http_api.events import HttpRequest, http_event
from gateway_emulator.http_api.responses import (
    HttpResponse,
    MalformedAnswer,
    error_response,
    response_of_answer,
)
from gateway_emulator.http_api.routes import RouteMatch, match_route
from gateway_emulator.identifiers import new_trace_id
from gateway_emulator.limits import HTTP_BODY_BYTES
from gateway_emulator.template.deployment import HttpApi

# Headers of one hop: API Gateway neither passes nor repeats them.
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade"}


class HttpApiServer:
    """Answers each request with the function of its route."""

    def __init__(
        self, current_api: Callable[[], HttpApi], functions: Functions, log: EventLog
    ) -> None:
        self.current_api = current_api
        self.functions = functions
        self.log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = request_of_scope(scope)
        trace_id = dict(request.headers).get("x-amzn-trace-id") or new_trace_id()
        with self.log.event(f"{request.method} {request.path}", trace_id) as entry:
            try:
                body = await read_body(receive, limit=HTTP_BODY_BYTES)
            except ClientGone:
                entry.remark = "the client has gone"
                return
            except BodyTooLarge:
                response = error_response(413, "Request Entity Too Large")
            else:
                request = replace(request, body=body)
                response = await self.response(request, trace_id, entry)
            entry.status = str(response.status)
        await send_response(send, response)

    async def response(
        self, request: HttpRequest, trace_id: str, entry: Entry
    ) -> HttpResponse:
        api = self.current_api()
        path = path_in_stage(api, request.path)
        match = match_route(api.routes, request.method, path) if path else None
        if match is None:
            return error_response(404, "Not Found")
        try:
            async with asyncio.timeout(match.route.integration.timeout):
                return await self.invoke(api, match, request, trace_id, entry)
        except TimeoutError:
            entry.remark = "integration timeout"
            return error_response(503, "Service Unavailable")

    async def invoke(
        self,
        api: HttpApi,
        match: RouteMatch,
        request: HttpRequest,
        trace_id: str,
        entry: Entry,
    ) -> HttpResponse:
        event = http_event(
            api,
            request,
            route_key=match.route.key,
            path_parameters=match.path_parameters,
            trace_id=trace_id,
        )
        answer = await self.functions.invoke(
            match.route.integration.uri, event, trace_id
        )
        entry.start = answer.start
        if answer.failure is not None:
            entry.remark = str(answer.failure)
            if answer.failure is REQUEST_TOO_LARGE:
                return error_response(413, "Request Entity Too Large")
            return error_response(500, "Internal Server Error")
        try:
            return response_of_answer(answer.value)
        except MalformedAnswer as error:
            entry.remark = f"malformed answer: {error}"
            return error_response(500, "Internal Server Error")


def request_of_scope(scope: Scope) -> HttpRequest:
    return HttpRequest(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=[
            (name, value)
            for name, value in decoded(scope["headers"])
            if name not in HOP_BY_HOP
        ],
        body=b"",
        source_ip=client_ip(scope),
        port=scope["server"][1],
    )


def path_in_stage(api: HttpApi, path: str) -> str | None:
    """Return the path without the stage, which stands first unless it is $default."""
    if api.stage.name == "$default":
        return path
    _, stage, *rest = path.split("/", 2)
    return f"/{''.join(rest)}" if stage == api.stage.name else None


async def send_response(send: Send, response: HttpResponse) -> None:
    own = HOP_BY_HOP | {"content-length"}
    headers = [each for each in response.headers if each[0] not in own]
    headers.append(("content-length", str(len(response.body))))
    await respond(send, response.status, headers, response.body)

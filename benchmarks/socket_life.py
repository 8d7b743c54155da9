"""What happens to the socket of a user who is logged in, from its token to its end."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from benchmarks.events import page, through_http
from benchmarks.runtime import FunctionProcess
from gateway_emulator.identifiers import new_connection_id

KINDS = ("token", "connect", "message", "disconnect")
LISTEN = json.dumps({"handler": "listen"})

Answers = Mapping[str, Any]  # by kind


@dataclass(frozen=True)
class Login:
    """What the browser of a user who is logged in has in its cookies."""

    session: str
    csrf_token: str

    @property
    def cookies(self) -> list[str]:
        return [f"sessionid={self.session}", f"csrftoken={self.csrf_token}"]


def live(process: FunctionProcess, login: Login) -> Answers:
    """Let a socket live in a process that serves `listening_urls`."""
    connection_id = new_connection_id()
    token = process.answer(token_request(login))
    value = json.loads(token["body"])["token"]
    return {
        "token": token,
        "connect": process.answer(connect(connection_id, value, login)),
        "message": process.answer(message(connection_id)),
        "disconnect": process.answer(of_socket("disconnect", connection_id)),
    }


def message_to_bare_view(process: FunctionProcess) -> Answers:
    event = message(new_connection_id())
    event["rawPath"] = event["requestContext"]["http"]["path"] = "/bare/default"
    return {"message": process.answer(event)}


def token_request(login: Login) -> Any:
    event = page("/token")
    event["requestContext"]["http"]["method"] = "POST"
    event["cookies"] = login.cookies
    event["headers"]["x-csrftoken"] = login.csrf_token
    event["headers"]["origin"] = f"https://{event['headers']['host']}"
    return event


def connect(connection_id: str, token: str, login: Login) -> Any:
    event = of_socket("connect", connection_id)
    event["cookies"] = login.cookies
    event["queryStringParameters"]["ws_token"] = token
    event["rawQueryString"] = urlencode(event["queryStringParameters"])
    return event


def message(connection_id: str) -> Any:
    return of_socket("message", connection_id, LISTEN)


def of_socket(name: str, connection_id: str, body: str = "") -> Any:
    event = through_http(name, connection_id, body)
    event["headers"]["x-real-ip"] = "198.51.100.7"  # the peer demands it
    return event

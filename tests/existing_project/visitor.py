"""Somebody who logs in and talks, without a screen."""

import json
import re
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from websockets.sync.client import ClientConnection, connect

SCRIPT = re.compile(r'<script id="websocket" type="application/json">(.*?)</script>')


class Visitor:
    """Keeps cookies, and does what the page's script does."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))

    def log_in(self) -> None:
        self.get("/lobby")
        self.post("/admin/login/?next=/lobby", username="alice", password="secret")

    def socket(
        self, *, origin: str | None = None, channel: str | None = None
    ) -> ClientConnection:
        [written] = SCRIPT.findall(self.get("/lobby"))
        settings = json.loads(written)
        token = json.loads(self.post(settings["tokenUrl"]))["token"]
        query = urlencode(
            {"channel": channel or settings["channel"], "ws_token": token}
        )
        return connect(f"{settings['socketUrl']}?{query}", origin=origin or self.site)

    def get(self, path: str) -> str:
        return self.text_of(Request(self.site + path))

    def post(self, path: str, **fields: str) -> str:
        [csrf_token] = [each.value for each in self.cookies if each.name == "csrftoken"]
        request = Request(self.site + path, data=urlencode(fields).encode())
        request.add_header("X-CSRFToken", csrf_token or "")
        return self.text_of(request)

    def text_of(self, request: Request) -> str:
        with self.opener.open(request, timeout=10) as response:
            text: str = response.read().decode()
            return text


def received(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(socket.recv(timeout=10))
    return message


def talk(visitor: Visitor) -> None:
    """Say something in one window, and see it in both."""
    with visitor.socket() as one, visitor.socket() as other:
        one.send(json.dumps({"handler": "say", "id": 1, "text": "hello"}))

        said = {"type": "said", "name": "alice", "text": "hello"}
        assert received(one) == received(other) == said
        assert received(one) == {"type": "reply", "id": 1, "data": {"heard_by": 2}}

"""A small server that answers as the Management API does, and calls of it."""

import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import unquote

from django_aws_api_gateway_websockets.messaging.contract import (
    Recipient,
    Request,
)

HELLO = Request("POST", '{"a":"é"}'.encode())
ANSWERS = {
    "sent=": (200, None),
    "gone=": (410, "GoneException"),
    "bare-gone=": (410, None),
    "large=": (413, "PayloadTooLargeException"),
    "throttled=": (429, "LimitExceededException"),
    "broken=": (500, None),
    "late=": (408, None),
    "bad=": (400, "BadRequestException"),
}


class ManagementApi(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = unquote(self.path)
        connection_id = path.rpartition("/")[2]
        with self.server.lock:
            self.server.calls.append((self.command, path, body))
            self.server.keys.append(self.headers["Authorization"].split("=")[1])
            answers = self.server.answers.get(connection_id, [])
            status, error_type = answers.pop(0) if answers else ANSWERS["sent="]
        words = json.dumps({"message": f"Invalid connectionId: {connection_id}"})
        body = words.encode() if status == 400 else b""
        if connection_id == "slow=":
            self.server.released.wait(5)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", f"request-{len(self.server.calls)}")
        if error_type:
            self.send_header("x-amzn-ErrorType", error_type)
        self.end_headers()
        self.wfile.write(body)

    do_DELETE = do_POST

    def log_message(self, *args):
        """Nothing: the calls are recorded."""


def to(address, *connection_ids, **fields):
    return [
        Recipient(number, connection_id, address, **fields)
        for number, connection_id in enumerate(connection_ids)
    ]


def outcomes(transport, recipients, requests=(HELLO,), *, seconds=10):
    """What came of each, by its connection id; nobody comes out twice."""
    told = list(transport.perform(recipients, requests, seconds=seconds))
    by_id = {recipient.connection_id: delivery for recipient, delivery in told}
    assert len(by_id) == len(told)
    return by_id

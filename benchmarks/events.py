"""The events that functions are asked with: those that `sam local invoke` takes too."""

import json
from typing import Any

from benchmarks.runtime import ROOT

EVENTS = ROOT / "events"


def event(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def page(path: str) -> Any:
    """A browser opens a page."""
    opened = event("page")
    opened["rawPath"] = opened["requestContext"]["http"]["path"] = path
    return opened


def through_http(name: str, connection_id: str, body: str = "") -> Any:
    """An event of a socket, as it comes through the HTTP API."""
    changed = event(f"http_{name}")
    changed["headers"]["connectionid"] = connection_id
    changed["headers"]["content-length"] = str(len(body))
    return {**changed, "body": body}


def directly(name: str, connection_id: str, body: str = "") -> Any:
    """An event of a socket, as a function gets it from the WebSocket API."""
    changed = event(f"websocket_{name}")
    changed["requestContext"]["connectionId"] = connection_id
    return {**changed, "body": body}

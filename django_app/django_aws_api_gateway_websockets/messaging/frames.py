"""The messages that this package makes itself. Those of an application have no frame."""

from typing import Any

Frame = dict[str, Any]
MAX_ID_LENGTH = 128
MAX_ID_NUMBER = 2**53  # beyond it a browser reads another number


def reply(message: Frame, data: Any) -> Frame:
    """The answer to one message of the client."""
    return {"type": "reply", "id": message_id(message), "data": data}


def error(message: Frame, *, code: str, text: str, fields: Any = None) -> Frame:
    """A message of the client was not carried out; with a form, which fields are wrong."""
    frame: Frame = {"type": "error", "code": code, "message": text}
    if (identifier := message_id(message)) is not None:
        frame["id"] = identifier
    if fields is not None:
        frame["fields"] = fields
    return frame


def goodbye(reason: str, *, reconnect: bool) -> Frame:
    """The last words before the server hangs up."""
    return {"type": "goodbye", "reason": reason, "reconnect": reconnect}


def pong() -> Frame:
    return {"type": "pong"}


def message_id(message: Frame) -> str | int | float | None:
    # The client's own text comes back to it, so only what is small and simple.
    identifier = message.get("id")
    if isinstance(identifier, str):
        return identifier if len(identifier) <= MAX_ID_LENGTH else None
    if isinstance(identifier, int) and abs(identifier) > MAX_ID_NUMBER:
        return None
    return identifier if isinstance(identifier, int | float) else None

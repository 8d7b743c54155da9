"""How API Gateway speaks on a socket, where that is not how uvicorn does."""

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import (
    WebSocketsSansIOProtocol,
)
from websockets.exceptions import InvalidState

from gateway_emulator.limits import FRAME_BYTES

LINGER = 0.2  # seconds: what a client is sending then has arrived
BAD_REQUEST = (
    b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)


class GatewayProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, but that long texts go out in several frames, and that it
    lingers after a violation.

    A TCP connection that is closed while bytes are still coming in is reset, and a reset
    destroys the close frame on its way to the client: so it reads on for a moment.
    """

    has_violated = False

    def data_received(self, data: bytes) -> None:
        if self.has_violated:
            return
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.linger(BAD_REQUEST)  # too large, or no handshake at all

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not is_utf8(b"".join(self.frames)):
            self.conn.fail(1007)
            self.handle_parser_exception()
            return
        super().send_receive_event_to_app()

    async def send(self, message: ASGISendEvent) -> None:
        text = message.get("text") if message["type"] == "websocket.send" else None
        data = str(text or "").encode()
        if len(data) <= FRAME_BYTES:
            await super().send(message)
            return
        await self.writable.wait()
        if self.disconnected:
            raise ClientDisconnected
        try:
            self.send_in_frames(data)
        except InvalidState:  # closed by either side
            raise ClientDisconnected from None

    def send_in_frames(self, data: bytes) -> None:
        """Send a text as a first frame and continuations, which clients must put together."""
        self.conn.send_text(data[:FRAME_BYTES], fin=False)
        for start in range(FRAME_BYTES, len(data), FRAME_BYTES):
            chunk = data[start : start + FRAME_BYTES]
            self.conn.send_continuation(chunk, fin=start + FRAME_BYTES >= len(data))
        self.transport.write(b"".join(self.conn.data_to_send()))

    def handle_parser_exception(self) -> None:
        if (sent := self.conn.close_sent) is None:  # frames before the handshake's end
            self.linger(BAD_REQUEST)
            return
        self.queue.put_nowait(
            {"type": "websocket.disconnect", "code": sent.code, "reason": sent.reason}
        )
        self.close_sent = True
        self.linger(b"".join(self.conn.data_to_send()))

    def linger(self, last_words: bytes) -> None:
        self.has_violated = True
        self.transport.write(last_words)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER, self.transport.close)


def is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True

"""Close a socket that broke a rule so that its client learns why."""

from uvicorn.protocols.websockets.websockets_sansio_impl import (
    WebSocketsSansIOProtocol,
)

LINGER = 0.2  # seconds: what a client is sending then has arrived


class LingeringProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which after a violation reads on for a moment before it closes.

    A TCP connection that is closed while bytes are still coming in is reset, and a reset
    destroys the close frame on its way to the client.
    """

    def data_received(self, data: bytes) -> None:
        if not self.has_violated:
            super().data_received(data)

    @property
    def has_violated(self) -> bool:
        return self.close_sent and self.conn.parser_exc is not None

    def handle_parser_exception(self) -> None:
        sent = self.conn.close_sent
        assert sent is not None
        self.queue.put_nowait(
            {"type": "websocket.disconnect", "code": sent.code, "reason": sent.reason}
        )
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER, self.transport.close)

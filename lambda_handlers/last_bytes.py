"""Keeps the end of what is written, which says how it went."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class LastBytes(io.RawIOBase):
    def __init__(self, most: int) -> None:
        self.most = most
        self.kept = bytearray()
        self.written = 0

    def writable(self) -> bool:
        return True

    def write(self, written: "ReadableBuffer", /) -> int:
        data = bytes(written)
        self.written += len(data)
        self.kept += data[-self.most :]
        if len(self.kept) > 2 * self.most:  # seldom, as it moves what is kept
            del self.kept[: -self.most]
        return len(data)

    def text(self) -> str:
        """The end, and in the first line what is missing before it."""
        end = self.kept[-self.most :]
        text = end.decode(errors="replace")
        if not (cut := self.written - len(end)):
            return text
        return f"[the first {cut} bytes are cut off]\n{text}"

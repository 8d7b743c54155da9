"""Keeps the end of what was written, which says how it went."""


class LastBytes:
    def __init__(self, most: int) -> None:
        self.most = most
        self.kept = bytearray()
        self.cut = 0

    def add(self, data: bytes) -> None:
        self.kept += data
        excess = max(0, len(self.kept) - self.most)
        self.cut += excess
        del self.kept[:excess]  # cheap: it moves where the array begins, and no bytes

    def text(self) -> str:
        """The end, and in the first line what is missing before it."""
        text = self.kept.decode(errors="replace")
        if not self.cut:
            return text
        return f"[the first {self.cut} bytes are cut off]\n{text}"

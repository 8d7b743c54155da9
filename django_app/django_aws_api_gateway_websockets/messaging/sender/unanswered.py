"""How many calls an endpoint may leave without an answer."""

MOST_UNANSWERED = 20  # calls in a row, besides those that are under way


class Unanswered:
    """Counts `calls` from the last answer on; whoever gets one sets it to zero."""

    __slots__ = ("calls", "most")

    def __init__(self) -> None:
        self.calls = 0
        self.most = MOST_UNANSWERED

    def add(self, *, connections: int) -> None:
        """One more, by an endpoint that has so many connections left."""
        if not self.calls:
            # One blow, such as a server's restart, may end all that are under way.
            self.most = MOST_UNANSWERED + connections
        self.calls += 1

    @property
    def are_too_many(self) -> bool:
        """Is the endpoint to be given up?"""
        return self.calls >= self.most

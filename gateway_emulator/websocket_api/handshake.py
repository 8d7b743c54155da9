"""The client's opening request, as integrations see it."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from gateway_emulator.asgi import Headers, Scope, client_ip, decoded

# API Gateway writes names in title case, however the client does, but for these.
SPELLINGS = {
    name.lower(): name
    for name in (
        "Sec-WebSocket-Extensions",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Version",
    )
}
STRIPPED = {
    "connection",
    "upgrade",
    "x-amzn-trace-id",
    "x-forwarded-for",
    "x-forwarded-port",
    "x-forwarded-proto",
}


@dataclass(frozen=True)
class Handshake:
    """Headers in order and with repeats, query as sent, and where it came from."""

    headers: Headers
    query: str
    source_ip: str

    @classmethod
    def of_scope(cls, scope: Scope, trace_id: str) -> "Handshake":
        sent = decoded(scope["headers"])
        source_ip = client_ip(scope)
        hops = [*values(sent, "x-forwarded-for"), source_ip]
        headers = [
            (SPELLINGS.get(name.lower(), name.title()), value)
            for name, value in sent
            if name.lower() not in STRIPPED
        ]
        headers += [
            ("X-Amzn-Trace-Id", trace_id),
            ("X-Forwarded-For", ", ".join(hops)),
            ("X-Forwarded-Port", str(scope["server"][1])),
            ("X-Forwarded-Proto", "http"),
        ]
        return cls(headers, scope["query_string"].decode("latin-1"), source_ip)

    def header(self, name: str) -> str | None:
        return next(iter(values(self.headers, name)), None)

    def query_pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query, keep_blank_values=True)

    def offered_subprotocols(self) -> list[str]:
        offers = ",".join(values(self.headers, "sec-websocket-protocol")).split(",")
        return [offer.strip() for offer in offers if offer.strip()]


def values(pairs: Iterable[tuple[str, str]], name: str) -> list[str]:
    return [value for each, value in pairs if each.lower() == name.lower()]

"""The gateways that events come from, kept for a while: there are few, and they stay."""

import time

from .gateways import ApiGateway

KEPT_FOR = 10.0  # seconds until a change made by another process is seen


class KnownGateways:
    def __init__(self) -> None:
        self.forget()

    def forget(self, **_signal: object) -> None:
        self.found: dict[tuple[str, str], tuple[ApiGateway, float]] = {}

    def find(self, api_id: str) -> ApiGateway | None:
        """The gateway with this API id. One that is not there is looked for each time."""
        rows = ApiGateway.objects.all()
        key = (rows.db, api_id)
        now = time.monotonic()
        gateway, found_at = self.found.get(key, (None, 0.0))
        if gateway is not None and now - found_at < KEPT_FOR:
            return gateway
        gateway = rows.filter(api_id=api_id).first() if api_id else None
        if gateway is not None:
            self.found[key] = (gateway, now)
        return gateway


known_gateways = KnownGateways()

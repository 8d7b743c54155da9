"""Whose attempt is this? An address as limits count it."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# `203.0.113.50:4711` and `[2001:db8::1]:4711` come from some proxies.
WITH_PORT = re.compile(r"\[([^]]+)\](?::[0-9]{1,5})?|([^:]+):[0-9]{1,5}")


def limited_address(text: str) -> str | None:
    """An IPv4 address, or the /64 that one customer has of IPv6; None for anything else."""
    if match := WITH_PORT.fullmatch(text):
        text = match[1] or match[2]
    # Python would take any text for a zone. Nobody reaches a gateway from one.
    if "%" in text:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, 64), strict=False))


def forwarded_address(header: str, *, trusted_proxies: int) -> str:
    """The hop that the outermost of your proxies has seen; empty if there are too few."""
    hops = [hop.strip() for hop in header.split(",")]
    return hops[-trusted_proxies] if len(hops) >= trusted_proxies else ""

"""Two texts that mean one client are one address, and no text breaks anything."""

from ipaddress import IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_aws_api_gateway_websockets.client_address import (
    forwarded_address,
    limited_address,
)

PORTS = st.integers(0, 65_535)
IPV4, IPV6 = st.ip_addresses(v=4), st.ip_addresses(v=6)
GARBAGE = st.text(max_size=80) | st.text("0123456789abcdef:.[]%/ ", max_size=60)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.50", "203.0.113.50"),
        ("203.0.113.50:4711", "203.0.113.50"),
        ("::ffff:203.0.113.50", "203.0.113.50"),
        ("::FFFF:CB00:7132", "203.0.113.50"),
        ("[::ffff:203.0.113.50]:4711", "203.0.113.50"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::1", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::1]", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::1]:4711", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
    ],
)
def test_one_client_is_one_address(text, address):
    assert limited_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "unknown",
        "localhost",
        "203.0.113.500",
        "203.0.113.050",
        "203.0.113.50 ",
        "203.0.113.50\n",
        "203.0.113.50\x00",
        "203.0.113.50/24",
        "203.0.113.50:port",
        "203.0.113.50:123456",
        "203.0.113.50%eth0",
        "fe80::1%eth0",
        f"fe80::1%{'x' * 60}",
        "[2001:db8::1",
        "2001:db8::1]",
        "[]",
        "1" * 10_000,
        ":" * 10_000,
        "٢٠٣.0.113.50",
    ],
)
def test_what_is_no_address_is_none(text):
    assert limited_address(text) is None


@given(address=IPV4, port=PORTS)
def test_an_ipv4_address_is_itself_however_it_is_written(address, port):
    mapped = f"::ffff:{address}"
    written = (
        address,
        f"{address}:{port}",
        mapped,
        f"[{mapped}]",
        f"[{mapped}]:{port}",
    )

    assert {limited_address(str(text)) for text in written} == {str(address)}


@given(address=IPV6.filter(lambda address: not address.ipv4_mapped), port=PORTS)
def test_an_ipv6_address_is_its_network_of_64_bits(address, port):
    written = (address, address.exploded, f"[{address}]", f"[{address}]:{port}")
    networks = {limited_address(str(text)) for text in written}

    assert networks == {str(ip_network((address, 64), strict=False))}


@given(
    network=st.integers(0, 2**64 - 1).filter(bool),
    hosts=st.lists(st.integers(0, 2**64 - 1)),
)
def test_addresses_of_one_network_are_one(network, hosts):
    addresses = {
        limited_address(str(IPv6Address((network << 64) + host))) for host in hosts
    }

    assert len(addresses) <= 1


@given(text=GARBAGE)
def test_whatever_comes_is_an_address_or_none(text):
    address = limited_address(text)

    assert address is None or ip_network(address)
    assert address is None or len(address) <= 43


@given(
    hops=st.lists(
        IPV4.map(str) | GARBAGE.filter(lambda text: "," not in text),
        min_size=1,
        max_size=5,
    ),
    proxies=st.integers(1, 6),
)
def test_a_hop_is_counted_from_the_right(hops, proxies):
    address = forwarded_address(",".join(hops), trusted_proxies=proxies)

    assert address == (hops[-proxies].strip() if proxies <= len(hops) else "")


@given(forged=st.text(max_size=100), real=IPV4)
def test_what_a_client_puts_in_front_changes_nothing(forged, real):
    header = f"{forged}, {real}"

    assert ip_address(forwarded_address(header, trusted_proxies=1)) == real

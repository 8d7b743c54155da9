"""Calls to the Management API are signed as botocore signs them, letter by letter."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from boto3.session import Session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.utils import percent_encode
from hypothesis import example, given
from hypothesis import strategies as st

from django_aws_api_gateway_websockets.messaging import signing
from django_aws_api_gateway_websockets.messaging.credentials import Credentials
from django_aws_api_gateway_websockets.messaging.signing import Signer

CALL = {
    "credentials": Credentials("AKIDEXAMPLE", "of-alice"),
    "region": "eu-west-1",
    "host": "abc.execute-api.eu-west-1.amazonaws.com",
    "method": "POST",
    "base_path": "/production",
    "body": b"{}",
    "at": datetime(2026, 11, 24, 14, 20, 5, tzinfo=UTC),
}

VISIBLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)
IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
REGIONS = st.from_regex("[a-z]{2}(-gov)?-[a-z]{4,9}-[1-9]", fullmatch=True)
NAMES = st.from_regex(r"[a-z0-9]{1,9}(\.[a-z]{2,9}){0,3}|\[::1\]", fullmatch=True)
PORTS = st.integers(1, 65_535).filter(lambda port: port != 443).map(":{}".format)
PATHS = st.from_regex(
    r"(/([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)*", fullmatch=True
)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=-30))])
CALLS = st.fixed_dictionaries(
    {
        "credentials": st.builds(Credentials, VISIBLE, st.text(), st.none() | VISIBLE),
        "region": REGIONS,
        "host": st.builds("{}{}".format, NAMES, st.just("") | PORTS),
        "base_path": PATHS,
        "at": st.builds(datetime.fromtimestamp, st.integers(0, 4 * 10**9), ZONES),
    }
)
REQUESTS = st.just(("DELETE", b"")) | st.tuples(st.just("POST"), st.binary())


@given(CALLS, REQUESTS, IDS)
@example(CALL, ("POST", b"{}"), "bcyDyftuDoECEuw=")
@example(CALL, ("POST", b"{}"), ".")
@example(CALL, ("DELETE", b""), "..")
@example(CALL, ("POST", b"{}"), "a\r\nHost: b/ é%3D")
@example({**CALL, "base_path": "//a/./b/../%2f/"}, ("POST", b"{}"), "x=")
def test_the_signature_is_that_of_botocore(call, request, connection_id):
    method, body = request
    call = {**call, "method": method, "body": body}

    line, headers = parsed(Signer(**call).head(connection_id))

    assert headers.pop("Content-Length") == str(len(body))
    assert headers == headers_of_botocore(connection_id, **call)
    assert line.startswith(f"{method} /")
    assert line.endswith(f"/@connections/{percent_encode(connection_id)} HTTP/1.1")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("token", [None, "for-an-hour"])
@pytest.mark.parametrize(
    "address",
    [
        "https://abc.execute-api.eu-west-1.amazonaws.com/production",
        "https://abc.execute-api.eu-west-1.amazonaws.com:443/production/",
        "https://socket.example",
        "http://127.0.0.1:8001/a~b/c+d",
        "http://[::1]:8001/production",
    ],
)
def test_the_call_is_the_one_that_boto3_makes(address, token, method):
    credentials = Credentials("AKIDEXAMPLE", "of-alice", token)
    theirs = call_of_boto3(
        address, credentials, method, "a/b?c d=", b'{"a":"\xc3\xa9"}'
    )
    url = urlsplit(theirs.url)
    at = texts(theirs.headers["X-Amz-Date"]).replace("Z", "+0000")

    signer = Signer(
        credentials,
        region="eu-west-1",
        host=url.netloc.removesuffix(":443"),
        method=method,
        base_path=urlsplit(address).path,
        body=theirs.body or b"",
        at=datetime.strptime(at, "%Y%m%dT%H%M%S%z"),
    )
    line, headers = parsed(signer.head("a/b?c d="))

    assert line == f"{theirs.method} {url.path} HTTP/1.1"
    assert headers.pop("Host") == url.netloc.removesuffix(":443")
    assert headers.items() <= {k: texts(v) for k, v in theirs.headers.items()}.items()
    assert ("X-Amz-Security-Token" in headers) == (token is not None)


def test_nothing_is_sent_that_nobody_needs():
    credentials = Credentials("AKIDEXAMPLE", "of-alice", "for-an-hour")

    _, headers = parsed(Signer(**{**CALL, "credentials": credentials}).head("x="))

    assert list(headers) == [
        "Host",
        "X-Amz-Date",
        "X-Amz-Security-Token",
        "Authorization",
        "Content-Length",
    ]


@given(IDS, IDS)
def test_one_signer_signs_for_many(first, second):
    signer = Signer(**CALL)

    heads = [signer.head(each) for each in (first, second, first)]

    assert heads == [Signer(**CALL).head(each) for each in (first, second, first)]


def test_a_key_is_derived_once_a_day():
    signing.signing_key.cache_clear()

    for seconds in range(5):
        Signer(**{**CALL, "at": CALL["at"] + timedelta(seconds=seconds)})

    assert signing.signing_key.cache_info().misses == 1


def test_an_address_is_quoted_where_it_has_to_be():
    written, quoted = "/a b/é?#\r\n", "/a%20b/%C3%A9%3F%23%0D%0A"

    heads = [
        Signer(**{**CALL, "base_path": path}).head("x=") for path in (written, quoted)
    ]

    assert heads[0] == heads[1]
    assert heads[0].startswith(f"POST {quoted}/@connections/x%3D HTTP/1.1\r\n".encode())


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("host", {"host": "a.example\r\nX-Other: b"}),
        ("host", {"host": ""}),
        ("region", {"region": "eu-west-1 "}),
        ("access key", {"credentials": Credentials("AKID\n", "of-alice")}),
        ("session token", {"credentials": Credentials("AKID", "of-alice", "é")}),
    ],
)
def test_what_no_header_can_hold_is_refused(name, wrong):
    with pytest.raises(ValueError, match=f"^The {name} is empty or holds a character"):
        Signer(**{**CALL, **wrong})


def test_signing_needs_the_standard_library_alone():
    program = f"import sys, {signing.__name__}; print(*sys.modules)"

    imported = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=30,
    ).stdout.split()

    assert signing.__name__ in imported
    assert {"django", "boto3", "botocore"}.isdisjoint(imported)


def parsed(head):
    """The request line, and the headers in their order."""
    assert head.endswith(b"\r\n\r\n")
    line, *lines = head.decode("ascii").removesuffix("\r\n\r\n").split("\r\n")
    headers = [tuple(each.split(": ", 1)) for each in lines]
    assert len(dict(headers)) == len(headers)
    return line, dict(headers)


def headers_of_botocore(
    connection_id, *, credentials, region, host, method, base_path, body, at
):
    path = f"{base_path}/@connections/{percent_encode(connection_id)}"
    request = AWSRequest(method, f"https://{host}{path}", data=body)
    with patch("botocore.auth.get_current_datetime", lambda: at.astimezone(UTC)):
        SigV4Auth(credentials, "execute-api", region).add_auth(request)
    return {"Host": host, **request.headers}


def call_of_boto3(address, credentials, method, connection_id, data):
    """What boto3's client is about to send."""
    caught = []

    def catch(request, **_):
        caught.append(request)
        return AWSResponse(request.url, 200, {}, SimpleNamespace(stream=list))

    client = Session(
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
        region_name="eu-west-1",
    ).client("apigatewaymanagementapi", endpoint_url=address)
    client.meta.events.register("before-send", catch)
    try:
        if method == "POST":
            client.post_to_connection(ConnectionId=connection_id, Data=data)
        else:
            client.delete_connection(ConnectionId=connection_id)
    finally:
        client.close()
    return caught[0]


def texts(value):
    return value.decode() if isinstance(value, bytes) else value

"""Whatever stands in a header or in the query: a defined status, one line, no damage."""

from urllib.parse import quote

import pytest

from django_aws_api_gateway_websockets.models import WebSocketSession
from tests.app.echo import EchoView
from tests.gateway import BOB, rows

pytestmark = pytest.mark.django_db

VALUES = {
    "absent": None,
    "empty": "",
    "doubled": "a,a",
    "overlong": "x" * 10_000,
    "digits": "9" * 5_000,
    "not ASCII": "é€日".encode().decode("latin-1"),
    "no UTF-8": "\x80\xff",
    "NUL": "a\0b",
    "lines": "a\r\nb\x1b\x7f",
    "signs": " %00% '\";-- ",
}
HEADERS = [
    *("Connectionid", "X_Ws_Gateway_Secret", "X_Ws_Source_Ip", "X_Ws_Event_Type"),
    *("X_Ws_Api_Id", "X_Amzn_Apigateway_Api_Id", "User_Agent", "Host", "Content_Type"),
    *("Cookie", "Origin", "X_Forwarded_For", "X_Forwarded_Proto", "X_Real_Ip"),
    *("Sec_Websocket_Key", "Sec_Websocket_Extensions", "Sec_Websocket_Protocol"),
]


class TokenView(EchoView):
    USE_WS_TOKEN = True
    RATE_LIMIT_ENABLED = True


@pytest.fixture(
    params=[
        (EchoView, "connect"),
        (TokenView, "connect"),
        (EchoView, "default"),
        (EchoView, "disconnect"),
        (EchoView, "custom"),
    ],
    ids=lambda case: f"{case[0].__name__} {case[1]}",
)
def call(request, serve):
    """Bring an event of bob, in whose channel alice is."""
    view, route = request.param
    serve(EchoView).connect(query="channel=lobby")
    gateway = serve(view)

    def call(**options):
        options = {"connection_id": BOB, **options}
        return gateway.call(route, b'{"handler": "silent"}', **options)

    return call


@pytest.fixture
def harmless(transport, caplog):
    """Check an answer, the log, and that the session of alice has not changed."""
    [before] = rows()
    caplog.clear()

    def harmless(response, value):
        assert response.status_code in {200, 400, 403}, value
        [record] = caplog.records
        assert record.exc_info is None, value
        assert record.getMessage().isprintable(), value
        is_djangos = record.name == "django.security.DisallowedHost"
        assert is_djangos or len(record.getMessage()) < 1_200, value
        assert before in rows(), value
        WebSocketSession.objects.exclude(pk=before["id"]).delete()
        caplog.clear()

    return harmless


@pytest.mark.parametrize("header", HEADERS)
def test_no_header_breaks_an_event(call, harmless, header):
    for name, value in VALUES.items():
        harmless(call(**{header: value}), name)


@pytest.mark.parametrize("parameter", ["channel", "ws_token"])
def test_no_query_breaks_an_event(call, harmless, parameter):
    for name, value in VALUES.items():
        text = "" if value is None else f"{parameter}={quote(value)}"

        harmless(call(query=text), name)
        harmless(call(query=f"&{text}&=&{text}&%"), f"{name} twice")


@pytest.mark.parametrize("length", ["", "-1", "1_0", "²", "9" * 5_000, "a", "131073"])
def test_no_announced_length_breaks_a_message(serve, transport, caplog, length):
    gateway = serve(EchoView)
    gateway.connect()
    caplog.clear()

    response = gateway.message(b"", Content_Length=length)

    assert response.status_code == 400
    assert caplog.records[-1].args["outcome"] == "refused"

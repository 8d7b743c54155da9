"""Queries, cookies and names that no page sends: each is refused, and none is an error."""

import re

import pytest

from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.echo import EchoView, PublicView, refusal
from tests.app.lambda_events import ADAPTERS
from tests.app.logins import connect_with_token, token_for
from tests.app.ways_in import every_way, through_an_http_api
from tests.gateway import session

pytestmark = pytest.mark.django_db(transaction=True)

INVALID_CHANNEL = (400, "Invalid channel")
NUL = 'sessionid="as-long-as\\000-a-key"'  # Python reads an octal NUL in it


class AnyChannelView(EchoView):
    CHANNEL_NAME_PATTERN = re.compile(r"(?s).+")


@pytest.fixture(autouse=True)
def no_traceback(caplog):
    yield
    records = caplog.get_records("call")
    assert records
    assert [record for record in records if record.exc_info] == []


@every_way
def test_more_parameters_than_django_reads(serve, settings, connect):
    settings.ALLOWED_HOSTS = ["*"]
    serve(PublicView)

    response = connect("channel=lobby&" + "x=1&" * 1_001)

    assert status_of(response) == 400


@pytest.mark.parametrize("handler", ADAPTERS)
@pytest.mark.parametrize(
    "query", ["ws_token=a&x=Ł", "ws_token=Ł", "x=Ł&ws_token=a", "ws_token=a&x=\ud800"]
)
def test_letters_that_no_address_holds(serve, handler, query):
    serve(WebSocketView)

    response = through_an_http_api(query, handler)

    assert status_of(response) == 400
    assert response["body"] == "Invalid or expired token"


class TestASessionCookieWithNul:
    def test_is_no_cookie_where_one_is_needed(self, serve, settings):
        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "require_session_cookie": True}

        response = connect_with_token(
            serve(WebSocketView), token=token_for(), Cookie=NUL
        )

        assert refusal(response) == (400, "Invalid session")

    def test_is_nobodys(self, gateway):
        response = gateway.connect(Cookie=NUL, Origin="https://site.example")

        assert response.status_code == 200
        assert session().user is None

    def test_takes_nothing_from_a_token(self, serve):
        response = connect_with_token(serve(WebSocketView), Cookie=NUL)

        assert response.status_code == 200
        assert session().user.username == "alice"


class TestAChannelNameThatNoDatabaseStores:
    @pytest.mark.parametrize("name", ["%00", "lobby%00", "%00lobby"])
    def test_is_refused_in_an_address(self, serve, name):
        response = serve(AnyChannelView).connect(query=f"channel={name}")

        assert refusal(response) == INVALID_CHANNEL

    @pytest.mark.parametrize("name", ["\0", "a\0b", "\ud800", "a\udfffb"], ids=ascii)
    def test_is_refused_in_a_message(self, serve, transport, name):
        gateway = serve(AnyChannelView)
        gateway.connect(query="channel=lobby")

        response = gateway.message({"handler": "change_channel", "channel": name})

        assert refusal(response) == INVALID_CHANNEL
        assert session().channel_name == "lobby"

    def test_becomes_another_where_it_is_half_a_letter(self, serve):
        serve(AnyChannelView).connect(query="channel=%ED%A0%80")

        assert set(session().channel_name) == {"\ufffd"}


def test_other_letters_name_channels_where_the_pattern_says_so(serve, transport):
    gateway = serve(AnyChannelView)
    gateway.connect(query="channel=%C5%81%F0%9F%90%98")

    assert session().channel_name == "Ł🐘"


@pytest.mark.parametrize("route", ["connect", "default", "disconnect"])
@pytest.mark.parametrize(
    "headers", [{"X_Ws_Api_Id": "other"}, {"X_Amzn_Apigateway_Api_Id": "other"}]
)
def test_an_api_id_that_contradicts_the_other(gateway, route, headers):
    response = gateway.call(route, b'{"handler": "silent"}', **headers)

    assert refusal(response) == (400, "Invalid request headers")


def status_of(response):
    return (
        response["statusCode"] if isinstance(response, dict) else response.status_code
    )

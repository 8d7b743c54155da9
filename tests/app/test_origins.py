"""Which pages may open a socket."""

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from django_aws_api_gateway_websockets.admission import (
    ConnectionAttempt,
    host_is_allowed,
    origin_is_allowed,
)
from django_aws_api_gateway_websockets.events import GatewayEvent
from django_aws_api_gateway_websockets.exceptions import HostNotInOrigin
from django_aws_api_gateway_websockets.origins import Origin
from django_aws_api_gateway_websockets.views import WebSocketView


def allowed(origin: str | None, *, host: str = "site.example", **headers: str) -> bool:
    if origin is not None:
        headers["Origin"] = origin
    request = RequestFactory().post("/", secure=True, headers=headers, HTTP_HOST=host)
    attempt = ConnectionAttempt(
        event=GatewayEvent(route="connect", connection_id="a=", api_id="api123"),
        request=request,
        view=WebSocketView(),
        token_values=[],
    )
    try:
        host_is_allowed(attempt)
        origin_is_allowed(attempt)
    except HostNotInOrigin:
        return False
    return True


@pytest.fixture
def allow(settings):
    def allow(*origins):
        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "allowed_origins": origins}

    return allow


class TestListedOrigins:
    @pytest.mark.parametrize(
        "origin",
        [
            "https://site.example",
            "HTTPS://Site.Example",
            "https://site.example:443",
            "https://sub.dom.example",
            "https://dom.example",
            "http://localhost:8000",
            "https://[::1]:8443",
            "capacitor://localhost",
        ],
    )
    def test_are_accepted(self, allow, origin):
        allow(
            "https://site.example",
            ".dom.example",
            "http://localhost:8000",
            "https://[::1]:8443",
            "capacitor://localhost",
        )

        assert allowed(origin)

    @pytest.mark.parametrize(
        "origin",
        [
            "",
            "null",
            "http://site.example",
            "https://site.example:8443",
            "https://sub.site.example",
            "https://site.example.evil.example",
            "https://evilsite.example",
            "https://evil.example",
            "https://evildom.example",
            "http://sub.dom.example",
            "https://sub.dom.example:8443",
            "https://site.example/",
            "https://site.example, https://evil.example",
            "https://user@site.example",
            "https://site.example\n",
            "site.example",
            ".dom.example",
            "http://localhost",
        ],
    )
    def test_nothing_else_is(self, allow, origin):
        allow("https://site.example", ".dom.example", "http://localhost:8000")

        assert not allowed(origin)

    def test_one_text_is_a_list_of_one(self, settings):
        settings.WEBSOCKETS = {"allowed_origins": "https://site.example"}

        assert allowed("https://site.example")
        assert not allowed("https://s")

    def test_an_empty_list_admits_no_page(self, allow):
        allow()

        assert not allowed("https://site.example")

    def test_no_origin_is_no_browser(self, allow):
        allow()

        assert allowed(None)


class TestUnlistedOrigins:
    @pytest.fixture(autouse=True)
    def no_list(self, settings):
        settings.WEBSOCKETS = {}
        settings.ALLOWED_HOSTS = ["*"]

    @pytest.mark.parametrize(
        ("host", "origin"),
        [
            ("site.example", "https://site.example"),
            ("site.example", "https://www.site.example"),
            ("site.example:8443", "https://site.example:8443"),
            ("SITE.example", "https://site.example"),
            ("[::1]:8000", "https://[::1]:8000"),
        ],
    )
    def test_the_page_belongs_to_the_host(self, host, origin):
        assert allowed(origin, host=host)

    @pytest.mark.parametrize(
        ("host", "origin"),
        [
            ("www.site.example", "https://site.example"),
            ("site.example", "https://evilsite.example"),
            ("site.example", "http://site.example"),
            ("site.example", "https://site.example:8443"),
            ("site.example:8443", "https://site.example"),
        ],
    )
    def test_other_pages_do_not(self, host, origin):
        assert not allowed(origin, host=host)

    def test_the_scheme_is_the_one_at_the_proxy(self):
        assert allowed("http://site.example", X_Forwarded_Proto="https, http")

    @pytest.mark.parametrize("hosts", [["*"], [".example"], ["SITE.example"]])
    def test_a_wildcard_of_allowed_hosts_is_fine(self, settings, hosts):
        settings.ALLOWED_HOSTS = hosts

        assert allowed("https://site.example")

    def test_a_host_that_is_not_allowed_is_refused(self, settings):
        settings.ALLOWED_HOSTS = ["site.example"]

        assert not allowed("https://evil.example", host="evil.example")


@given(st.text())
def test_no_text_breaks_an_origin(text):
    origin = Origin.parse(text)

    assert origin is None or "://" in text

"""Only who knows the gateway's secret is answered."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from tests.app.echo import EchoView, refusal
from tests.gateway import BOB, SECRET, gateway_headers, rows

pytestmark = pytest.mark.django_db


class TestTrust:
    @pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE", "OPTIONS"])
    @pytest.mark.parametrize(
        "secret", [None, "", "wrong", SECRET + "x", SECRET.upper(), "ü" * 40]
    )
    def test_without_the_secret_nothing_is_answered(
        self, gateway, caplog, method, secret
    ):
        response = gateway.call(
            "connect", method=method, X_Ws_Gateway_Secret=secret, host="site.example"
        )

        assert refusal(response) == (403, "Invalid request")
        assert len(caplog.records) == 1
        assert rows() == []

    def test_the_secret_is_checked_before_the_body_is_read(self, gateway):
        response = gateway.message(b"[" * 100_000, secret="wrong")

        assert response.status_code == 403

    def test_any_of_several_secrets_is_accepted(self, gateway, settings):
        settings.WEBSOCKETS = {
            **settings.WEBSOCKETS,
            "gateway_secret": ["the-new-secret-" * 3, SECRET],
        }

        assert gateway.connect().status_code == 200
        assert gateway.connect(BOB, secret="the-new-secret-" * 3).status_code == 200

    @pytest.mark.parametrize("configured", [None, "", [], [""]])
    def test_no_secret_accepts_no_header(self, gateway, settings, configured):
        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "gateway_secret": configured}

        assert gateway.connect().status_code == 403
        assert gateway.connect(secret="").status_code == 403

    def test_a_header_cannot_be_the_mark(self, gateway):
        response = gateway.connect(secret="", gateway_trusted="True")

        assert response.status_code == 403

    def test_the_mark_in_the_environment_is_enough(self):
        request = RequestFactory().post(
            "/ws/connect", headers=gateway_headers(route="connect", secret="")
        )
        request.META["gateway.trusted"] = True

        assert EchoView.as_view()(request, route="connect").status_code == 200

    def test_an_url_that_does_not_name_the_route_fails_clearly(self):
        request = RequestFactory().post("/ws/connect", headers=gateway_headers())

        with pytest.raises(ImproperlyConfigured, match="<slug:route>"):
            EchoView.as_view()(request, action="connect")

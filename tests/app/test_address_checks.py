"""What `manage.py check --deploy` says about limits by address."""

import pytest
from django.core.checks import run_checks

from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.echo import PublicView

W006 = "django_aws_api_gateway_websockets.W006"


@pytest.fixture
def warned(serve, settings):
    def warned(view=WebSocketView, *, deploy=True, **options):
        serve(view)
        settings.WEBSOCKETS = options
        messages = run_checks(include_deployment_checks=deploy)
        return [message for message in messages if message.id == W006]

    return warned


def test_a_gateway_deployed_otherwise_may_not_tell_addresses(warned):
    [warning] = warned(api_id="")

    assert "X-Ws-Source-Ip" in warning.hint
    assert "trusted_proxy_count" in warning.hint


@pytest.mark.parametrize("options", [{"api_id": "api123"}, {"trusted_proxy_count": 1}])
def test_the_templates_gateway_and_trusted_proxies_tell_them(warned, options):
    assert warned(**options) == []


def test_without_limits_no_address_is_asked_for(warned):
    assert warned(PublicView) == []


def test_it_matters_for_a_deployment_alone(warned):
    assert warned(deploy=False) == []

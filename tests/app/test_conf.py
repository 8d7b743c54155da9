"""Settings, their defaults and the check that complains about them."""

import pytest
from django.core.checks import run_checks

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.routing import handler

pytestmark = pytest.mark.django_db  # which checks of Django 6.1 ask


def test_the_defaults(settings, monkeypatch):
    del settings.WEBSOCKETS
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)

    assert conf.gateway_secret == ()
    assert conf.allowed_origins is None
    assert (conf.api_id, conf.callback_url) == ("", "")
    assert conf.transport.endswith(".messaging.sender.Sender")
    assert conf.callbacks_per_second == 4_000
    assert (conf.broadcast_queue_url, conf.broadcast_queue_threshold) == ("", 5_000)
    assert (conf.access_key, conf.iam_profile) == (None, None)
    assert conf.region is None


@pytest.mark.parametrize("name", ["callbacks_per_second", "broadcast_queue_threshold"])
def test_these_may_be_zero_but_not_less(settings, name):
    default = getattr(conf, name)

    for value, expected in ((0, 0), (1, 1), (-1, default), ("9", default)):
        settings.WEBSOCKETS = {name: value}
        assert getattr(conf, name) == expected


def test_the_region_of_the_gateway_comes_first(settings, monkeypatch):
    monkeypatch.setenv("AWS_REGION", "from-the-environment")
    assert conf.region == "from-the-environment"
    settings.AWS_REGION_NAME = "general"
    assert conf.region == "general"
    settings.AWS_GATEWAY_REGION_NAME = "gateway"
    assert conf.region == "gateway"


@pytest.mark.parametrize(
    ("secret", "ids"),
    [
        ("a" * 32, []),
        (["a" * 32, "b" * 40], []),
        (None, []),
        ("a" * 31, ["django_aws_api_gateway_websockets.E001"]),
        ("a" * 32 + "'", ["django_aws_api_gateway_websockets.E001"]),
        ("a" * 32 + "\n", ["django_aws_api_gateway_websockets.E001"]),
        (["a" * 32, "short"], ["django_aws_api_gateway_websockets.E001"]),
    ],
)
def test_a_weak_secret_is_reported(settings, secret, ids):
    settings.WEBSOCKETS = {"gateway_secret": secret}

    assert [message.id for message in run_checks()] == ids


@pytest.mark.parametrize(
    ("origins", "ids"),
    [
        (None, []),
        ("https://site.example", []),
        (["https://site.example:8443", ".site.example"], []),
        (["https://site.example/"], ["django_aws_api_gateway_websockets.E003"]),
        (["https://site.example", "*"], ["django_aws_api_gateway_websockets.E003"]),
    ],
)
def test_an_origin_that_can_never_match_is_reported(settings, origins, ids):
    settings.WEBSOCKETS = {"allowed_origins": origins}

    assert [message.id for message in run_checks()] == ids


def test_a_handler_with_an_underscore_is_an_error_of_the_programmer():
    with pytest.raises(ValueError, match="underscore"):

        @handler
        def _private():
            """Never callable."""

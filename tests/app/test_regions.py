"""Calls are signed for the region in which the gateway is, not for the site's own."""

import os
import sys

import pytest

from django_aws_api_gateway_websockets.exceptions import NoRegion
from django_aws_api_gateway_websockets.messaging.boto3_transport import Boto3Transport
from django_aws_api_gateway_websockets.messaging.regions import signing_region

SITE = "eu-central-1"
OWN_DOMAIN = "https://socket.example/production"


@pytest.fixture(autouse=True)
def environment(monkeypatch, settings, tmp_path):
    """It names no region, and neither do the files of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name in ("AWS_GATEWAY_REGION_NAME", "AWS_REGION_NAME"):
        if hasattr(settings, name):
            delattr(settings, name)
    return monkeypatch


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("abc.execute-api.eu-west-1.amazonaws.com", "eu-west-1"),
        ("abc.execute-api.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("abc.execute-api.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("ABC.execute-api.EU-West-1.amazonaws.com:443", "eu-west-1"),
        ("socket.example", SITE),
        ("abc.execute-api.eu-west-1.amazonaws.com.evil.example", SITE),
        ("abc.execute-api.localhost.example", SITE),
        ("127.0.0.1:8001", SITE),
    ],
)
def test_the_region_is_in_the_host_or_is_the_sites(settings, host, region):
    settings.AWS_REGION_NAME = SITE

    assert signing_region(f"https://{host}/production") == region


def test_a_site_without_a_region_reaches_a_gateway_that_names_one():
    address = "https://abc.execute-api.eu-west-1.amazonaws.com/production"

    assert signing_region(address) == "eu-west-1"


def test_boto3_signs_for_two_regions_side_by_side():
    transport = Boto3Transport()

    for region in ("eu-west-1", "us-east-1"):
        address = f"https://abc.execute-api.{region}.amazonaws.com/production"
        client = transport.client_for(address)
        assert client.meta.region_name == region
        client.close()


def test_what_stands_closer_comes_first(environment, settings, tmp_path):
    (tmp_path / "config").write_text(
        "[default]\nregion = of-the-file\n[profile chat]\nregion = of-the-profile\n"
    )
    assert signing_region(OWN_DOMAIN) == "of-the-file"
    environment.setenv("AWS_PROFILE", "chat")
    assert signing_region(OWN_DOMAIN) == "of-the-profile"
    settings.AWS_IAM_PROFILE = "default"
    assert signing_region(OWN_DOMAIN) == "of-the-file"
    environment.setenv("AWS_DEFAULT_REGION", "by-default")
    assert signing_region(OWN_DOMAIN) == "by-default"
    environment.setenv("AWS_REGION", "of-the-function")
    assert signing_region(OWN_DOMAIN) == "of-the-function"
    settings.AWS_REGION_NAME = SITE
    assert signing_region(OWN_DOMAIN) == SITE


def test_the_environment_is_enough_without_botocore(environment):
    without_botocore(environment, settings=None)
    environment.setenv("AWS_DEFAULT_REGION", SITE)

    assert signing_region(OWN_DOMAIN) == SITE


def without_a_word(environment, settings):
    """Neither settings nor environment nor files name a region."""


def without_botocore(environment, settings):
    environment.setitem(sys.modules, "botocore.session", None)


def without_the_profile(environment, settings):
    settings.AWS_IAM_PROFILE = "nobody"


@pytest.mark.parametrize("region", ["eu\nX-Other: 1", "eu-west-1 ", "\udcff"])
def test_a_region_that_no_header_can_hold_is_an_error(environment, region):
    environment.setenv("AWS_REGION", region)

    with pytest.raises(NoRegion) as raised:
        signing_region(OWN_DOMAIN)

    assert str(raised.value).startswith(f"{region!r} is no region: {OWN_DOMAIN} ")


@pytest.mark.parametrize(
    "missing", [without_a_word, without_botocore, without_the_profile]
)
def test_no_region_is_an_error(environment, settings, missing):
    missing(environment, settings)

    with pytest.raises(NoRegion) as raised:
        signing_region(OWN_DOMAIN)

    assert str(raised.value) == (
        f"{OWN_DOMAIN} names no region, and nothing else does: set "
        "AWS_GATEWAY_REGION_NAME in the settings, or AWS_REGION in the environment"
    )

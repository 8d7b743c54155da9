"""boto3 signs for the region in which the gateway is, not for the one of the site."""

import pytest

from django_aws_api_gateway_websockets.messaging.boto3_transport import Boto3Transport

SITE = "eu-central-1"


@pytest.fixture
def transport(settings, monkeypatch, tmp_path):
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    settings.AWS_REGION_NAME = SITE
    transport = Boto3Transport()
    yield transport
    for client in transport.clients.values():
        client.close()


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
def test_the_region_is_in_the_host_or_is_the_sites(transport, host, region):
    scheme = "http" if host.startswith("127.") else "https"
    client = transport.client_for(f"{scheme}://{host}/production")

    assert client.meta.region_name == region
    assert client.meta.endpoint_url == f"{scheme}://{host}/production"


def test_two_regions_stand_side_by_side(transport):
    for region in ("eu-west-1", "us-east-1"):
        address = f"https://abc.execute-api.{region}.amazonaws.com/production"
        assert transport.client_for(address).meta.region_name == region
    assert len(transport.clients) == 2


def test_a_site_without_a_region_reaches_a_gateway_that_names_one(
    transport, settings, monkeypatch
):
    del settings.AWS_REGION_NAME
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)

    client = transport.client_for("https://abc.execute-api.eu-west-1.amazonaws.com/p")

    assert client.meta.region_name == "eu-west-1"

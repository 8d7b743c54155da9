"""The settings choose boto3, its key and its region."""

import pytest
from django.views.debug import ExceptionReporter

from django_aws_api_gateway_websockets.exceptions import NoCredentials
from django_aws_api_gateway_websockets.messaging import boto3_transport as module
from django_aws_api_gateway_websockets.messaging.boto3_transport import Boto3Transport
from django_aws_api_gateway_websockets.messaging.contract import (
    Outcome,
)
from django_aws_api_gateway_websockets.messaging.sender import Sender
from django_aws_api_gateway_websockets.messaging.transports import current_transport
from tests.app.boto3_transport.management_api import outcomes, to

SECRET = "not-for-reports"


@pytest.fixture
def credentials_file(tmp_path):
    (tmp_path / "credentials").write_text(
        "[chat]\naws_access_key_id = of-profile\naws_secret_access_key = secret\n"
    )


def profile_is_set(settings):
    settings.AWS_IAM_PROFILE = "chat"
    key_is_set(settings)


def key_is_set(settings):
    settings.AWS_ACCESS_KEY_ID = "of-settings"
    settings.AWS_SECRET_ACCESS_KEY = "secret"


def half_a_key_is_set(settings):
    settings.AWS_ACCESS_KEY_ID = "of-settings"


@pytest.mark.usefixtures("credentials_file")
@pytest.mark.parametrize(
    ("set_up", "key"),
    [
        (profile_is_set, "of-profile"),
        (key_is_set, "of-settings"),
        (half_a_key_is_set, "of-environment"),
    ],
)
def test_the_settings_name_the_key(
    management_api, boto3_transport, address, settings, set_up, key
):
    set_up(settings)

    outcomes(boto3_transport, to(address, "sent="))

    assert [each.partition("/")[0] for each in management_api.keys] == [key]


def no_key(settings, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")


def half_a_key(settings, monkeypatch):
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")


def no_profile(settings, monkeypatch):
    settings.AWS_IAM_PROFILE = "nobody"


@pytest.mark.parametrize("missing", [no_key, half_a_key, no_profile])
def test_missing_credentials_are_raised(
    boto3_transport, address, settings, monkeypatch, missing
):
    missing(settings, monkeypatch)

    with pytest.raises(NoCredentials, match="AWS_IAM_PROFILE"):
        outcomes(boto3_transport, to(address, "sent=", "other="))


def test_reports_of_what_boto3_meets_hold_no_secret(
    boto3_transport, address, settings, monkeypatch
):
    key_is_set(settings)
    settings.AWS_SECRET_ACCESS_KEY = SECRET
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with pytest.raises(NoCredentials) as raised:
        outcomes(boto3_transport, to(address, "sent="))

    report = ExceptionReporter(
        None, raised.type, raised.value, raised.tb.tb_next
    ).get_traceback_html()
    assert "session_for" in report
    assert SECRET not in report


@pytest.mark.usefixtures("boto3_transport")
def test_without_a_region_there_is_a_failure_that_says_so(settings, monkeypatch):
    del settings.AWS_REGION_NAME
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)

    [delivery] = outcomes(
        Boto3Transport(), to("https://socket.example/production", "sent=")
    ).values()

    assert delivery.outcome is Outcome.FAILED
    assert "AWS_GATEWAY_REGION_NAME" in delivery.reason


def test_the_setting_chooses_the_transport(settings):
    settings.WEBSOCKETS = {"transport": f"{module.__name__}.Boto3Transport"}
    assert isinstance(current_transport(), Boto3Transport)
    assert current_transport() is current_transport()

    settings.WEBSOCKETS = {}
    assert isinstance(current_transport(), Sender)

"""Error reports and mails hold no secret."""

import pytest
from django.views.debug import ExceptionReporter

from django_aws_api_gateway_websockets.exceptions import NoCredentials
from django_aws_api_gateway_websockets.messaging.credentials import (
    Credentials,
    current_credentials,
)
from tests.app.credentials.names import KEY_ID, SECRET


def half_a_key(environment, tmp_path):
    environment.setenv(SECRET, "not-for-reports")


def a_malformed_key(environment, tmp_path):
    environment.setenv(KEY_ID, "env\n")
    environment.setenv(SECRET, "not-for-reports")


def half_a_key_of_a_file(environment, tmp_path):
    (tmp_path / "credentials").write_text(
        f"[default]\n{KEY_ID} =\n{SECRET} = not-for-reports\n"
    )


@pytest.mark.parametrize("bad", [half_a_key, a_malformed_key, half_a_key_of_a_file])
def test_error_reports_hold_no_secret(environment, tmp_path, bad):
    bad(environment, tmp_path)

    with pytest.raises(NoCredentials) as raised:
        current_credentials()

    report = ExceptionReporter(
        None, raised.type, raised.value, raised.tb.tb_next
    ).get_traceback_html()
    assert "current_credentials" in report
    assert "not-for-reports" not in report


def test_mails_about_exceptions_hold_no_secret():
    credentials = Credentials("AKIDEXAMPLE", "of-alice", "for-an-hour")

    assert repr(credentials) == str(credentials) == "Credentials('AKIDEXAMPLE', …)"

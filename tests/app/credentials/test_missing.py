"""Where there is no key, or half of one, the error says what to do."""

import sys

import pytest

from django_aws_api_gateway_websockets.exceptions import NoCredentials
from django_aws_api_gateway_websockets.messaging.credentials import (
    current_credentials,
)
from tests.app.credentials.names import KEY_ID, REMEDY, SECRET, TOKEN


@pytest.mark.parametrize(
    ("there", "missing"),
    [(KEY_ID, SECRET), (SECRET, KEY_ID)],
)
def test_half_a_pair_in_the_environment_is_an_error(environment, files, there, missing):
    environment.setenv(there, "half")
    environment.setenv(missing, "")

    with pytest.raises(NoCredentials) as raised:
        current_credentials()

    assert str(raised.value) == (
        f"The environment has half a key: {missing} is missing. {REMEDY}"
    )


def test_no_key_is_an_error():
    with pytest.raises(NoCredentials) as raised:
        current_credentials()

    assert str(raised.value) == f"There is no key to sign calls to AWS with. {REMEDY}"


@pytest.mark.parametrize(
    ("name", "part"),
    [(KEY_ID, "access key"), (SECRET, "secret key"), (TOKEN, "session token")],
)
@pytest.mark.parametrize("end", ["\n", "\r\nX-Other: 1", "\udcff", "é"])
def test_a_key_with_a_character_that_no_key_has_is_an_error(
    environment, name, part, end
):
    environment.setenv(KEY_ID, "env")
    environment.setenv(SECRET, "of-env")
    environment.setenv(name, f"malformed{end}")

    with pytest.raises(NoCredentials) as raised:
        current_credentials()

    assert str(raised.value) == (
        f"The {part} holds a character that is not visible ASCII, such as the end of a "
        f"line. {REMEDY}"
    )


@pytest.mark.parametrize(
    ("config", "profile", "reason"),
    [
        ("", "nobody", "The config profile (nobody) could not be found"),
        ("[default]\ncredential_process = false", None, "Error when retrieving"),
        ("[default]\ncredential_process = echo no-json", None, "Expecting value"),
        ("[default]\ncredential_process = /no/such", None, "No such file"),
        ("not a configuration", None, "Unable to parse config file"),
    ],
)
def test_what_botocore_meets_is_in_the_error(
    settings, tmp_path, config, profile, reason
):
    (tmp_path / "config").write_text(config)
    settings.AWS_IAM_PROFILE = profile

    with pytest.raises(NoCredentials) as raised:
        current_credentials()

    assert str(raised.value).startswith("botocore gets no key: ")
    assert reason in str(raised.value)
    assert str(raised.value).endswith(REMEDY)


def test_without_botocore_the_error_says_so(environment):
    environment.setitem(sys.modules, "botocore.session", None)

    with pytest.raises(NoCredentials) as raised:
        current_credentials()

    assert str(raised.value) == (
        "botocore is not installed, which would look for a key beyond the settings and "
        f"the environment. {REMEDY}"
    )

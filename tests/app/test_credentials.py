"""Settings, then the environment, then all that botocore finds."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.views.debug import ExceptionReporter

from django_aws_api_gateway_websockets.exceptions import NoCredentials
from django_aws_api_gateway_websockets.messaging import credentials
from django_aws_api_gateway_websockets.messaging.credentials import (
    Credentials,
    current_credentials,
)

KEY_ID, SECRET, TOKEN = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)
REMEDY = (
    "Give the function a role, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name "
    "a profile in the setting AWS_IAM_PROFILE"
)


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """It says nothing, and neither do the files of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return monkeypatch


@pytest.fixture
def files(tmp_path):
    (tmp_path / "credentials").write_text(
        f"[default]\n{KEY_ID} = default\n{SECRET} = of-default\n"
        f"[chat]\n{KEY_ID} = chat\n{SECRET} = of-chat\n{TOKEN} = for-chat\n"
    )


@pytest.fixture
def command(tmp_path):
    """A command that makes keys, for so many minutes each, and counts them."""

    def command(minutes):
        expires = datetime.now(UTC) + timedelta(minutes=minutes)
        answer = {
            "Version": 1,
            "AccessKeyId": "made",
            "SecretAccessKey": "$number",
            "SessionToken": "for-a-while",
            "Expiration": expires.isoformat(),
        }
        (tmp_path / "make-a-key").write_text(
            f"cd {tmp_path}; echo >> calls; number=$(wc -l < calls); sleep 0.2\n"
            f"cat << END\n{json.dumps(answer)}\nEND\n"
        )
        (tmp_path / "config").write_text(
            f"[default]\ncredential_process = sh {tmp_path}/make-a-key\n"
        )

    return command


def test_the_environment_is_enough(environment):
    environment.setenv(KEY_ID, "env")
    environment.setenv(SECRET, "of-env")
    assert current_credentials() == Credentials("env", "of-env", None)

    environment.setenv(TOKEN, "for-env")
    assert current_credentials() == ("env", "of-env", "for-env")


def test_the_environment_comes_before_files_and_after_settings(
    environment, files, settings
):
    assert current_credentials() == ("default", "of-default", None)
    environment.setenv(KEY_ID, "env")
    environment.setenv(SECRET, "of-env")
    environment.setenv(TOKEN, "for-env")
    environment.setenv("AWS_PROFILE", "chat")
    assert current_credentials() == ("env", "of-env", "for-env")
    settings.AWS_ACCESS_KEY_ID = "set"
    settings.AWS_SECRET_ACCESS_KEY = "of-set"
    assert current_credentials() == ("set", "of-set", None)
    settings.AWS_IAM_PROFILE = "chat"
    assert current_credentials() == ("chat", "of-chat", "for-chat")


@pytest.mark.parametrize("name", [KEY_ID, SECRET])
def test_half_a_pair_of_settings_says_nothing(files, settings, name):
    setattr(settings, name, "half")

    assert current_credentials().access_key == "default"


def test_a_change_is_noticed(environment, files, settings, tmp_path):
    assert current_credentials().access_key == "default"
    environment.setenv("AWS_PROFILE", "chat")
    assert current_credentials().access_key == "chat"
    settings.AWS_IAM_PROFILE = "default"
    assert current_credentials().access_key == "default"
    environment.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(NoCredentials):
        current_credentials()


def test_a_key_that_is_about_to_expire_is_renewed(command):
    command(minutes=5)

    keys = [current_credentials() for _ in range(2)]

    assert [key.access_key for key in keys] == ["made", "made"]
    assert int(keys[0].secret_key) < int(keys[1].secret_key)


def test_a_key_that_is_good_for_long_is_kept_for_all_threads(command):
    command(minutes=60)

    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: current_credentials(), range(32)))

    assert keys == {("made", "1", "for-a-while")}


def test_a_process_that_is_made_meanwhile_asks_for_itself(command, tmp_path):
    command(minutes=60)
    program = f"""
import os, pathlib, signal, threading, time
import botocore.session
from django.conf import settings
from {credentials.__name__} import current_credentials
settings.configure()
threading.Thread(target=current_credentials).start()
while not pathlib.Path("{tmp_path}/calls").exists():
    time.sleep(0.01)
child = os.fork()
signal.alarm(10)
print(current_credentials().secret_key, flush=True)
if child:
    os.waitpid(child, 0)
"""
    assert sorted(printed_by(program)) == ["1", "2"]


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


def test_a_key_that_comes_later_is_found(tmp_path):
    with pytest.raises(NoCredentials):
        current_credentials()
    (tmp_path / "credentials").write_text(f"[default]\n{KEY_ID}=a\n{SECRET}=b\n")

    assert current_credentials() == ("a", "b", None)


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


def test_the_environment_imports_neither_boto3_nor_botocore(environment):
    environment.setenv(KEY_ID, "env")
    environment.setenv(SECRET, "of-env")
    program = f"""
import sys
from django.conf import settings
from {credentials.__name__} import current_credentials
settings.configure()
print(current_credentials().secret_key, *sys.modules)
"""
    key, *imported = printed_by(program)

    assert key == "of-env"
    assert {"boto3", "botocore"}.isdisjoint(imported)


def test_mails_about_exceptions_hold_no_secret():
    credentials = Credentials("AKIDEXAMPLE", "of-alice", "for-an-hour")

    assert repr(credentials) == str(credentials) == "Credentials('AKIDEXAMPLE', …)"


def printed_by(program):
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=30,
    ).stdout.split()

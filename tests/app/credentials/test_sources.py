"""Settings, then the environment, then all that botocore finds."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from django_aws_api_gateway_websockets.exceptions import NoCredentials
from django_aws_api_gateway_websockets.messaging import credentials
from django_aws_api_gateway_websockets.messaging.credentials import (
    Credentials,
    current_credentials,
)
from tests.app.credentials.names import KEY_ID, SECRET, TOKEN


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


def test_a_key_that_comes_later_is_found(tmp_path):
    with pytest.raises(NoCredentials):
        current_credentials()
    (tmp_path / "credentials").write_text(f"[default]\n{KEY_ID}=a\n{SECRET}=b\n")

    assert current_credentials() == ("a", "b", None)


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


def printed_by(program):
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=30,
    ).stdout.split()

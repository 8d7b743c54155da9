import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from tests.app.credentials.names import KEY_ID, SECRET, TOKEN


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

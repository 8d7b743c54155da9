"""What this machine knows of AWS must not matter to a test."""

import os

import pytest

FOREIGN = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTP_PROXY", "http_proxy")


def replace_aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a key, which opens nothing, and a region."""
    for name in FOREIGN:
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "for-tests",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": "eu-central-1",
        "AWS_SECRET_ACCESS_KEY": "for-tests",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }.items():
        monkeypatch.setenv(name, value)

"""What `manage.py check` says about the settings, and that bad ones do no harm."""

import sys

import pytest
from django.core.checks import run_checks

from django_aws_api_gateway_websockets.conf import conf
from tests.app.reports import APP, reports_of
from tests.gateway import SECRET

MEMORY = f"{APP}.messaging.memory_transport.MemoryTransport"
SOUND = {
    "allowed_origins": ["https://site.example"],
    "callback_url": "https://abc123.execute-api.eu-west-1.amazonaws.com/production",
    "gateway_secret": SECRET,
    "trusted_proxy_count": 1,
}


@pytest.fixture
def reported(settings):
    """Ids and texts of what is said about these keys of WEBSOCKETS."""

    def reported(*, deploy=False, **websockets):
        settings.WEBSOCKETS = websockets
        return reports_of(run_checks(include_deployment_checks=deploy))

    return reported


def ids(reports):
    return [id_ for id_, _ in reports]


def test_sound_settings_have_nothing_to_report(reported):
    assert reported(**SOUND) == []
    assert reported(deploy=True, **SOUND) == []
    assert reported() == []


WRONG_VALUES = [
    ("allowed_origins", 5, None),
    ("allowed_origins", ["https://site.example", 5], ("https://site.example",)),
    ("api_id", 5, ""),
    ("attempt_retention_days", 0, 7),
    ("attempt_retention_days", -1, 7),
    ("attempt_retention_days", "7", 7),
    ("attempt_retention_days", 36_501, 7),
    ("broadcast_queue_threshold", -1, 5_000),
    ("broadcast_queue_url", ["https://queue.example"], ""),
    ("callback_url", b"https://socket.example", ""),
    ("callbacks_per_second", 1.5, 4_000),
    ("closed_session_retention_days", 0, 7),
    ("closed_session_retention_days", -1, 7),
    ("closed_session_retention_days", 10**9, 7),
    ("message_rate_limit_per_minute", True, 600),
    ("rate_limit_max_attempts", 0, 20),
    ("rate_limit_max_attempts", 10**30, 20),
    ("rate_limit_window_minutes", 10**10, 1),
    ("require_session_cookie", "False", False),
    ("require_session_cookie", 1, False),
    ("token_expiry_seconds", -60, 60),
    ("token_rate_limit_per_minute", "twenty", 20),
    ("transport", 5, f"{APP}.messaging.sender.Sender"),
    ("trusted_proxy_count", -1, None),
    ("trusted_proxy_count", "1", None),
    ("websocket_url", 5, ""),
]


@pytest.mark.parametrize(("key", "value", "read"), WRONG_VALUES, ids=repr)
def test_a_wrong_value_is_named_and_the_rest_holds(reported, key, value, read):
    [(id_, text)] = reported(**{key: value})

    assert id_ == "E002"
    assert f'WEBSOCKETS["{key}"] is ' in text
    assert "it has to be " in text
    assert text.endswith(f"Until it is mended, this holds: {read!r}")
    assert getattr(conf, key) == read


def test_each_setting_has_a_wrong_value_above():
    tried = {key for key, *_ in WRONG_VALUES} | {"gateway_secret"}

    assert tried == {each.key for each in conf.all_settings()}


@pytest.mark.parametrize("setting", [*conf.all_settings()], ids=lambda each: each.key)
def test_none_is_not_set(reported, setting):
    assert reported(**{setting.key: None}) == []
    assert getattr(conf, setting.key) == setting.default


def test_a_long_value_is_shown_in_part(reported):
    [(_, text)] = reported(token_expiry_seconds="x" * 10_000)

    assert len(text) < 400


@pytest.mark.parametrize("secret", ["hunter2", ["hunter2", SECRET], {"hunter2": 1}, [5]], ids=repr)  # fmt: skip
def test_a_secret_is_never_shown(reported, secret):
    [(id_, text)] = reported(gateway_secret=secret)

    assert id_ == "E001"
    assert "hunter2" not in text


@pytest.mark.parametrize("websockets", [5, "text", [("a", 1)]], ids=repr)
def test_settings_that_are_no_dictionary_are_reported(settings, websockets):
    settings.WEBSOCKETS = websockets

    [error] = run_checks()
    assert error.id == f"{APP}.E002"
    assert "has to be a dictionary" in error.msg


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("token_expiry_second", "mean 'token_expiry_seconds'?"),
        ("TOKEN_EXPIRY_SECONDS", "mean 'token_expiry_seconds'?"),
        ("allowed_origin", "mean 'allowed_origins'?"),
        ("gateway_secrets", "mean 'gateway_secret'?"),
        (
            "zzz",
            "Take it out. Known keys: allowed_integration_hosts, allowed_origins, ",
        ),
        (5, "Take it out. Known keys: "),
    ],
)
def test_an_unknown_key_is_reported_with_the_nearest_one(settings, reported, key, hint):
    settings.WEBSOCKETS = {key: 1}

    [warning] = run_checks()
    assert warning.id == f"{APP}.W002"
    assert repr(key) in warning.msg
    assert hint in warning.hint


@pytest.mark.parametrize("key", ["push_changes_to_aws", "allowed_integration_hosts"])
def test_a_key_of_provisioning_is_said_to_do_nothing(reported, key):
    [(id_, text)] = reported(**{key: True})

    assert id_ == "W007"
    assert text.startswith(f'WEBSOCKETS["{key}"] does nothing')


@pytest.mark.parametrize(
    "name",
    [
        "AWS_ACCESS_KEY_ID",
        "AWS_GATEWAY_REGION_NAME",
        "AWS_IAM_PROFILE",
        "AWS_REGION_NAME",
        "AWS_SECRET_ACCESS_KEY",
    ],
)
def test_a_setting_of_aws_that_is_no_text_is_reported_and_not_read(
    settings, reported, name
):
    settings.AWS_ACCESS_KEY_ID = settings.AWS_SECRET_ACCESS_KEY = "there"
    setattr(settings, name, 424242)

    [(id_, text)] = reported()
    assert id_ == "E002"
    assert name in text
    assert "424242" not in text
    assert 424242 not in (conf.region, conf.iam_profile)
    if "ACCESS" in name:
        assert conf.access_key is None


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_half_a_key_is_reported(settings, reported, name):
    setattr(settings, name, "half")
    [missing] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} - {name}

    [(id_, text)] = reported()
    assert id_ == "W017"
    assert text.startswith(f"{name} is set without {missing}: ")
    settings.AWS_ACCESS_KEY_ID = settings.AWS_SECRET_ACCESS_KEY = "whole"
    assert reported() == []


class TestTheCallbackUrl:
    @pytest.mark.parametrize(
        "url",
        ["http://socket.example/production", "socket.example", "wss://a.example", "https://", "https://[::1"],
    )  # fmt: skip
    def test_that_no_message_may_be_posted_to_is_reported(self, reported, url):
        assert ids(reported(callback_url=url)) == ["E005"]

    def test_of_a_laptop_is_reported_before_a_deployment(self, reported):
        sound = {**SOUND, "callback_url": "http://127.0.0.1:3001/production"}

        assert reported(**sound) == []
        assert "W013" in ids(reported(deploy=True, **sound))


class TestTheTransport:
    @pytest.mark.parametrize("path", ["nowhere.Sender", "sender", f"{APP}.Nothing"])
    def test_that_cannot_be_imported_is_reported(self, reported, path):
        assert ids(reported(transport=path)) == ["E006"]

    def test_that_is_empty_is_not_set(self, reported):
        assert reported(transport="") == []

    def test_of_tests_is_reported_before_a_deployment(self, reported):
        assert reported(transport=MEMORY) == []
        assert ids(reported(deploy=True, **SOUND, transport=MEMORY)) == ["W014"]


def test_no_secret_is_reported_before_a_deployment(reported):
    without = {key: SOUND[key] for key in SOUND if key != "gateway_secret"}

    assert ids(reported(deploy=True, **without)) == ["W001"]


class TestTheRegion:
    @pytest.fixture(autouse=True)
    def nothing_else_names_one(self, monkeypatch, tmp_path):
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    OWN_DOMAIN = {**SOUND, "callback_url": "https://socket.example/production"}  # noqa: RUF012

    def test_that_nothing_names_is_reported_before_a_deployment(self, reported):
        assert ids(reported(deploy=True, **self.OWN_DOMAIN)) == ["W003"]
        assert reported(**self.OWN_DOMAIN) == []

    @pytest.mark.parametrize("name", ["AWS_GATEWAY_REGION_NAME", "AWS_REGION_NAME"])
    def test_may_be_in_the_settings(self, settings, reported, name):
        setattr(settings, name, "eu-west-1")

        assert reported(deploy=True, **self.OWN_DOMAIN) == []

    @pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
    def test_may_be_in_the_environment(self, monkeypatch, reported, name):
        monkeypatch.setenv(name, "eu-west-1")

        assert reported(deploy=True, **self.OWN_DOMAIN) == []

    def test_may_be_in_the_address(self, reported):
        assert reported(deploy=True, **SOUND) == []


def test_another_distribution_of_the_same_name_is_reported(
    reported, monkeypatch, tmp_path
):
    folder = tmp_path / "django_aws_api_gateway_websockets-4.1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: django-aws-api-gateway-websockets\nVersion: 4.1.0\n"
    )
    assert reported() == []

    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    [(id_, text)] = reported()
    assert id_ == "E008"
    assert "django-aws-api-gateway-websockets 4.1.0" in text
    assert "pip uninstall django-aws-api-gateway-websockets" in text

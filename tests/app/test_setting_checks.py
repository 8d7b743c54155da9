"""What `manage.py check` says about the settings, and that bad ones do no harm."""

import sys

import pytest
from django.core.checks import run_checks

from django_aws_api_gateway_websockets.conf import conf
from tests.app.reports import APP, reports_of
from tests.gateway import SECRET

pytestmark = pytest.mark.django_db  # which checks of Django 6.1 ask

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


def texts_of(secret):
    """The ways in which somebody may write a secret where it does not belong."""
    return [
        secret,
        secret.encode(),
        [secret],
        {"key": secret},
        f"https://user:{secret}@socket.example/x",
        f"user:{secret}@socket.example",
    ]


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
    assert text.startswith(f'WEBSOCKETS["{key}"] is ')
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


LONG_VALUES = [10**5_000, "x" * 10**6, f"https://{'x' * 10**6}", ["x" * 10**6] * 100]


@pytest.mark.parametrize("key", [each.key for each in conf.all_settings()])
def test_a_long_value_is_shown_in_part(reported, key):
    for value in LONG_VALUES:
        assert all(len(text) < 1_000 for _, text in reported(**{key: value}))


def test_a_long_key_is_not_shown(settings, reported):
    [(id_, text)] = reported(**{"x" * 10**6: 1})
    assert id_ == "W002"
    assert len(text) < 1_000

    settings.WEBSOCKETS = {10**5_000: 1}
    [warning] = run_checks()
    assert len(str(warning)) < 1_000


@pytest.mark.parametrize("key", [each.key for each in conf.all_settings()])
@pytest.mark.parametrize("deploy", [False, True])
def test_a_secret_under_another_key_is_not_shown(reported, key, deploy):
    secret = "s3cret" * 6
    addresses = {"api_id", "allowed_origins", "broadcast_queue_url", "callback_url", "websocket_url"}  # fmt: skip
    for value in texts_of(secret):
        if key in addresses and secret in (value, *value):
            continue  # nobody can tell it from an address that is not whole
        for _, text in reported(deploy=deploy, **{key: value}):
            assert "s3cret" not in text, value


def test_a_secret_as_a_key_is_not_shown(settings, reported):
    for key in texts_of("s3cret" * 6):
        if isinstance(key, str | bytes):
            settings.WEBSOCKETS = {key: 1}
            [warning] = run_checks()
            assert warning.id == f"{APP}.W002"
            assert "s3cret" not in str(warning)


def test_values_of_classes_that_fail_are_reported_like_others(reported):
    class Text(str):
        __slots__ = ()

        def __repr__(self):
            raise RuntimeError("nobody may see it")

    class Several:
        def __iter__(self):
            raise RuntimeError("there are none")

        def __bool__(self):
            raise RuntimeError("who knows")

    assert ids(reported(callback_url=Text("x"))) == ["E005"]
    assert ids(reported(transport=Text("x.y"))) == ["E006"]
    assert ids(reported(allowed_origins=[Text("*")])) == ["E003"]
    assert ids(reported(gateway_secret=Several())) == ["E001"]
    for key in ("allowed_origins", "transport", "trusted_proxy_count"):
        assert ids(reported(**{key: Several()})) == ["E002"]


SEVERAL = {
    "gateway_secret": ("E001", SECRET, ()),
    "allowed_origins": ("E002", "https://site.example", None),
}


@pytest.mark.parametrize("key", SEVERAL)
def test_texts_that_can_be_read_once_alone_are_refused_at_once(reported, key):
    id_, text, default = SEVERAL[key]

    for once in (iter([text]), (each for each in [text]), {text: 1}, {text: 1}.keys()):
        assert ids(reported(**{key: once})) == [id_]
        assert getattr(conf, key) == default


@pytest.mark.parametrize("kind", [list, tuple, set, frozenset])
@pytest.mark.parametrize("key", SEVERAL)
def test_texts_may_be_in_any_collection(reported, key, kind):
    _, text, _ = SEVERAL[key]

    assert reported(**{key: kind([text])}) == []
    assert getattr(conf, key) == (text,)


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
        ["http://socket.example/production", "socket.example", "wss://a.example", "https://", "https://[::1", " https://a.example", "https://a.example:99999999"],
    )  # fmt: skip
    def test_that_no_message_may_be_posted_to_is_reported(self, reported, url):
        assert ids(reported(callback_url=url)) == ["E005"]

    def test_of_a_laptop_is_reported_before_a_deployment(self, reported):
        sound = {**SOUND, "callback_url": "http://127.0.0.1:3001/production"}

        assert reported(**sound) == []
        assert "W013" in ids(reported(deploy=True, **sound))


@pytest.mark.parametrize(
    ("key", "id_", "good", "bad"),
    [
        (
            "websocket_url",
            "E009",
            ["wss://socket.example/production", "ws://localhost:8001", "ws://[::1]:8001/"],
            ["javascript:alert(1)", "https://h/x", "/ws", "ws", " wss://h/p ", "wss://h/a b", "wss://", "wss://[::1", "wss://h:99999999/", "wss://h\n/"],
        ),
        (
            "broadcast_queue_url",
            "E011",
            ["https://sqs.eu-west-1.amazonaws.com/1/queue", "http://localhost:4566/1/q"],
            ["garbage", "arn:aws:sqs:eu-west-1:1:queue", " https://h/q", "https://", "https://[::1"],
        ),
        (
            "api_id",
            "E012",
            ["abc123", "a-b_C.1", "x" * 64],
            [" ", "abc123 ", "abc\n", "\0", "x" * 65, "\ud800"],
        ),
    ],
)  # fmt: skip
def test_a_text_that_is_of_no_use_is_reported(reported, key, id_, good, bad):
    for value in ("", *good):
        assert reported(**{key: value}) == [], value
    for value in bad:
        [(said, text)] = reported(**{key: value})
        assert said == id_, value
        assert text.startswith(f'WEBSOCKETS["{key}"] is {value!r}') or len(value) > 60


class TestTheTransport:
    @pytest.mark.parametrize(
        "path", ["os.path", "os.getcwd", f"{APP}.models.ApiGateway", "a.b c"]
    )
    def test_that_posts_nothing_is_reported(self, reported, path):
        assert ids(reported(transport=path)) == ["E006"]

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

"""The pages of the site, and the settings that it starts with."""

import json
import runpy
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.test import Client

import config.settings


@pytest.fixture
def site():
    return Client(SERVER_NAME="site.example")


class TestPages:
    def test_the_chat_knows_the_address_of_the_socket(self, site):
        page = site.get("/").content.decode()

        _, _, script = page.partition('<script id="websocket" type="application/json">')
        assert json.loads(script.partition("</script>")[0]) == {
            "socketUrl": "wss://socket.example/production",
            "channel": "lobby",
        }

    def test_the_chat_has_what_a_browser_test_looks_for(self, site):
        page = site.get("/").content.decode()

        for hook in ("state", "message", "send", "messages"):
            assert page.count(f'id="{hook}"') == 1
        assert 'data-state="connecting"' in page

    @pytest.mark.django_db  # the end of a request looks at open connections
    @pytest.mark.parametrize(
        "name", ["demo/chat.js", "demo/chat.css", "admin/css/base.css"]
    )
    def test_static_files_are_served_without_being_collected(self, site, name):
        response = site.get(f"/static/{name}")

        assert response.status_code == 200
        assert b"".join(response.streaming_content)
        response.close()

    @pytest.mark.django_db
    def test_healthz_says_that_the_database_answers(
        self, site, django_assert_num_queries
    ):
        with django_assert_num_queries(1):
            response = site.get("/healthz")

        assert response.status_code == 200
        assert response.json() == {"status": "ok", "database": "ok"}
        assert "no-store" in response["Cache-Control"]

    @pytest.mark.django_db
    def test_healthz_says_no_more_than_that_it_does_not(self, site, caplog):
        def fail(*_args):
            raise OperationalError("could not connect to db.internal")

        with connection.execute_wrapper(fail):
            response = site.get("/healthz")

        assert response.status_code == 503
        assert response.json() == {
            "status": "unavailable",
            "database": "unavailable",
        }
        assert "db.internal" in caplog.text


ENVIRONMENT = {
    "DATABASE_URL": "sqlite:///db.sqlite3",
    "DJANGO_SECRET_KEY": "key",
    "GATEWAY_SECRET": "s" * 32,
    "SITE_URL": "https://site.example",
    "WEBSOCKET_API_ID": "api123",
    "WEBSOCKET_CALLBACK_URL": "https://socket.example/production",
    "WEBSOCKET_INTEGRATION": "http",
    "WEBSOCKET_URL": "wss://socket.example/production",
}


@pytest.fixture
def start(monkeypatch):
    """The settings of a process that starts in this environment."""

    def start(**changes):
        for name, value in {**ENVIRONMENT, **changes}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(config.settings.__file__)

    return start


class TestSettings:
    def test_follow_from_the_address_of_the_site(self, start):
        settings = start(SITE_URL="https://www.site.example:8443/")

        assert settings["ALLOWED_HOSTS"] == ["www.site.example"]
        assert settings["CSRF_TRUSTED_ORIGINS"] == ["https://www.site.example:8443"]
        assert settings["WEBSOCKETS"]["allowed_origins"] == [
            "https://www.site.example:8443"
        ]
        assert settings["SESSION_COOKIE_SECURE"] is True
        assert settings["CSRF_COOKIE_SECURE"] is True
        assert settings["DEBUG"] is False

    def test_allow_plain_cookies_on_a_laptop(self, start):
        settings = start(SITE_URL="http://localhost:8000")

        assert settings["ALLOWED_HOSTS"] == ["localhost"]
        assert settings["SESSION_COOKIE_SECURE"] is False

    @pytest.mark.parametrize("name", ENVIRONMENT)
    def test_name_what_is_missing(self, start, name):
        with pytest.raises(ImproperlyConfigured, match=rf"{name}.* set: it is "):
            start(**{name: ""})

    @pytest.mark.parametrize("address", ["site.example", "ftp://site.example", "//a"])
    def test_want_an_address_of_the_site(self, start, address):
        with pytest.raises(ImproperlyConfigured, match="SITE_URL"):
            start(SITE_URL=address)

    def test_want_one_of_the_integrations(self, start):
        with pytest.raises(ImproperlyConfigured, match="http or lambda"):
            start(WEBSOCKET_INTEGRATION="sqs")

    def test_need_no_secret_with_the_lambda_integration(self, start):
        settings = start(WEBSOCKET_INTEGRATION="lambda", GATEWAY_SECRET="")

        assert "gateway_secret" not in settings["WEBSOCKETS"]

    def test_believe_no_secret_with_the_lambda_integration(self, start):
        settings = start(WEBSOCKET_INTEGRATION="lambda")

        assert "gateway_secret" not in settings["WEBSOCKETS"]

    def test_make_sqlite_fit_for_several_processes(self, start):
        options = start()["DATABASES"]["default"]["OPTIONS"]

        assert "journal_mode=WAL" in options["init_command"]
        assert options["transaction_mode"] == "IMMEDIATE"

    def test_keep_connections_to_other_databases(self, start):
        database = start(DATABASE_URL="postgres://u:p@host/name")["DATABASES"][
            "default"
        ]

        assert database["CONN_MAX_AGE"] == 600
        assert database["CONN_HEALTH_CHECKS"] is True


NOT_FOUND = {"__type": "ResourceNotFoundException", "Message": "It is not there"}


class SecretsManager(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers["Content-Length"])
        wanted = json.loads(self.rfile.read(length))["SecretId"]
        is_there = wanted != "missing"
        answer = {"SecretString": f"secret of {wanted}"} if is_there else NOT_FOUND
        body = json.dumps(answer).encode()
        self.send_response(200 if is_there else 400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Nothing."""


@pytest.fixture
def secrets_manager(monkeypatch):
    server = HTTPServer(("127.0.0.1", 0), SecretsManager)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "for-tests")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv(
        "AWS_ENDPOINT_URL_SECRETS_MANAGER", f"http://127.0.0.1:{server.server_port}"
    )
    yield
    server.shutdown()
    thread.join()
    server.server_close()


class TestSecretsManager:
    @pytest.mark.parametrize(
        "name", ["key", "arn:aws:secretsmanager:eu-west-1:1:secret:key-abc"]
    )
    def test_has_what_the_environment_only_names(self, start, secrets_manager, name):
        settings = start(DJANGO_SECRET_KEY="", DJANGO_SECRET_ARN=name)

        assert settings["SECRET_KEY"] == f"secret of {name}"

    def test_names_the_secret_that_cannot_be_read(self, start, secrets_manager):
        with pytest.raises(ImproperlyConfigured) as named:
            start(DATABASE_URL="", DATABASE_URL_SECRET="missing")

        message = str(named.value)
        assert "DATABASE_URL_SECRET names the secret 'missing'" in message
        assert "ResourceNotFoundException" in message
        # AWS's runtime client reports what fails at start-up in this encoding only.
        assert message.encode("latin-1")

    def test_is_not_asked_for_what_is_there(self, start):
        settings = start(DJANGO_SECRET_ARN="arn:of:nothing")

        assert settings["SECRET_KEY"] == "key"

"""Requests to the site, as events of the HTTP API, through WSGI and through ASGI."""

import asyncio
import json
from base64 import b64decode, b64encode

import pytest
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config.healthz import healthz
from lambda_handlers import asgi_api, http_api
from tests.database_servers import open_connections
from tests.handlers.events import http_event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def received(settings, handler):
    """What Django sees of the request that an event becomes."""
    settings.ALLOWED_HOSTS = ["*"]

    @csrf_exempt
    def show(request, **kwargs):
        response = JsonResponse(
            {
                "path": request.path,
                "host": request.get_host(),
                "port": request.META["SERVER_PORT"],
                "scheme": request.scheme,
                "headers": dict(request.headers),
                "cookies": request.COOKIES,
                "query": dict(request.GET.lists()),
                "body": request.body.decode(),
                "address": request.META["REMOTE_ADDR"],
            }
        )
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    settings.ROOT_URLCONF = (path("<path:rest>", show), path("", show))
    return lambda event: handler(event, None)


def test_a_page_is_answered(handler):
    answer = handler(http_event("/"), None)

    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "text/html; charset=utf-8"
    assert "<!doctype html>" in answer["body"]


def test_a_static_file_is_answered(handler):
    answer = handler(http_event("/static/demo/chat.js"), None)

    assert answer["statusCode"] == 200
    body = answer["body"]
    content = b64decode(body) if answer["isBase64Encoded"] else body.encode()
    assert b"new WebSocket(" in content


def test_cookies_and_the_query_arrive(handler):
    answer = handler(http_event("/admin/", query="a=1"), None)

    assert answer["statusCode"] == 302
    assert answer["headers"]["location"] == "/admin/login/?next=/admin/%3Fa%3D1"


def test_another_host_is_refused(handler):
    answer = handler(http_event("/", headers={"host": "evil.example"}), None)

    assert answer["statusCode"] == 400


@pytest.mark.parametrize("host", ["", "a:b", "a:b:c", "[::1]:8000", "a:99999999"])
def test_a_host_that_a_client_made_up_is_refused(handler, host):
    answer = handler(http_event("/", headers={"host": host}), None)

    assert answer["statusCode"] == 400


class TestTheRequest:
    def test_is_what_the_client_sent(self, received):
        answer = received(
            http_event(
                "/a%20b/caf%C3%A9",
                method="POST",
                query="x=1&x=%C3%A9",
                headers={"content-type": "text/plain", "x-more": "1,2"},
                cookies=["sessionid=abc", "csrftoken=def"],
                body=b64encode("é".encode()).decode(),
            )
            | {"isBase64Encoded": True}
        )

        request = json.loads(answer["body"])
        assert request["path"] == "/a b/café"
        assert request["host"] == "site.example"
        assert request["scheme"] == "https"
        assert request["query"] == {"x": ["1", "é"]}
        assert request["cookies"] == {"sessionid": "abc", "csrftoken": "def"}
        assert request["body"] == "é"
        assert request["address"] == "198.51.100.7"
        assert request["headers"]["X-More"] == "1,2"
        assert request["headers"]["Content-Type"] == "text/plain"
        assert request["headers"]["X-Forwarded-Port"] == "443"
        cookies = [cookie.strip() for cookie in answer["cookies"]]
        assert cookies[:2] == ["a=1; Path=/", "b=2; Path=/"]

    @pytest.mark.parametrize("word", ["é", "€", "日本"])
    def test_may_have_cookies_and_headers_in_any_alphabet(
        self, received, handler, word
    ):
        answer = received(
            http_event("/", cookies=[f"a={word}"], headers={"x-word": word})
        )

        assert answer["statusCode"] == 200
        if handler is http_api.handler:  # Django reads no UTF-8 from ASGI's headers
            assert json.loads(answer["body"])["cookies"] == {"a": word}

    def test_may_have_a_path_in_any_alphabet(self, received):
        answer = received(http_event("/€/%/caf\u00e9"))

        assert answer["statusCode"] == 200

    @pytest.mark.parametrize("port", ["443,443", "no port"])
    def test_may_have_come_by_another_gateway(self, received, port):
        headers = {"x-forwarded-proto": "http,https", "x-forwarded-port": port}

        answer = received(http_event("/", headers=headers))

        assert '"scheme": "https"' in answer["body"]


def test_an_async_view_answers(settings, handler):
    async def view(request):
        return HttpResponse(f"asynchronous {request.body.decode()}")

    settings.ROOT_URLCONF = (path("", csrf_exempt(view)),)

    answer = handler(http_event("/", method="POST", body="é"), None)

    assert (answer["statusCode"], answer["body"]) == (200, "asynchronous é")


class TestAsgi:
    def test_holds_whichever_event_loop_others_used(self):
        asyncio.run(asyncio.sleep(0))

        assert asgi_api.handler(http_event("/healthz"), None)["statusCode"] == 200

    @pytest.mark.skipif(
        connection.vendor == "sqlite", reason="SQLite does not count them"
    )
    def test_leaves_no_connection_behind(self, settings):
        def query():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")

        async def view(request):
            await asyncio.to_thread(query)
            return HttpResponse()

        settings.ROOT_URLCONF = (path("", view), path("healthz", healthz))
        for address in ("/healthz", "/", "/", "/healthz"):
            answer = asgi_api.handler(http_event(address), None)
            assert answer["statusCode"] == 200

        assert open_connections(connection) == 1


def test_an_answer_of_bytes_arrives(settings, handler):
    settings.ROOT_URLCONF = (
        path("", lambda _request: HttpResponse(b"\xff", content_type="image/png")),
    )

    answer = handler(http_event("/"), None)

    assert answer["isBase64Encoded"] is True
    assert b64decode(answer["body"]) == b"\xff"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [("é", "text/plain; charset=latin-1"), (b"\xff\xfe", "text/csv; charset=utf-8")],
)
def test_text_in_any_encoding_arrives(settings, handler, body, content_type):
    response = HttpResponse(body, content_type=content_type)
    settings.ROOT_URLCONF = (path("", lambda _request: response),)

    answer = handler(http_event("/"), None)

    assert b64decode(answer["body"]) == response.content


def test_a_form_arrives_also_without_its_length(settings, handler):
    @csrf_exempt
    def view(request):
        return JsonResponse(request.POST.dict())

    settings.ROOT_URLCONF = (path("", view),)
    form = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
    headers = {"content-type": "multipart/form-data; boundary=x"}

    answer = handler(http_event("/", method="POST", headers=headers, body=form), None)

    assert json.loads(answer["body"]) == {"a": "1"}


def test_a_broken_view_is_an_answer_and_no_error(settings, handler):
    def view(request):
        raise RuntimeError("broken")

    settings.ROOT_URLCONF = (path("", view),)

    assert handler(http_event("/"), None)["statusCode"] == 500

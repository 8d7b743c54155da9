"""A token is told to nobody: in no log, no mail, no page and no report."""

import logging
import threading
from urllib.parse import quote

import pytest
from django.core import mail
from django.test import RequestFactory
from django.urls import path
from django.utils.log import AdminEmailHandler

from django_aws_api_gateway_websockets.models import WebSocketToken
from django_aws_api_gateway_websockets.token_in_url import TokenValue
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.logins import token_for
from tests.app.ways_in import every_way, through_a_server
from tests.gateway import gateway_headers
from tests.mails import ADMINS

pytestmark = pytest.mark.django_db(transaction=True)


with_debug_or_without = pytest.mark.parametrize("debug", [True, False])


class BrokenView(WebSocketView):
    def connect(self, request, *args, **kwargs):
        kept = vars(self), vars(request)
        raise RuntimeError(f"{request} {request.get_full_path()} {kept}")


def broken_check(attempt):
    raise RuntimeError(f"{attempt} {vars(attempt.view)}")


class BrokenCheckView(WebSocketView):
    checks = (*WebSocketView.checks, broken_check)


def broken_middleware(get_response):
    def middleware(request):
        read = dict(request.GET)
        raise RuntimeError(f"{request.get_full_path()} {read}")

    return middleware


@pytest.fixture(autouse=True)
def witnesses(settings, caplog, mailoutbox):
    """All who could tell: every log, and a mail with the whole report for each line."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="django")
    caplog.set_level(logging.INFO, logger="django.template")  # a line for each lookup
    settings.ADMINS = ADMINS
    handler = AdminEmailHandler(include_html=True)
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)


def told(response, caplog):
    """Every line that was written, mailed and answered."""
    for thread in threading.enumerate():
        if thread.name == "exception-mail":
            thread.join()
    records = [str(vars(record)) for record in caplog.records]
    mails = [str(each.message()) + str(each.alternatives) for each in mail.outbox]
    body = response["body"] if isinstance(response, dict) else response.content
    text = "\n".join([caplog.text, *records, *mails, str(body)])
    assert "/ws/connect" in text  # so it is about this request
    return text.splitlines()


def holding(word, lines):
    return [line for line in lines if word in line]


def serve(settings, view):
    settings.ALLOWED_HOSTS = ["site.example", "testserver"]  # as AsyncClient says
    settings.ROOT_URLCONF = (path("ws/<slug:route>", view.as_view()),)


@every_way
@pytest.mark.parametrize("view", [WebSocketView, BrokenView, BrokenCheckView])
def test_not_when_the_view_admits_or_breaks(settings, caplog, connect, view):
    serve(settings, view)
    settings.DEBUG = True  # then statements are in the log
    token = token_for()

    response = connect(f"channel=lobby&ws_token={token}")

    assert holding(token, told(response, caplog)) == []
    if view is BrokenCheckView:  # then it was not hidden from who needs it
        assert WebSocketToken.objects.get().used


@every_way
@with_debug_or_without
def test_not_when_the_host_is_unknown(settings, caplog, connect, debug):
    settings.ALLOWED_HOSTS = ["other.example"]
    settings.DEBUG = debug
    token = token_for()

    response = connect(f"channel=lobby&ws_token={token}")

    lines = told(response, caplog)
    assert holding("ALLOWED_HOSTS", lines)
    assert holding(token, lines) == []


@through_a_server
@with_debug_or_without
def test_not_when_a_middleware_breaks(settings, caplog, connect, debug):
    settings.MIDDLEWARE = [f"{__name__}.broken_middleware"]
    settings.DEBUG = debug
    token = token_for()

    response = connect(f"channel=lobby&ws_token={token}")

    lines = told(response, caplog)
    assert holding("RuntimeError", lines)
    assert holding(token, lines) == []


@through_a_server
@pytest.mark.parametrize(
    "query", ["ws_token={0}&ws_token={0}", "ws_token={0}x", "ws%5Ftoken={0}"]
)
def test_not_when_it_is_refused(settings, caplog, connect, query):
    serve(settings, WebSocketView)
    token = token_for()

    response = connect(query.format(token))

    assert holding(token, told(response, caplog)) == []


def test_not_by_the_request_even_if_it_was_read_before():
    token = token_for()
    address = f"/ws/connect?channel=a%20b%2Bc&ws_token={token}&other=%C3%A9"
    request = RequestFactory().post(address, headers=gateway_headers(route="connect"))
    assert token in request.GET["ws_token"]

    WebSocketView.as_view()(request, route="connect")

    assert token not in f"{request!r} {request.get_full_path()} {request.META}"
    assert request.GET.dict() == {"channel": "a b+c", "other": "é"}


def test_not_by_the_value_itself_in_passing():
    assert repr(TokenValue("secret")) == "<token>"
    assert f"{[TokenValue('secret')]}" == "[<token>]"


@pytest.mark.parametrize("page", ["", "{pk}/change/", "?q={token}"])
def test_not_by_the_admin(admin_client, page):
    token = WebSocketToken.generate_token(token_user(admin_client), None)
    address = "/admin/django_aws_api_gateway_websockets/websockettoken/"
    asked = page.format(pk=token.pk, token=quote(token.token))

    response = admin_client.get(address + asked, secure=True)

    assert response.status_code == 200
    stored = WebSocketToken.objects.values_list("token", flat=True).get()
    assert stored not in response.content.decode()
    if "q=" not in page:
        assert token.token not in response.content.decode()


def token_user(client):
    return client.get("/admin/", secure=True).wsgi_request.user

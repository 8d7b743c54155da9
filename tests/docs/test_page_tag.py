"""docs/howto/pages.md: its tag writes what it shows, and its tables are complete."""

import inspect
import sys
from types import ModuleType

import pytest
from django.http import HttpRequest
from django.template import RequestContext, Template
from django.urls import path

from django_aws_api_gateway_websockets import mixins
from django_aws_api_gateway_websockets.models import ApiGateway
from django_aws_api_gateway_websockets.receivers import record_deployed_gateway
from django_aws_api_gateway_websockets.templatetags.websockets import websocket
from django_aws_api_gateway_websockets.views import WebSocketTokenView
from tests.docs.pages import INLINE, ROOT, Block, blocks, table
from tests.docs.python_blocks import python_block, run

PAGE = "docs/howto/pages.md"

urlpatterns = [
    path("socket-token", WebSocketTokenView.as_view(), name="socket-token"),
]


def test_each_page_has_its_url_and_asks_for_tokens(monkeypatch):
    views = ModuleType("lobby.views")
    vars(views).update(run(PAGE, containing="class StaffPage"))
    monkeypatch.setitem(sys.modules, "lobby.views", views)
    names = {"__name__": "lobby.urls", "__package__": "lobby"}
    exec(python_block(PAGE, containing="urlpatterns"), names)

    pages = {
        getattr(each.callback, "view_class", None) for each in names["urlpatterns"]
    }

    assert {views.StaffPage, views.LobbyPage, WebSocketTokenView} == pages
    assert "token_url" in html_block(containing="channel_name").text


@pytest.mark.django_db
def test_the_row_that_migrate_makes_has_the_name_that_the_page_says(settings):
    settings.WEBSOCKETS = {"api_id": "laptop", "callback_url": "http://127.0.0.1:1/a"}

    record_deployed_gateway("default")

    name = ApiGateway.objects.get(api_id="laptop").api_name
    [row] = [
        line
        for line in (ROOT / PAGE).read_text().splitlines()
        if line.startswith("| `gateway` |")
    ]
    assert f"`{name}`" in row


@pytest.fixture
def page_of(settings, rf):
    """What a visitor gets of a template on the page."""
    settings.ROOT_URLCONF = __name__
    url = "wss://abc123.execute-api.eu-central-1.amazonaws.com/production"
    settings.WEBSOCKETS = {"websocket_url": url}

    def page_of(block: Block, request: HttpRequest | None = None, **context: object):
        context_of_page = RequestContext(request or rf.get("/"), context)
        return Template(block.text).render(context_of_page)

    return page_of


def html_block(*, containing: str) -> Block:
    [found] = [
        block
        for block in blocks(PAGE)
        if block.language == "html" and containing in block.text
    ]
    return found


def test_the_visitor_gets_what_the_page_says(page_of):
    written = html_block(containing="abc123").text.strip()

    assert written in page_of(html_block(containing='channel="lobby"'))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "channel"), [("StaffPage", "staff"), ("LobbyPage", "demo")]
)
def test_the_views_say_which_channel(page_of, rf, name, channel):
    view = run(PAGE, containing="class StaffPage")[name]
    view.__module__ = "demo.views"
    made = view()
    made.setup(rf.get("/"))

    text = page_of(html_block(containing="channel_name"), **made.get_context_data())

    assert f'"channel": "{channel}"' in text


def test_every_argument_of_the_tag_is_in_the_table():
    arguments = set(inspect.signature(websocket).parameters) - {"context"}

    assert {name for name, _ in table(PAGE, "argument")} == arguments


def test_every_attribute_of_the_mixins_is_in_the_table():
    attributes = {
        (name, attribute): default
        for name in ("AddWebSocketRouteToContextMixin", "AppChannelWebSocketMixin")
        for attribute, default in vars(getattr(mixins, name)).items()
        if attribute in getattr(mixins, name).__annotations__
    }

    listed = {
        (mixin, name): default for mixin, name, default, _ in table(PAGE, "mixin")
    }
    assert {
        key: repr(value).replace("'", '"') for key, value in attributes.items()
    } == listed


def test_every_column_that_is_named_is_one():
    _, _, row = (ROOT / PAGE).read_text().partition("\n3. the only gateway")
    named = INLINE.findall(row.split("\n\n")[0])

    assert named
    for name in named:
        assert ApiGateway._meta.get_field(name)

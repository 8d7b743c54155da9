"""`{% websocket %}` gives a page what its script needs to open a socket."""

import json
import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.template import Context, RequestContext, Template, TemplateSyntaxError
from django.test import Client
from django.urls import include, path

from django_aws_api_gateway_websockets.models import ApiGateway
from django_aws_api_gateway_websockets.views import WebSocketTokenView
from tests.app.logins import user_named

ADDRESS = "wss://socket.example/production"
ENDPOINT = "wss://abc123.execute-api.eu-west-1.amazonaws.com"
SCRIPT = re.compile(
    r'<script id="websocket" type="application/json">(.*?)</script>', re.DOTALL
)


def written(arguments, **context):
    """What a page's script reads."""
    template = Template(f"{{% load websockets %}}{{% websocket {arguments} %}}")
    [script] = SCRIPT.findall(template.render(Context(context)))
    return json.loads(script)


def page(request, token_url="socket-token"):
    text = "{% load websockets %}{% websocket token_url=token_url %}"
    template = Template(text)
    return HttpResponse(
        template.render(RequestContext(request, {"token_url": token_url}))
    )


urlpatterns = [
    path("page", page),
    path("socket-token", WebSocketTokenView.as_view(), name="socket-token"),
]


@pytest.fixture
def without_address(settings, db):
    settings.WEBSOCKETS = {}
    ApiGateway.objects.all().delete()


def gateway(name="one", **values):
    return ApiGateway.objects.create(api_name=name, **values)


class TestTheAddress:
    def test_is_that_of_the_settings(self):
        assert written("") == {"socketUrl": ADDRESS}

    def test_has_no_slash_at_its_end_as_the_gateway_knows_none(self, settings):
        settings.WEBSOCKETS = {"websocket_url": f"{ADDRESS}/"}

        assert written("") == {"socketUrl": ADDRESS}

    def test_keeps_the_slash_of_its_query(self, settings):
        settings.WEBSOCKETS = {"websocket_url": f"{ADDRESS}/?a=1&b=/"}

        assert written("") == {"socketUrl": f"{ADDRESS}?a=1&b=/"}

    def test_of_the_settings_asks_the_database_nothing(
        self, db, django_assert_num_queries
    ):
        with django_assert_num_queries(0):
            written("")

    @pytest.mark.parametrize(
        ("values", "address"),
        [
            ({"api_endpoint": ENDPOINT}, f"{ENDPOINT}/production"),
            ({"api_endpoint": ENDPOINT, "stage_name": "v1"}, f"{ENDPOINT}/v1"),
            ({"callback_url": "https://ws.example/live/"}, "wss://ws.example/live"),
            ({"callback_url": "http://127.0.0.1:8001/p"}, "ws://127.0.0.1:8001/p"),
            ({"callback_url": "httpbin.org"}, "wss://httpbin.org"),
            ({"callback_url": "https://a.b/p/?c=/"}, "wss://a.b/p?c=/"),
            ({"api_endpoint": "a.b"}, "wss://a.b/production"),
            ({"api_endpoint": "//a.b/"}, "wss://a.b/production"),
            ({"api_endpoint": "wss://a.b/production/"}, "wss://a.b/production"),
            ({"api_endpoint": "a.b/x", "stage_name": "p"}, "wss://a.b/x/p"),
            ({"domain_name": "ws.example"}, "wss://ws.example"),
            ({"domain_name": "https://ws.example/"}, "wss://ws.example"),
            ({"domain_name": "//ws.example/live/"}, "wss://ws.example/live"),
            (
                {"domain_name": "ws.example", "api_endpoint": ENDPOINT},
                f"{ENDPOINT}/production",
            ),
            (
                {
                    "domain_name": "ws.example",
                    "api_endpoint": ENDPOINT,
                    "custom_domain_created": True,
                },
                "wss://ws.example",
            ),
        ],
    )
    def test_is_else_that_of_the_gateway(self, without_address, values, address):
        gateway("a draft")
        gateway(**values)

        assert written("") == {"socketUrl": address}

    def test_may_be_that_of_a_gateway_by_name(self, db):
        gateway(api_endpoint=ENDPOINT)
        gateway("other", domain_name="ws.example")

        assert written('gateway="other"') == {"socketUrl": "wss://ws.example"}

    def test_that_is_nowhere_is_an_error_with_its_remedy(self, without_address):
        gateway("a draft")

        with pytest.raises(
            ImproperlyConfigured, match=r"WEBSOCKETS\['websocket_url'\]"
        ):
            written("")

    @pytest.mark.parametrize("name", ["api_endpoint", "callback_url", "domain_name"])
    def test_that_is_no_address_is_an_error_with_its_remedy(
        self, without_address, name
    ):
        gateway(**{name: "https://[a.b"})

        with pytest.raises(
            ImproperlyConfigured, match="need the address of the socket"
        ):
            written("")

    def test_that_could_be_several_is_an_error_with_its_remedy(self, without_address):
        gateway(api_endpoint=ENDPOINT)
        gateway("other", domain_name="ws.example")

        with pytest.raises(ImproperlyConfigured, match=r"\(one, other\): name one"):
            written("")

    @pytest.mark.parametrize("name", ["missing", "draft", ""])
    def test_of_a_gateway_that_has_none_is_an_error_with_its_remedy(self, db, name):
        gateway("draft")

        with pytest.raises(ImproperlyConfigured, match=f"'{name}'"):
            written(f'gateway="{name}"')


class TestTheChannel:
    @pytest.mark.parametrize(
        "channel", ["lobby", "</script><b>", "\"'&\u2028", "ünï", 7]
    )
    def test_arrives_as_it_is_and_ends_no_script(self, channel):
        assert written("channel=name", name=channel)["channel"] == str(channel)

    def test_of_a_variable_that_is_missing_is_an_error_with_its_remedy(self):
        with pytest.raises(ValueError, match="see whether its variable"):
            written("channel=nmae", name="lobby")

    def test_is_given_by_its_word(self):
        with pytest.raises(TemplateSyntaxError):
            written('"lobby"')


class TestTheAddressOfTokens:
    @pytest.fixture
    def browser(self, settings):
        settings.ROOT_URLCONF = __name__
        return Client(SERVER_NAME="site.example", enforce_csrf_checks=True)

    @pytest.mark.django_db(transaction=True)
    def test_gives_tokens_to_a_page_without_a_form(self, browser):
        browser.force_login(user_named())

        text = browser.get("/page").content.decode()

        [script] = SCRIPT.findall(text)
        settings = json.loads(script)
        csrf_token = browser.cookies["csrftoken"].value
        response = browser.post(
            settings["tokenUrl"], headers={"X-CSRFToken": csrf_token}
        )
        assert (settings["tokenUrl"], response.status_code) == ("/socket-token", 200)

    def test_belongs_to_the_app_that_the_page_belongs_to(self, settings, db):
        options = {"token_url": "members:socket-token"}
        members = ([path("page", page, options), *urlpatterns], "members")
        settings.ROOT_URLCONF = (
            path("one/", include(members, namespace="one")),
            path("two/", include(members, namespace="two")),
        )

        text = Client(SERVER_NAME="site.example").get("/one/page").content.decode()

        assert '"/one/socket-token"' in text

    @pytest.mark.parametrize("name", ["sokcet-token", "/socket-token", "", "page/"])
    def test_that_is_nowhere_is_an_error_with_its_remedy(self, rf, settings, name):
        settings.ROOT_URLCONF = __name__

        with pytest.raises(ImproperlyConfigured, match="WebSocketTokenView"):
            page(rf.get("/"), name)

    def test_without_a_request_is_an_error_with_its_remedy(self):
        with pytest.raises(ImproperlyConfigured, match="render"):
            written('token_url="socket-token"')

"""A site of the earlier package, and what is done with it."""

import json
from datetime import timedelta

from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import path
from django.utils import timezone

from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ApiGatewayAdditionalRoute,
    ChannelPermission,
    ChannelPermissionRule,
    WebSocketSession,
    WebSocketToken,
)
from django_aws_api_gateway_websockets.views import WebSocketTokenView, WebSocketView

APP = "django_aws_api_gateway_websockets"
API_ID = "api123"


class RoomView(WebSocketView):
    ALLOWED_HANDLERS = ("say",)

    def say(self, request, *args, **kwargs):
        pass


class OpenView(RoomView):
    USE_WS_TOKEN = False


urlpatterns = [
    path("ws/<slug:route>", RoomView.as_view()),
    path("open/<slug:route>", OpenView.as_view()),
    path("token", WebSocketTokenView.as_view()),
]


def post(address, body="{}", *, client=None, connection_id="", api_id=API_ID):
    """Call the site as the gateway and nginx do."""
    return (client or Client()).post(
        address,
        body,
        content_type="application/json",
        secure=True,
        headers={
            "Connectionid": connection_id,
            "Host": "site.example",
            "Origin": "https://site.example",
            "Cookie": cookie_of(client) if client else "theme=dark",
            "Sec-Websocket-Extensions": "permessage-deflate",
            "Sec-Websocket-Key": "a2V5",
            "Sec-Websocket-Version": "13",
            "User-Agent": f"AmazonAPIGateway_{api_id}",
            "X-Amzn-Apigateway-Api-Id": api_id,
            "X-Amzn-Trace-Id": "Root=1",
            "X-Forwarded-For": "203.0.113.50",
            "X-Forwarded-Port": "443",
            "X-Forwarded-Proto": "https",
            "X-Real-Ip": "203.0.113.50",
        },
    )


def cookie_of(client):
    return "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())


def logged_in(name):
    user = User.objects.filter(username=name).first()
    client = Client()
    client.force_login(user or User.objects.create_user(name, password="secret"))
    return client


def token_of(client):
    return post("/token", client=client).json()["token"]


def connect(connection_id, client=None, channel="lobby"):
    room = "ws" if client else "open"
    query = f"channel={channel}&ws_token={token_of(client) if client else ''}"
    answer = post(
        f"/{room}/connect?{query}", client=client, connection_id=connection_id
    )
    assert answer.status_code == 200, answer.content


def say(connection_id, room):
    body = json.dumps({"handler": "say"})
    return post(f"/{room}/default", body, connection_id=connection_id)


def migrate(target="0015"):
    call_command("migrate", APP, target, verbosity=0)
    for other in ("auth", "contenttypes", "sessions"):
        call_command("migrate", other, verbosity=0)


def fake(target):
    call_command("migrate", APP, target, fake=True, verbosity=0)


def fill():
    """Rows of every kind, as the package's own code makes them."""
    make_gateways()
    make_channels()
    return make_sessions()


def make_gateways():
    ApiGateway.objects.create(api_name="draft")
    full = {
        field.name: "x" * field.max_length
        for field in ApiGateway._meta.fields
        if field.max_length
    }
    ApiGateway.objects.bulk_create(
        [
            ApiGateway(
                **{
                    **full,
                    "api_created": True,
                    "custom_domain_created": True,
                    "provisioning_status": "routes_created",
                    "tags": {"stage": "über"},
                }
            )
        ]
    )
    ours = ApiGateway.objects.create(
        api_name="ours",
        api_endpoint=f"wss://{API_ID}.execute-api.eu-west-1.amazonaws.com",
        api_id=API_ID,
        default_channel_name="foyer",
        target_base_endpoint="https://site.example/ws/",
    )
    for key in ("chat", "Chat"):
        if key == "Chat" and connection.vendor == "mysql":
            continue  # there they are one and the same to it
        ApiGatewayAdditionalRoute.objects.create(
            api_gateway=ours,
            name="Chat",
            route_key=key,
            integration_url="https://site.example/ws/chat",
        )


def make_channels():
    for access in ("allow_all", "staff_only", "superuser_only"):
        ChannelPermission.objects.create(channel_name=access, access=access)
    secret = ChannelPermission.objects.create(
        channel_name="secret", access="permissions", description="Two ways in"
    )
    for codenames in (["add_user", "change_user"], ["delete_user"], []):
        rule = ChannelPermissionRule.objects.create(channel_permission=secret)
        rule.permissions.set(Permission.objects.filter(codename__in=codenames))


def make_sessions():
    alice, bob = logged_in("alice"), logged_in("bob")
    connect("alice=", alice)
    assert say("alice=", "ws").status_code == 200
    connect("silent=", alice, channel="")
    connect("bob=", bob)
    bob.logout()
    connect("anybody=")
    connect("left=")
    assert post("/open/disconnect", connection_id="left=").status_code == 200
    connect("forgotten=")
    three_days_ago = timezone.now() - timedelta(days=3)
    forgotten = WebSocketSession.objects.filter(connection_id="forgotten=")
    forgotten.update(created_on=three_days_ago, updated_on=three_days_ago)
    return {"cookie": cookie_of(alice), "token": token_of(alice)}


def dump():
    """All rows of the package's tables, as text."""
    return {
        model._meta.db_table: [
            {name: str(value) for name, value in row.items()}
            for row in model._base_manager.order_by("pk").values()
        ]
        for model in apps.get_app_config(APP).get_models(include_auto_created=True)
    }


def live_on():
    """The package finds its tables after another one has changed them."""
    call_command("migrate", verbosity=0)
    carol = logged_in("carol")
    connect("carol=", carol)
    statuses = {
        name: say(name, room).status_code
        for name, room in (("alice=", "ws"), ("anybody=", "open"), ("carol=", "ws"))
    }
    ChannelPermission.objects.create(channel_name="later")
    ApiGateway.objects.create(api_name="later")
    return {"statuses": statuses, "token": token_of(carol)}


def unused_tokens():
    return list(
        WebSocketToken.objects.filter(used=False).values_list("token", flat=True)
    )

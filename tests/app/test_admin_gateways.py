"""Gateways in the admin, with their additional routes on the same page."""

import pytest

from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ApiGatewayAdditionalRoute,
)

GATEWAYS = "/admin/django_aws_api_gateway_websockets/apigateway/"

pytestmark = pytest.mark.django_db


def form(*routes):
    fields = {
        "api_name": "chat",
        "api_description": "",
        "default_channel_name": "default",
        "api_id": "chat1",
        "stage_name": "production",
        "api_endpoint": "",
        "callback_url": "https://chat.example/production",
        "additional_routes-TOTAL_FORMS": len(routes),
        "additional_routes-INITIAL_FORMS": 0,
    }
    for number, route in enumerate(routes):
        for name, value in route.items():
            fields[f"additional_routes-{number}-{name}"] = value
    return fields


JOIN = {
    "name": "join",
    "route_key": "join",
    "integration_url": "https://site.example/ws/join",
}


def test_makes_a_gateway_with_its_routes(staff):
    answer = staff.post(f"{GATEWAYS}add/", form(JOIN), secure=True)

    assert answer.status_code == 302
    route = ApiGatewayAdditionalRoute.objects.get(api_gateway__api_name="chat")
    assert (route.route_key, route.deployed) == ("join", False)
    url = f"{GATEWAYS}{route.api_gateway_id}/change/"
    page = staff.get(url, secure=True).content.decode()
    assert 'value="https://site.example/ws/join"' in page


def test_nobody_says_by_hand_that_a_route_is_deployed(staff):
    forged = {**JOIN, "deployed": "on", "route_id": "r1"}

    staff.post(f"{GATEWAYS}add/", form(forged), secure=True)

    route = ApiGatewayAdditionalRoute.objects.get()
    assert (route.deployed, route.route_id) == (False, "")


def test_takes_no_key_twice(staff):
    answer = staff.post(f"{GATEWAYS}add/", form(JOIN, JOIN), secure=True)

    assert answer.status_code == 200
    assert "duplicate" in answer.content.decode()
    assert not ApiGateway.objects.filter(api_name="chat").exists()


def test_routes_go_with_their_gateway(staff, transport):
    staff.post(f"{GATEWAYS}add/", form(JOIN), secure=True)
    gateway = ApiGateway.objects.get(api_name="chat")

    staff.post(f"{GATEWAYS}{gateway.pk}/delete/", {"post": "yes"}, secure=True)

    assert not ApiGatewayAdditionalRoute.objects.exists()

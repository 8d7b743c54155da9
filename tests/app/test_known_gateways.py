"""Which gateways are known, and for how long without asking."""

from types import SimpleNamespace

import pytest

from django_aws_api_gateway_websockets.models import ApiGateway
from django_aws_api_gateway_websockets.models.known_gateways import known_gateways
from tests.app.echo import refusal
from tests.gateway import ALICE, BOB

pytestmark = pytest.mark.django_db(transaction=True)

INVALID_HEADERS = (400, "Invalid request headers")


@pytest.fixture
def draft():
    """What somebody has begun to write in the admin."""
    return ApiGateway.objects.create(api_name="draft", api_id="")


@pytest.mark.usefixtures("draft")
class TestADraft:
    @pytest.mark.parametrize("route", ["connect", "default", "disconnect"])
    def test_is_the_gateway_of_no_event(self, gateway, route):
        assert refusal(gateway.call(route, api_id="")) == INVALID_HEADERS

    def test_is_not_found_by_its_empty_id(self):
        assert known_gateways.find("") is None


@pytest.mark.parametrize(("seconds", "status"), [(9.9, 200), (10, 400)])
def test_what_another_process_changes_is_seen_after_ten_seconds(
    gateway, monkeypatch, seconds, status
):
    now = [1_000.0]
    monkeypatch.setattr(
        "django_aws_api_gateway_websockets.models.known_gateways.time",
        SimpleNamespace(monotonic=lambda: now[0]),
    )
    known_gateways.forget()
    assert gateway.connect(ALICE).status_code == 200
    ApiGateway.objects.update(api_id="other")  # which sends no signal here either

    now[0] += seconds

    assert gateway.connect(BOB).status_code == status
    known_gateways.forget()

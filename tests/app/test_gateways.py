"""Where the messages of a gateway go, and how its row comes about."""

import pytest
from django.core.management import call_command

from django_aws_api_gateway_websockets.models import ApiGateway


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({"callback_url": "https://a.example/p"}, "https://a.example/p"),
        ({"callback_url": "https://a.example/p/"}, "https://a.example/p"),
        ({"callback_url": "http://127.0.0.1:8001/p"}, "http://127.0.0.1:8001/p"),
        ({"callback_url": "http://127.1.2.3/p"}, "http://127.1.2.3/p"),
        ({"callback_url": "http://[::1]:8001/p"}, "http://[::1]:8001/p"),
        ({"callback_url": "http://localhost:8001/p"}, "http://localhost:8001/p"),
        ({"api_endpoint": "wss://a.example"}, "https://a.example/production"),
        ({"api_endpoint": "https://a.example/"}, "https://a.example/production"),
        ({"api_endpoint": "a.example", "stage_name": "s"}, "https://a.example/s"),
    ],
)
def test_messages_go_to_the_address_that_is_set_or_derived(fields, address):
    assert ApiGateway(api_name="a", **fields).management_endpoint == address


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"api_endpoint": "wss://a.example", "stage_name": ""},
        {"callback_url": "http://a.example/p"},
        {"callback_url": "http://localhost.evil.example/p"},
        {"callback_url": "http://10.0.0.1/p"},
        {"callback_url": "ftp://a.example/p"},
        {"callback_url": "a.example/p"},
    ],
)
def test_any_other_address_is_an_error_that_names_gateway_and_remedy(fields):
    with pytest.raises(ValueError, match=r"'main'.* set .*callback_url"):
        _ = ApiGateway(api_name="main", **fields).management_endpoint


@pytest.mark.django_db(transaction=True)
class TestDeployedGateway:
    def test_is_recorded_by_the_migration(self):
        gateway = ApiGateway.objects.get()

        assert gateway.api_name == "deployed-api123"
        assert gateway.api_id == "api123"
        assert gateway.callback_url == "https://socket.example/production"
        assert gateway.default_channel_name == "default"

    def test_keeps_its_row_and_takes_the_new_address(self, settings):
        ApiGateway.objects.update(api_name="mine", default_channel_name="lobby")
        settings.WEBSOCKETS = {
            **settings.WEBSOCKETS,
            "callback_url": "https://new.example/production",
        }

        call_command("migrate", verbosity=0)

        gateway = ApiGateway.objects.get()
        assert gateway.callback_url == "https://new.example/production"
        assert (gateway.api_name, gateway.default_channel_name) == ("mine", "lobby")

    def test_is_left_alone_where_nothing_is_deployed(self, settings):
        ApiGateway.objects.all().delete()
        settings.WEBSOCKETS = {}

        call_command("migrate", verbosity=0)

        assert not ApiGateway.objects.exists()

"""A setting of another type counts as not set: it opens nothing, and breaks nothing."""

import pytest

from django_aws_api_gateway_websockets.conf import conf
from tests.app.echo import PublicView, refusal
from tests.gateway import SECRET

pytestmark = pytest.mark.django_db(transaction=True)

SITE, FOREIGN = "https://site.example", "https://evil.example"
NO_TEXTS = [5, 0, True, 1.5, b"x" * 40, pytest.param(object(), id="an object")]


@pytest.fixture
def gateway(serve):
    return serve(PublicView)


@pytest.mark.parametrize("secret", [*NO_TEXTS, [b"x" * 40], [None, 5], {}], ids=repr)
def test_a_secret_that_is_no_text_lets_nobody_in(gateway, settings, secret):
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "gateway_secret": secret}

    assert conf.gateway_secret == ()
    assert refusal(gateway.connect()) == (403, "Invalid request")


def test_a_secret_beside_one_that_is_no_text_is_still_good(gateway, settings):
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "gateway_secret": [5, SECRET]}

    assert gateway.connect().status_code == 200


@pytest.mark.parametrize(
    "origins", [5, True, pytest.param(object(), id="an object")], ids=repr
)
def test_origins_that_are_no_texts_are_those_of_the_site(gateway, settings, origins):
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "allowed_origins": origins}

    assert gateway.connect(Origin=FOREIGN).status_code == 400
    assert gateway.connect(Origin=SITE).status_code == 200


@pytest.mark.parametrize("origins", [[], [5], [b"https://evil.example"]], ids=repr)
def test_a_list_without_an_origin_allows_none(gateway, settings, origins):
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "allowed_origins": origins}

    assert gateway.connect(Origin=FOREIGN).status_code == 400
    assert gateway.connect(Origin=SITE).status_code == 400


@pytest.mark.parametrize("websockets", [None, 5, "secret", []], ids=repr)
def test_settings_that_are_no_dictionary_are_the_defaults(
    gateway, settings, websockets
):
    settings.WEBSOCKETS = websockets

    assert conf.websockets == {}
    assert refusal(gateway.connect()) == (403, "Invalid request")


@pytest.mark.parametrize("number", [-1, 0])
def test_a_limit_of_a_view_below_one_is_that_of_the_settings(serve, settings, number):
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "rate_limit_max_attempts": 3}

    class LimitedView(PublicView):
        RATE_LIMIT_ENABLED = True
        RATE_LIMIT_MAX_ATTEMPTS = number
        RATE_LIMIT_WINDOW_MINUTES = number

    gateway = serve(LimitedView)

    statuses = [gateway.connect(f"{n}=").status_code for n in range(4)]

    assert statuses == [200] * 3 + [400]

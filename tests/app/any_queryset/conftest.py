import pytest
from django.contrib.auth.models import Group

from django_aws_api_gateway_websockets.models import batches, pages
from tests.app.lobby import everybody

NAMES = ["a", "b", "c", "d", "e", "f", "g"]
PAGES = {"one page": 100, "pages of two": 2, "pages of one": 1}


@pytest.fixture(params=PAGES)
def rows_in_a_page(request, monkeypatch):
    monkeypatch.setattr(pages, "ROWS_IN_A_PAGE", PAGES[request.param])
    monkeypatch.setattr(batches, "ROWS_AT_ONCE", PAGES[request.param])


@pytest.fixture
def lobby(make_session, django_user_model):
    """Seven of Alice and Bob, who share two groups; `g` is closed."""
    alice, bob = map(django_user_model.objects.create_user, ("alice", "bob"))
    for group in ("staff", "chess"):
        Group.objects.create(name=group).user_set.set([alice, bob])
    for name in NAMES:
        make_session(name, user=alice if name < "d" else bob)
    everybody().filter(connection_id="g").update(connected=False, closed_reason="age")

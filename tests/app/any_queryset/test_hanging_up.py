"""Whomever a queryset selects is hung up on."""

import pytest

from tests.app.any_queryset.querysets import QUERYSETS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("lobby", "rows_in_a_page")
@pytest.mark.parametrize(
    "name", ["reversed", "in the middle", "part of a union", "joined to many"]
)
def test_those_of_any_queryset_can_be_hung_up_on(transport, name):
    queryset, names = QUERYSETS[name]

    assert queryset().disconnect() == len(names)

    assert sorted(transport.hung_up) == list(names)

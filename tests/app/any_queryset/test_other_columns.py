"""Combined querysets of other columns do not say which sessions are meant."""

import pytest
from django.db.models import Count, F, Value

from tests.app.any_queryset.querysets import named
from tests.app.lobby import HELLO

pytestmark = pytest.mark.django_db(transaction=True)

OF_OTHER_COLUMNS = {
    "users": lambda rows: rows.values("user_id"),
    "users first": lambda rows: rows.values_list("user_id", "pk"),
    "all columns": lambda rows: rows.values(),
    "what is annotated": lambda rows: rows.annotate(n=F("user_id")).values("n"),
    "what is counted": lambda rows: rows.values("user_id").annotate(n=Count("pk")),
    "a key with a note": lambda rows: rows.values("pk").annotate(n=Value(1)),
}
COMBINED = {
    "a union": lambda one, other: one.union(other),
    "the second": lambda one, other: named("a").values("pk").union(other),
    "a union of unions": lambda one, other: one.union(other).union(one.union(other)),
    "an intersection": lambda one, other: one.intersection(other),
    "a difference": lambda one, other: one.difference(other),
}


@pytest.mark.usefixtures("lobby")
@pytest.mark.parametrize("combined", COMBINED.values(), ids=COMBINED)
@pytest.mark.parametrize("columns", OF_OTHER_COLUMNS.values(), ids=OF_OTHER_COLUMNS)
def test_what_combines_other_columns_says_of_no_session_that_it_is_meant(
    transport, columns, combined
):
    queryset = combined(columns(named("e")), columns(named("f")))

    for act in (lambda: queryset.send_message(HELLO), queryset.disconnect):
        with pytest.raises(ValueError, match=r"combine querysets of whole sessions"):
            act()

    assert transport.posts == transport.hung_up == []

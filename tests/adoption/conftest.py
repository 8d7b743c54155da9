from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.adoption.databases import empty_database


@pytest.fixture(scope="module")
def make_database(tmp_path_factory, django_db_blocker) -> Iterator[Callable[[], str]]:
    """Makes an empty database; returns its alias."""
    folder = tmp_path_factory.mktemp("databases")
    with django_db_blocker.unblock(), ExitStack() as stack:
        yield lambda: stack.enter_context(empty_database(folder))

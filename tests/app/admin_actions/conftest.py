import pytest


@pytest.fixture
def sessions(make_session):
    return [make_session(f"{name}=") for name in ("alice", "bob", "carol")]

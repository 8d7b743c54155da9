from tests.app.conftest import make_session
from tests.emulator.conftest import invoke
from tests.end_to_end.conftest import browser

__all__ = ["browser", "invoke", "make_session"]

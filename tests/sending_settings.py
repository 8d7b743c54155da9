"""The tests' settings with the transport that a project has by default, at its fastest."""

from tests.settings import *  # noqa: F403
from tests.settings import WEBSOCKETS

del WEBSOCKETS["transport"]
WEBSOCKETS["callbacks_per_second"] = 0

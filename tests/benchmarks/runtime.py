import sys

import pytest

NEEDS_RUNTIME_CLIENT = pytest.mark.skipif(
    sys.platform != "linux", reason="AWS's runtime client is there for Linux only"
)

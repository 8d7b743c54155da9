"""What `manage.py check` says: each function looks at one concern, and has its own id.

The ids are never used for anything else: projects silence checks by them.
"""

from . import (  # noqa: F401 - which registers them
    addresses,
    databases,
    deployed_views,
    handlers,
    installation,
    keys,
    origins,
    secrets,
    sending,
    urls,
    view_attributes,
)

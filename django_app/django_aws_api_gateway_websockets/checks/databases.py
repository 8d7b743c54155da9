"""Can `migrate` begin where a database of the earlier package is?"""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections, router

from django_aws_api_gateway_websockets.models.adopted_databases import APP, fault_of


@register(Tags.database)
def check_adopted_databases(
    databases: Sequence[str] | None = None, **_options: Any
) -> list[CheckMessage]:
    return [
        Error(fault.about(alias), hint=fault.hint, id=f"{APP}.E010")
        for alias in databases or ()
        if router.allow_migrate(alias, APP)
        if (fault := fault_of(connections[alias])) is not None
    ]

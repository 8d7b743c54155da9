"""Texts that differ where one letter is a capital."""

from typing import TYPE_CHECKING, Any

from django.db import models

# Django's class is generic for type checkers only.
if TYPE_CHECKING:
    CharField = models.CharField[str, str]
else:
    CharField = models.CharField


class ExactCharField(CharField):
    """Compared letter by letter everywhere.

    MySQL and MariaDB would take `Lobby` for `lobby`, and one connection's id for
    another's; the other databases compare like this anyway.
    """

    def db_parameters(self, connection: Any) -> Any:
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters

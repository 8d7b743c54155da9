"""Finding users by name: they may be in another database, and be a million."""

from typing import Any

from django.contrib.auth import get_user_model

from django_aws_api_gateway_websockets.models.databases import users_database

MOST_USERS = 20  # each of whom may have thousands of sessions


def users_with(**condition: str) -> Any:
    model: Any = get_user_model()
    name = model.USERNAME_FIELD
    conditions = {f"{name}__{lookup}": text for lookup, text in condition.items()}
    rows = model._base_manager.using(users_database()).filter(**conditions)
    return rows.order_by(name).values_list("pk", flat=True)


def users_beginning_with(text: str) -> list[Any]:
    """The first by name, so that whoever has just this name is among them."""
    return list(users_with(startswith=text)[:MOST_USERS])


def user_named(name: str) -> Any:
    """The primary key, or None."""
    return users_with(exact=name).first()

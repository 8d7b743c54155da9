"""The table of Django's sessions, where a project keeps them in one."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import models, router


def session_store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


def session_rows() -> models.QuerySet[Any] | None:
    """None where they are kept elsewhere: in a cache, in files, in cookies."""
    store = session_store()
    if not hasattr(store, "get_model_class"):
        return None
    model = store.get_model_class()
    rows: models.QuerySet[Any] = model._default_manager.using(
        router.db_for_write(model)
    )
    return rows

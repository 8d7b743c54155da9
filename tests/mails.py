"""Who is mailed and by what, in the words of the Django that is there."""

from typing import Any

import django

ADDRESS = "ada@site.example"
ADMINS: list[Any] = [ADDRESS] if django.VERSION >= (6, 0) else [("Ada", ADDRESS)]


def use_backend(settings: Any, backend: str) -> None:
    if django.VERSION >= (6, 1):
        settings.MAILERS = {"default": {"BACKEND": backend}}
    else:
        settings.EMAIL_BACKEND = backend

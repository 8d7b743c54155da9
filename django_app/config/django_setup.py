"""Imported by what is neither a WSGI nor an ASGI application, which set Django up themselves."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

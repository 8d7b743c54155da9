"""Logs a new user in, and registers the gateway where migrating has not."""

import os
from http import HTTPStatus
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.middleware.csrf import get_token
from django.test import RequestFactory

get_wsgi_application()

from django.contrib.auth import get_user_model, login  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from django_aws_api_gateway_websockets.models import ApiGateway  # noqa: E402


def handler(event: Any, context: Any) -> dict[str, Any]:
    register_gateway(os.environ["WEBSOCKET_API_ID"])
    request = RequestFactory().get("/")
    request.session = SessionStore()
    login(request, get_user_model().objects.create_user("measured"))
    request.session.save()
    get_token(request)
    return {
        "statusCode": HTTPStatus.OK,
        "session": request.session.session_key,
        "csrf_token": request.META["CSRF_COOKIE"],
    }


def register_gateway(api_id: str) -> None:
    if not ApiGateway.objects.filter(api_id=api_id).exists():
        # Not saved one by one: the peer's rows call AWS when they are.
        ApiGateway.objects.bulk_create([ApiGateway(api_name="measured", api_id=api_id)])

"""An event of the HTTP API becomes a request to Django."""

from typing import Any

from apig_wsgi import make_lambda_handler

from config.wsgi import application

answer = make_lambda_handler(application)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return answer({**event, "headers": unambiguous(event["headers"])}, context)


def unambiguous(headers: dict[str, str]) -> dict[str, str]:
    """Without names with an underscore: WSGI takes `x_a` and `x-a` for the same."""
    return {name: value for name, value in headers.items() if "_" not in name}

"""An event of the HTTP API becomes a request to Django."""

from typing import Any

from apig_wsgi import make_lambda_handler

from config.wsgi import application

from .http_events import UTF_8, http_request, in_wsgis_letters

answer = make_lambda_handler(application, non_binary_content_type_prefixes=UTF_8)


def handler(event: Any, context: Any) -> dict[str, Any]:
    return answer(in_wsgis_letters(http_request(event)), context)

"""The URLs that lead to views."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register

from django_aws_api_gateway_websockets.views_in_use import urls_in_use

HINT_OF_URLS = 'Write path("ws/<slug:route>", …)'


@register(Tags.urls)
def check_urls_without_route(**_options: Any) -> list[CheckMessage]:
    return [
        Error(
            f"The URL {url.text!r} of {url.view.__name__} does not name the route",
            hint=HINT_OF_URLS,
            obj=url.view,
            id="django_aws_api_gateway_websockets.E004",
        )
        for url in urls_in_use()
        if "route" not in url.arguments
    ]


@register(Tags.urls)
def check_urls_with_a_slash(**_options: Any) -> list[CheckMessage]:
    """API Gateway asks without one, and follows no redirect."""
    return [
        Warning(
            f"The URL {url.text!r} of {url.view.__name__} ends in a slash: API "
            "Gateway asks without it, so events are redirected or not found",
            hint=HINT_OF_URLS,
            obj=url.view,
            id="django_aws_api_gateway_websockets.W010",
        )
        for url in urls_in_use()
        if url.text.removesuffix("$").removesuffix(r"\Z").endswith("/")
    ]

"""What of a view is fine on a laptop, and may be unsafe where strangers come."""

from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register

from django_aws_api_gateway_websockets.conf import conf

from .view_attributes import is_own, readable_views


@register(Tags.security, deploy=True)
def check_addresses_of_clients(**_options: Any) -> list[CheckMessage]:
    """Asks where no template of this project has deployed the gateway."""
    if conf.api_id or conf.trusted_proxy_count:
        return []
    if not any(view.RATE_LIMIT_ENABLED for view in readable_views()):
        return []
    return [
        Warning(
            "Limits by address are off, or can be forged, unless each gateway maps "
            "X-Ws-Source-Ip",
            hint="Map integration.request.header.X-Ws-Source-Ip to "
            "context.identity.sourceIp and silence this, or set "
            'WEBSOCKETS["trusted_proxy_count"]',
            id="django_aws_api_gateway_websockets.W006",
        )
    ]


@register(Tags.security, deploy=True)
def check_open_channels(**_options: Any) -> list[CheckMessage]:
    """Leaves out public views, whose channels are open on purpose."""
    return [
        Warning(
            f"Anybody who is logged in may join any channel of {type(view).__name__} "
            "that has no ChannelPermission, even if only a misspelt one was meant for it",
            hint="Set ALLOW_UNLISTED_CHANNELS = False and list the channels, override "
            "can_join_channel, or silence this",
            obj=type(view),
            id="django_aws_api_gateway_websockets.W004",
        )
        for view in readable_views()
        if view.USE_WS_TOKEN
        and view.ALLOW_UNLISTED_CHANNELS
        and not is_own(view, "can_join_channel")
    ]


@register(Tags.security, deploy=True)
def check_messages_in_the_log(**_options: Any) -> list[CheckMessage]:
    return [
        Warning(
            f"{type(view).__name__}.debug is True: the log gets all that clients send",
            hint="Take it out, or set it to settings.DEBUG",
            obj=type(view),
            id="django_aws_api_gateway_websockets.W011",
        )
        for view in readable_views()
        if view.debug
    ]


@register(Tags.security, deploy=True)
def check_permissions_by_cookie(**_options: Any) -> list[CheckMessage]:
    return [
        Warning(
            f"{type(view).__name__} asks for permissions, and knows a user by the "
            "cookie alone: none comes to a host that is not the site's, and only the "
            "Origin tells the site's pages from others",
            hint="Leave USE_WS_TOKEN at True, and let pages fetch a token",
            obj=type(view),
            id="django_aws_api_gateway_websockets.W012",
        )
        for view in readable_views()
        if not view.USE_WS_TOKEN
        and (view.permissions_required or view.all_permissions_required)
    ]

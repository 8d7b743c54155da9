"""What a user may do, and in which channels a user may be."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest

from django_aws_api_gateway_websockets.models import ChannelPermission


class PermissionHooks:
    """Override a method to decide otherwise."""

    ALLOW_UNLISTED_CHANNELS: bool = True
    permissions_required: str | Collection[str] = ()
    """Any of these is needed for messages, and for connects if so demanded."""

    all_permissions_required: str | Collection[str] = ()
    """All of these are needed; where there are some, the others do not count."""

    def has_required_permissions(self, request: HttpRequest) -> bool:
        if permissions(self.all_permissions_required):
            return self.has_all_permission(request)
        if permissions(self.permissions_required):
            return self.has_any_permission(request)
        return True

    def has_any_permission(self, request: HttpRequest) -> bool:
        names = permissions(self.permissions_required)
        return any(user_of(request).has_perm(name) for name in names)

    def has_all_permission(self, request: HttpRequest) -> bool:
        names = permissions(self.all_permissions_required)
        return bool(user_of(request).has_perms(names))

    def can_join_channel(self, request: HttpRequest, channel_name: str) -> bool:
        """May `request.user`, who may be anonymous, be in this channel?"""
        permission = self.get_channel_permission(channel_name)
        if permission is None:
            return self.ALLOW_UNLISTED_CHANNELS
        return permission.allows(user_of(request))

    def get_channel_permission(self, channel_name: str) -> ChannelPermission | None:
        return ChannelPermission.for_channel(channel_name)


def permissions(names: str | Collection[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def user_of(request: HttpRequest) -> Any:
    return request.user

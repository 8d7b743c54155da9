"""May it do this, and be in that channel?"""

import re

from django.core.exceptions import SuspiciousOperation

from django_aws_api_gateway_websockets.exceptions import (
    InvalidChannel,
    NotPermitted,
    OwnCheckFailed,
)

from .attempt import AdmittingView, ConnectionAttempt

# Whatever a pattern allows: no database takes half a surrogate, and PostgreSQL no NUL.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def channel_is_well_formed(attempt: ConnectionAttempt) -> None:
    try:
        names = attempt.request.GET.getlist("channel")
    except SuspiciousOperation as error:
        raise InvalidChannel(type(error).__name__) from None
    if len(names) > 1:
        raise InvalidChannel("there is more than one channel")
    if not names and attempt.gateway is not None:
        names = [attempt.gateway.default_channel_name]
    attempt.channel_name = well_formed_channel_name(attempt.view, *names)


def user_is_permitted(attempt: ConnectionAttempt) -> None:
    if not attempt.view.CHECK_PERMISSIONS_ON_CONNECT:
        return
    if not attempt.view.has_required_permissions(attempt.request):
        raise NotPermitted("the user lacks the permissions of the view")


def channel_can_be_joined(attempt: ConnectionAttempt) -> None:
    name = attempt.channel_name
    if not attempt.view.can_join_channel(attempt.request, name):
        raise NotPermitted(f"the user may not join {name}")


def own_checks_pass(attempt: ConnectionAttempt) -> None:
    passed, text = attempt.view._additional_connection_checks(attempt.request)
    if not passed:
        raise OwnCheckFailed(text)


def well_formed_channel_name(view: AdmittingView, name: object = "") -> str:
    if not isinstance(name, str) or not 0 < len(name) <= view.MAX_CHANNEL_NAME_LENGTH:
        raise InvalidChannel("the channel's name is empty, too long, or no text")
    if UNSTORABLE.search(name) or not re.fullmatch(view.CHANNEL_NAME_PATTERN, name):
        raise InvalidChannel("the channel's name holds other characters")
    return name

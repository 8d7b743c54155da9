"""May this client connect? The policy is the tuple `CHECKS`, in its order."""

from collections.abc import Callable

from .attempt import ConnectionAttempt
from .limits import address_has_attempts_left, user_has_attempts_left
from .logins import (
    cookie_is_of_a_login,
    session_cookie_belongs_to_token,
    session_cookie_is_there,
    token_is_used_up,
    token_is_valid,
)
from .permissions import (
    channel_can_be_joined,
    channel_is_well_formed,
    own_checks_pass,
    user_is_permitted,
)
from .requests import (
    connection_id_is_well_formed,
    gateway_is_known,
    host_is_allowed,
    origin_is_allowed,
    required_headers_are_there,
    user_agent_is_expected,
)

Check = Callable[[ConnectionAttempt], None]

CHECKS: tuple[Check, ...] = (
    gateway_is_known,
    address_has_attempts_left,
    required_headers_are_there,
    user_agent_is_expected,
    connection_id_is_well_formed,
    host_is_allowed,
    origin_is_allowed,
    channel_is_well_formed,
    session_cookie_is_there,
    token_is_valid,
    session_cookie_belongs_to_token,
    cookie_is_of_a_login,
    user_has_attempts_left,
    token_is_used_up,
    user_is_permitted,
    channel_can_be_joined,
    own_checks_pass,
)

__all__ = (
    "CHECKS",
    "Check",
    "ConnectionAttempt",
    "address_has_attempts_left",
    "channel_can_be_joined",
    "channel_is_well_formed",
    "connection_id_is_well_formed",
    "cookie_is_of_a_login",
    "gateway_is_known",
    "host_is_allowed",
    "origin_is_allowed",
    "own_checks_pass",
    "required_headers_are_there",
    "session_cookie_belongs_to_token",
    "session_cookie_is_there",
    "token_is_used_up",
    "token_is_valid",
    "user_agent_is_expected",
    "user_has_attempts_left",
    "user_is_permitted",
)

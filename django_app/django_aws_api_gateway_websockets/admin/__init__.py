"""The pages of the admin; a file for each thing that they show."""

from . import attempts, broadcasts, channels, gateways, sessions, tokens

__all__ = ("attempts", "broadcasts", "channels", "gateways", "sessions", "tokens")

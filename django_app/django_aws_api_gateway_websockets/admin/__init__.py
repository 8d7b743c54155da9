"""The pages of the admin; a file for each thing that they show."""

from . import attempts, channels, gateways, sessions, tokens

__all__ = ("attempts", "channels", "gateways", "sessions", "tokens")

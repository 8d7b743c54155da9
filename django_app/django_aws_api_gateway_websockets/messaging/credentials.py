"""With which key calls to AWS are signed."""

import os
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.exceptions import NoCredentials

from .signing import VISIBLE

if TYPE_CHECKING:
    from botocore.credentials import Credentials as FoundCredentials
    from botocore.session import Session

PAIR = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


class Credentials(NamedTuple):
    """A key of AWS; one that is temporary comes with a token."""

    access_key: str
    secret_key: str
    token: str | None = None

    def __repr__(self) -> str:
        """Without the secrets: mails about exceptions show what variables hold."""
        return f"Credentials({self.access_key!r}, …)"

    @property
    def malformed(self) -> str | None:
        """What holds a character that no key has, such as the end of a line."""
        names = ("access key", "secret key", "session token")
        for name, value in zip(names, self, strict=True):
            if value and not VISIBLE.fullmatch(value):
                return name
        return None


def current_credentials() -> Credentials:
    """Those of the settings, else of the environment, else what botocore finds.

    Ask again for each second that is signed: they may have been renewed or changed.
    """
    credentials = first_credentials()
    if credentials.malformed:
        raise NoCredentials(
            f"The {credentials.malformed} holds a character that is not visible ASCII, "
            "such as the end of a line"
        )
    return credentials


def first_credentials() -> Credentials:
    if conf.iam_profile:
        return credentials_of_botocore(conf.iam_profile)
    if conf.access_key:
        return Credentials(*conf.access_key)
    return credentials_of_environment() or credentials_of_botocore(profile=None)


def credentials_of_environment() -> Credentials | None:
    """What botocore would find first, without the time it takes to import it."""
    # Whoever raises has no secret in a variable, which error reports would show.
    missing = [name for name in PAIR if not os.environ.get(name)]
    if len(missing) == 1:
        raise NoCredentials(f"The environment has half a key: {missing[0]} is missing")
    if missing:
        return None
    token = os.environ.get("AWS_SESSION_TOKEN") or None
    return Credentials(os.environ[PAIR[0]], os.environ[PAIR[1]], token)


def credentials_of_botocore(profile: str | None) -> Credentials:
    """Those of a profile, a role, a command, …: botocore renews them by itself."""
    try:
        found = botocore_session.credentials(profile)
        key = found.get_frozen_credentials() if found else None
    except ImportError as error:
        raise NoCredentials(
            "botocore is not installed, which would look for a key beyond the settings "
            "and the environment"
        ) from error
    except Exception as error:  # commands and servers, too, are asked for keys
        raise NoCredentials(f"botocore gets no key: {error}") from error
    if key and key.access_key and key.secret_key:
        return Credentials(key.access_key, key.secret_key, key.token)
    del key  # half of one is a secret all the same
    raise NoCredentials("There is no key to sign calls to AWS with")


class BotocoreSession:
    """Keeps what botocore has found, until there is a reason to look again."""

    def __init__(self) -> None:
        self.forget()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """In a new process: nobody would open the lock that a thread had closed."""
        self.lock = Lock()
        self.session: Session | None = None
        self.made_for: tuple[str | None, frozenset[tuple[str, str]]] | None = None

    def credentials(self, profile: str | None) -> "FoundCredentials | None":
        with self.lock:
            return self.session_for(profile).get_credentials()

    def region(self, profile: str | None) -> str | None:
        with self.lock:
            region: str | None = self.session_for(profile).get_config_variable("region")
            return region

    def session_for(self, profile: str | None) -> "Session":
        from botocore.session import Session

        made_for = profile, aws_environment()
        if self.session is None or self.made_for != made_for:
            self.session = Session(profile=profile)
            self.made_for = made_for
        return self.session


def aws_environment() -> frozenset[tuple[str, str]]:
    """Profiles, files and roles have their names here."""
    return frozenset(
        (name, value) for name, value in os.environ.items() if name.startswith("AWS_")
    )


botocore_session = BotocoreSession()

"""Make a resolved value local: secrets filled in, AWS addresses replaced by the emulator's own."""

import json
import re
from collections.abc import Mapping
from typing import Any

from gateway_emulator.errors import TemplateError
from gateway_emulator.identifiers import secret_name

# {{resolve:secretsmanager:ID:SecretString:KEY:STAGE:VERSION}}, where ID may be an ARN.
SECRET = re.compile(
    r"\{\{resolve:secretsmanager:"
    r"(?P<id>arn:[^:}]*:secretsmanager:[^:}]*:[^:}]*:secret:[^:}]+|[^:}]+)"
    r"(?::SecretString(?::(?P<key>[^:}]*))?[^}]*)?\}\}"
)
OTHER_REFERENCE = re.compile(r"\{\{resolve:([a-z-]+)")
ADDRESS = re.compile(
    r"(https|wss)://([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?"
)


class LocalValues:
    """Replaces what only exists on AWS in every text of a value."""

    def __init__(
        self, secrets: Mapping[str, str], addresses: Mapping[str, str]
    ) -> None:
        self.secrets = secrets
        self.addresses = addresses  # host and port by API id

    def localise(self, value: Any, resource: str) -> Any:
        if isinstance(value, dict):
            return {key: self.localise(item, resource) for key, item in value.items()}
        if isinstance(value, list):
            return [self.localise(item, resource) for item in value]
        if not isinstance(value, str):
            return value
        filled = SECRET.sub(lambda match: self.secret(match, resource), value)
        if other := OTHER_REFERENCE.search(filled):
            raise TemplateError(
                f"{resource}: references to {other[1]} are not supported."
            )
        return ADDRESS.sub(self.address, filled)

    def secret(self, match: re.Match[str], resource: str) -> str:
        name, key = match["id"], match["key"]
        for arn, content in self.secrets.items():
            if name in (arn, secret_name(arn)):
                return member(content, key, resource) if key else content
        raise TemplateError(
            f"{resource}: secret {name!r} is not in the template; give its value with --env."
        )

    def address(self, match: re.Match[str]) -> str:
        scheme, api_id = match[1], match[2]
        if api_id not in self.addresses:
            return match[0]
        return ("ws" if scheme == "wss" else "http") + "://" + self.addresses[api_id]


def member(secret: str, key: str, resource: str) -> str:
    try:
        return str(json.loads(secret)[key])
    except (KeyError, TypeError, ValueError):
        raise TemplateError(f"{resource}: the secret has no key {key!r}.") from None

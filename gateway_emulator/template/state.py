"""Keep API ids and generated secrets the same from start to start."""

import json
import os
import secrets
import string
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway_emulator.errors import EmulatorError


class State:
    """What was made up once and is remembered in an ignored folder beside the template."""

    def __init__(self, path: Path, address: str) -> None:
        self.path = path
        self.address = address
        self.values = remembered_values(path)

    def api_id(self, logical_id: str) -> str:
        """Return an id that is another at another address.

        By it a site knows where its messages go: two emulators may share its database.
        """
        seed = self.remembered("API ids", string.ascii_letters, length=32)
        digest = sha256(f"{seed} {logical_id} {self.address}".encode()).digest()
        alphabet = string.ascii_lowercase + string.digits
        return "".join(alphabet[byte % len(alphabet)] for byte in digest[:10])

    def secret(self, logical_id: str, generate: Mapping[str, Any]) -> str:
        """Return the password that `GenerateSecretString` asks for."""
        alphabet = string.ascii_letters + string.digits
        if not generate.get("ExcludePunctuation"):
            alphabet += string.punctuation
        left_out = str(generate.get("ExcludeCharacters", ""))
        alphabet = "".join(each for each in alphabet if each not in left_out)
        length = int(generate.get("PasswordLength", 32))
        password = self.remembered(f"secret {logical_id}", alphabet, length=length)
        key = generate.get("GenerateStringKey")
        if key is None:
            return password
        return json.dumps(
            {**json.loads(generate["SecretStringTemplate"]), key: password}
        )

    def remembered(self, name: str, alphabet: str, *, length: int) -> str:
        value = self.values.get(name, "")
        if len(value) != length or not set(value) <= set(alphabet):
            value = "".join(secrets.choice(alphabet) for _ in range(length))
            self.values[name] = value
            self.save()
        return value

    def save(self) -> None:
        try:
            self.write()
        except OSError as error:
            raise EmulatorError(
                f"{self.path} cannot be written ({error.strerror}): API ids and secrets"
                " are kept there."
            ) from error

    def write(self) -> None:
        self.path.parent.mkdir(exist_ok=True)
        (self.path.parent / ".gitignore").write_text("*\n")  # secrets are no commits
        unfinished = self.path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(self.values, file, indent=2)
        unfinished.replace(self.path)  # at once: two emulators may start together


def remembered_values(path: Path) -> dict[str, str]:
    """Return what is remembered; a damaged file counts as nothing."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(values, dict):
        return {}
    return {name: value for name, value in values.items() if isinstance(value, str)}

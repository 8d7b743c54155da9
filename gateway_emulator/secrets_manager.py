"""Secrets Manager's GetSecretValue for the secrets of the template.

Source: "GetSecretValue", AWS Secrets Manager API Reference.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from gateway_emulator.asgi import Receive, Scope, Send, decoded, read_body, respond
from gateway_emulator.identifiers import secret_name

REQUEST_BYTES = 65_536


class SecretsManager:
    """An ASGI app that answers SDKs whose endpoint is AWS_ENDPOINT_URL_SECRETS_MANAGER."""

    def __init__(self, current_secrets: Callable[[], Mapping[str, str]]) -> None:
        self.current_secrets = current_secrets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = dict(decoded(scope["headers"])).get("x-amz-target", "")
        body = await read_body(receive, limit=REQUEST_BYTES)
        if target != "secretsmanager.GetSecretValue":
            await send_json(send, 400, error("UnknownOperationException", target))
            return
        try:
            wanted = str(json.loads(body)["SecretId"])
        except (KeyError, TypeError, ValueError):
            await send_json(send, 400, error("InvalidRequestException", "no SecretId"))
            return
        for arn, text in self.current_secrets().items():
            name = secret_name(arn)
            if wanted in (arn, name):
                await send_json(
                    send, 200, {"ARN": arn, "Name": name, "SecretString": text}
                )
                return
        message = "Secrets Manager can't find the specified secret."
        await send_json(send, 400, error("ResourceNotFoundException", message))


def error(kind: str, message: str) -> dict[str, Any]:
    return {"__type": kind, "Message": message}


async def send_json(send: Send, status: int, members: Mapping[str, Any]) -> None:
    body = json.dumps(members).encode()
    headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("content-length", str(len(body))),
    ]
    await respond(send, status, headers, body)

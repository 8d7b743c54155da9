"""What staff types before something is done to the sessions that they have selected."""

import json
from typing import Any, NoReturn

from django import forms
from django.core.exceptions import ValidationError

from django_aws_api_gateway_websockets.messaging.encoding import encode


def refuse_constant(name: str) -> NoReturn:
    raise ValidationError(f"{name} is not JSON")


class MessageForm(forms.Form):
    message = forms.CharField(
        widget=forms.Textarea(
            attrs={"rows": 8, "class": "vLargeTextField", "spellcheck": "false"}
        ),
        initial='{"type": "notice", "text": ""}',
        help_text="A JSON object, which each client gets as it stands here.",
    )

    def clean_message(self) -> dict[str, Any]:
        try:
            message = json.loads(
                self.cleaned_data["message"], parse_constant=refuse_constant
            )
        except json.JSONDecodeError as error:
            raise ValidationError(f"This is not JSON: {error}") from error
        except RecursionError as error:
            raise ValidationError("This is nested too deep") from error
        except ValueError as error:  # a number of thousands of digits
            raise ValidationError(f"This is not JSON: {error}") from error
        if not isinstance(message, dict):
            raise ValidationError("A message is a JSON object: {…}")
        return sendable(message)


def sendable(message: dict[str, Any]) -> dict[str, Any]:
    try:
        encode(message)
    except RecursionError as error:
        raise ValidationError("This is nested too deep") from error
    except ValueError as error:
        raise ValidationError(str(error)) from error
    return message


class HangUpForm(forms.Form):
    reconnect = forms.BooleanField(
        required=False,
        label="Let them connect again",
        help_text="Otherwise clients are told to stay away until somebody reloads the page.",
    )

"""Does a message fit the form of its handler?"""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext

from django_aws_api_gateway_websockets.exceptions import InvalidFields

MAX_TEXT_LENGTH = 300  # of what a client hears about a field: it may quote the message
SEVERAL_VALUES = (forms.MultipleChoiceField, forms.ModelMultipleChoiceField)


def cleaned_data(
    form_class: type[forms.BaseForm], message: Mapping[str, Any]
) -> dict[str, Any]:
    """What the form makes of the message, or InvalidFields."""
    form = form_class(data=message)
    form.data = data_from_a_page(form, message)
    if form.is_valid():
        data: dict[str, Any] = form.cleaned_data
        return data
    raise InvalidFields(
        {
            name: [str(text)[:MAX_TEXT_LENGTH] for text in texts]
            for name, texts in form.errors.items()
        }
    )


def data_from_a_page(
    form: forms.BaseForm, message: Mapping[str, Any]
) -> dict[str, Any]:
    """The message as a page would send it: fields know texts, and nothing of JSON.

    Raises InvalidFields where a field gets an object or a list and has no use for it:
    some would fail on it, and others take its `repr`.
    """
    fields = {form.add_prefix(name): name for name in form.fields}
    data: dict[str, Any] = {}
    wrong: dict[str, list[str]] = {}
    for key, value in message.items():
        name = fields.get(key)
        if value is None:
            continue  # not filled in
        try:
            data[key] = value_from_a_page(value, name and form.fields[name])
        except ValueError:
            if name:
                wrong[name] = [gettext("Enter a valid value.")]
    if wrong:
        raise InvalidFields(wrong)
    return data


def value_from_a_page(value: Any, field: Any) -> str | list[str]:
    if isinstance(field, forms.JSONField):
        return sendable(json.dumps(value, ensure_ascii=False))
    if isinstance(value, list) and isinstance(field, SEVERAL_VALUES):
        return [text_from_a_page(each) for each in value]
    return text_from_a_page(value)


def text_from_a_page(value: Any) -> str:
    """Numbers, true and false as JSON writes them."""
    if isinstance(value, list | dict):
        raise ValueError("not a single value")  # noqa: TRY004 - of no type, but for a field
    return sendable(value if isinstance(value, str) else json.dumps(value))


def sendable(text: str) -> str:
    """ValueError for what no page can send, and no database can store."""
    text.encode()  # not half a surrogate pair
    if "\0" in text:
        raise ValueError("a NUL")
    return text

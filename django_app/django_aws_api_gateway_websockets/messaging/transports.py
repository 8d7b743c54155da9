from functools import lru_cache
from typing import cast

from django.utils.module_loading import import_string

from django_aws_api_gateway_websockets.conf import conf

from .contract import Transport


def current_transport() -> Transport:
    """The transport that the setting names, made once."""
    return make_transport(conf.transport)


@lru_cache(maxsize=1)  # another setting makes another transport
def make_transport(dotted_path: str) -> Transport:
    return cast(Transport, import_string(dotted_path)())

"""For which region calls to AWS are signed."""

import os
import re
from urllib.parse import urlsplit

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.exceptions import NoRegion

from .credentials import botocore_session
from .signing import VISIBLE

# "Endpoint URL", Amazon API Gateway: also in China. A domain of your own names no region.
GATEWAY_HOST = re.compile(
    r"[a-z0-9-]+\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"
)


def signing_region(callback_url: str) -> str:
    """The region of the address, else that of the site."""
    region = region_of(callback_url) or conf.region or configured_region(callback_url)
    if not region:
        raise NoRegion(callback_url)
    if not VISIBLE.fullmatch(region):
        raise NoRegion(f"{region!r} is no region: {callback_url}")
    return region


def region_of(callback_url: str) -> str | None:
    """The region that the address is in, for which a call to it is signed."""
    host = GATEWAY_HOST.fullmatch(urlsplit(callback_url).hostname or "")
    return host["region"] if host else None


def configured_region(callback_url: str) -> str | None:
    """What botocore finds; that it looks here first takes no import to know."""
    if region := os.environ.get("AWS_DEFAULT_REGION"):
        return region
    try:
        return botocore_session.region(conf.iam_profile)
    except Exception as error:  # it is not installed, or cannot read its files
        raise NoRegion(callback_url) from error

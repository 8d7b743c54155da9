"""Everything that follows from the public address of the site."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class SiteUrl:
    origin: str
    host: str
    is_secure: bool

    @classmethod
    def parse(cls, address: str) -> Self:
        url = urlsplit(address)
        if url.scheme not in {"http", "https"} or not url.hostname:
            raise ImproperlyConfigured(
                f"SITE_URL is '{address}': it is an address like https://site.example"
            )
        return cls(
            origin=f"{url.scheme}://{url.netloc}",
            host=url.hostname,
            is_secure=url.scheme == "https",
        )

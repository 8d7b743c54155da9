"""The headers of a request, looked up where WSGI has put them.

Django's `request.headers` copies all of them when the first is asked for, and an event
asks for a handful.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from django.http import HttpRequest
from django.http.request import HttpHeaders


class RequestHeaders(Mapping[str, str]):
    def __init__(self, request: HttpRequest) -> None:
        self.meta = request.META

    def __getitem__(self, name: str) -> str:
        value: str = self.meta[wsgi_name(name)]
        return value

    def __contains__(self, name: object) -> bool:
        return wsgi_name(str(name)) in self.meta

    def __iter__(self) -> Iterator[str]:
        return iter(HttpHeaders(self.meta))

    def __len__(self) -> int:
        return len(HttpHeaders(self.meta))


@lru_cache(maxsize=128)
def wsgi_name(name: str) -> str:
    return HttpHeaders.to_wsgi_name(name)

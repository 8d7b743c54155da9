"""Which views do URLs lead to?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from .routing import DeclaredHandlers


@dataclass(frozen=True)
class UrlInUse:
    """A URL of a view, with all that comes before it where it is included."""

    text: str
    arguments: frozenset[str]
    view: type[DeclaredHandlers]
    options: dict[str, Any]

    def make(self) -> DeclaredHandlers:
        return self.view(**self.options)


def views_in_use() -> Iterator[UrlInUse]:
    """One URL of each, or several if they make it in several ways."""
    seen: list[object] = []
    for url in urls_in_use():
        if (url.view, url.options) not in seen:
            seen.append((url.view, url.options))
            yield url


def urls_in_use() -> Iterator[UrlInUse]:
    if not getattr(settings, "ROOT_URLCONF", None):
        return
    for *resolvers, pattern in paths_below(get_resolver()):
        view: Any = getattr(pattern.callback, "view_class", None)
        if isinstance(view, type) and issubclass(view, DeclaredHandlers):
            yield UrlInUse(
                text="".join(str(each.pattern) for each in (*resolvers, pattern)),
                arguments=arguments_of(*resolvers, pattern),
                view=view,
                options=pattern.callback.view_initkwargs,
            )


def paths_below(resolver: URLResolver) -> Iterator[tuple[Any, ...]]:
    """Each pattern, after the includes that lead to it."""
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from ((each, *path) for path in paths_below(each))
        else:
            yield (each,)


def arguments_of(*path: URLPattern | URLResolver) -> frozenset[str]:
    """What a view is called with: parts of the address, and what the URLs add."""
    added = (
        each.default_kwargs if isinstance(each, URLResolver) else each.default_args
        for each in path
    )
    named = (each.pattern.regex.groupindex for each in path)
    return frozenset().union(*added, *named)

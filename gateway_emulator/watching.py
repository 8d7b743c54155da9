"""Notice changed code and a changed template."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

# What a Django project's functions read when they start. Others, a database file above
# all, change while they run.
SOURCE_SUFFIXES = (
    ".css",
    ".html",
    ".js",
    ".json",
    ".mo",
    ".py",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
)
IGNORED_FOLDERS = (
    *DefaultFilter.ignore_dirs,
    ".aws-sam",
    ".gateway-emulator",
    ".venv-lambda",
    ".venv-sam",
    "_build",
    "site-packages",
)


class SourceFilter(DefaultFilter):
    """Lets changes of source files pass."""

    ignore_dirs = IGNORED_FOLDERS

    def __call__(self, change: Change, path: str) -> bool:
        return path.endswith(SOURCE_SUFFIXES) and super().__call__(change, path)


async def changed_paths(folders: Iterable[Path]) -> AsyncIterator[set[Path]]:
    """Yield the source files that have changed below any of the folders, in batches."""
    async for changes in awatch(*folders, watch_filter=SourceFilter(), debounce=200):
        yield {Path(path) for _, path in changes}

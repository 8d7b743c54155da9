"""Notice changed code and a changed template."""

import asyncio
from collections.abc import Callable, Collection, Iterable
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
IGNORED_FOLDERS = ("node_modules", "__pycache__")

WhenChanged = Callable[[set[Path]], None]


class SourceFilter(DefaultFilter):
    """Lets changes of source files pass."""

    def __call__(self, change: Change, path: str) -> bool:
        return path.endswith(SOURCE_SUFFIXES) and super().__call__(change, path)


async def watch(folders: Iterable[Path], when_changed: WhenChanged) -> None:
    """Call `when_changed` with the source files that have changed in or below any of the folders."""
    folders = set(folders)
    below = {each for folder in folders for each in source_folders(folder)}
    await asyncio.gather(
        report(folders, when_changed, recursive=False),
        report(below, when_changed, recursive=True),
    )


async def report(
    folders: Collection[Path], when_changed: WhenChanged, *, recursive: bool
) -> None:
    if not folders:
        return
    changes = awatch(
        *folders, watch_filter=SourceFilter(), debounce=200, recursive=recursive
    )
    async for batch in changes:
        when_changed({Path(path) for _, path in batch})


def source_folders(folder: Path) -> Iterable[Path]:
    """Return a folder's visible sub-folders, without virtual environments and installed packages."""
    for entry in folder.iterdir():
        visible = entry.is_dir() and not entry.name.startswith(".")
        is_environment = (entry / "pyvenv.cfg").exists()
        if visible and not is_environment and entry.name not in IGNORED_FOLDERS:
            yield entry

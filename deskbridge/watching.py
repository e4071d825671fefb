"""Who asks for a reload without a command: a signal, and files that have changed."""

import asyncio
import logging
import time
from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path

from deskbridge.reloading import Reloading

log = logging.getLogger(__name__)

LOOK = timedelta(seconds=1)
SETTLED = timedelta(seconds=1)
"""How long nothing may change any more: an editor, or a copy of several files, has to be done."""
ENDINGS = (".yaml", ".yml", ".md")
"""What an include or the templates may find beside the files that are known."""

Marks = tuple[tuple[str, int, int, int], ...]
"""Name, number, time and size of each file."""


async def when_signalled(reloading: Reloading, signalled: asyncio.Event) -> None:
    """Reload whenever ``signalled``; several signals while one is under way are one more."""
    while True:
        await signalled.wait()
        signalled.clear()
        await reloading.reload(by="SIGHUP")


async def watch(
    reloading: Reloading, since: int, *, look: timedelta = LOOK, settled: timedelta = SETTLED
) -> None:
    """Reload whenever a file of the configuration has changed and nothing more changes.

    ``since``: when the configuration was begun to be read, in nanoseconds of the system's time;
    what has changed while the desk was starting has changed, too.
    """
    files = reloading.files()
    seen = await asyncio.to_thread(_seen, files, since)
    while True:
        await asyncio.sleep(look.total_seconds())
        now = await asyncio.to_thread(_marks, files)
        if now == seen:
            continue
        while now != seen:
            seen = now
            await asyncio.sleep(settled.total_seconds())
            now = await asyncio.to_thread(_marks, files)
        since = time.time_ns()
        await reloading.reload(by="a changed file")
        if reloading.files() != files:
            files = reloading.files()
            seen = await asyncio.to_thread(_seen, files, since)


def _seen(files: Collection[Path], since: int) -> Marks:
    """Return the marks of ``files``; none if one of them has changed since they were read."""
    marks = _marks(files)
    return () if any(_changed(Path(name)) >= since for name, *_ in marks) else marks


def _marks(files: Collection[Path]) -> Marks:
    """Return what changes when one of ``files`` does, or what is near it; a folder is one, too."""
    folders = {path if path.is_dir() else path.parent for path in files}
    near = (path for folder in folders for path in _in(folder))
    return tuple(_mark(path) for path in sorted({*files, *near}))


def _in(folder: Path) -> Iterator[Path]:
    try:
        yield from (path for path in folder.iterdir() if path.suffix in ENDINGS)
    except OSError:
        return


def _changed(path: Path) -> int:
    """Return when a file was written or came to be here: moved, it keeps its time of writing."""
    try:
        return 0 if path.is_dir() else path.stat().st_ctime_ns
    except OSError:
        return 0


def _mark(path: Path) -> tuple[str, int, int, int]:
    try:
        about = path.stat()
    except OSError:
        return str(path), 0, 0, 0
    if path.is_dir():
        return str(path), about.st_ino, 0, 0
    return str(path), about.st_ino, about.st_mtime_ns, about.st_size

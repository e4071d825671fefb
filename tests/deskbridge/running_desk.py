"""A whole desk in the test's own process: its parts can be looked at, and its file rewritten."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from deskbridge.app import Again, run
from deskbridge.bridge import Bridge
from deskbridge.cli.configuration import load_file
from deskbridge.local import call

PATIENCE = 20


@dataclass
class RunningDesk:
    """The desk of one file."""

    file: Path
    bridge: Bridge
    stop: asyncio.Event
    signalled: asyncio.Event
    running: "asyncio.Task[None]"
    data_dir: Path = field(init=False)

    def __post_init__(self) -> None:
        self.data_dir = self.bridge.configuration.desk.data_dir

    async def reload(self, text: str | None = None, *, options: str = "") -> dict[str, Any]:
        """Ask as the command does; return what is told."""
        if text is not None:
            self.file.write_text(text)
        reply = await call(self.data_dir, "POST", f"/reload{options}")
        assert reply is not None
        assert reply.status == 200, reply.body
        told: dict[str, Any] = json.loads(reply.body)
        return told

    async def status(self) -> dict[str, Any]:
        reply = await call(self.data_dir, "GET", "/status")
        assert reply is not None
        told: dict[str, Any] = json.loads(reply.body)
        return told


@asynccontextmanager
async def running_desk(file: Path, text: str, **more: Any) -> AsyncIterator[RunningDesk]:
    """Run the desk of ``text`` until the block ends; ``more`` is for :class:`Again`."""
    file.write_text(text)
    configuration = await asyncio.to_thread(load_file, file)
    ready: asyncio.Future[Bridge] = asyncio.get_running_loop().create_future()
    stop, signalled = asyncio.Event(), asyncio.Event()
    again = Again(**{"load": partial(load_file, file), "signalled": signalled, **more})
    running = asyncio.create_task(
        run(configuration, stop=stop, on_ready=ready.set_result, again=again)
    )
    either: list[asyncio.Future[Any]] = [running, ready]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    desk = RunningDesk(file, ready.result(), stop, signalled, running)
    try:
        yield desk
    finally:
        stop.set()
        await running


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.02)

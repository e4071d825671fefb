"""The bridge as a process that can be killed."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from deskbridge.local import call
from inquiry.errors import TemporaryFailure
from tests.servers.ports import free_port

DESK = Path(__file__).with_name("desk.yaml")
PROGRAM = Path(sys.executable).with_name("deskbridge")
START = timedelta(seconds=60)
PATIENCE = 60.0
"""Seconds, for anything else that is awaited."""


async def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"never came: {what}"
        await asyncio.sleep(0.05)


@dataclass(slots=True)
class Bridge:
    """One desk, started and killed again and again."""

    folder: Path
    storage: str
    """``sqlite`` or a ``postgresql://`` address."""
    environment: dict[str, str]
    """What the desk's file asks for, beside what is known here."""
    desk: Path
    smtp_port: int = field(default_factory=free_port)
    web_port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    async def start(
        self, failpoints: str = "", *, strace: Sequence[str] = (), more: Sequence[str] = ()
    ) -> None:
        """Start it, with failpoints armed or none; it may be dead before it is ready.

        ``strace`` are options to run it under strace with, ``more`` are of its own.
        """
        guard = ("setpriv", "--pdeathsig=KILL")  # nobody outlives the test, or the strace
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *((*guard, "strace", "-f", "-qq", *strace) if strace else ()),
                *guard,
                *(PROGRAM, "run", "-c", self.desk),
                *more,
                env=self._environment(failpoints),
                stdout=log,
                stderr=log,
            )

    async def ready(self) -> None:
        """Wait until it takes part in everything."""
        deadline = time.monotonic() + START.total_seconds()
        while not await self._says_ready():
            if not self.alive or time.monotonic() > deadline:
                raise AssertionError(f"the bridge is not ready:\n{self.last_words()}")
            await asyncio.sleep(0.05)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def died_within(self, time: timedelta) -> bool:
        """Wait for its death; False if it still lives."""
        assert self.process
        with suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), time.total_seconds())
        return not self.alive

    async def kill(self) -> int:
        """``kill -9``, if it still lives; return how it ended."""
        assert self.process
        if self.alive:
            self.process.kill()
        return await self.process.wait()

    async def stop(self) -> int:
        """End it as an operator would."""
        assert self.process
        if self.alive:
            self.process.send_signal(signal.SIGTERM)
        return await self.process.wait()

    async def run(
        self, *words: str, said: str = "", ends: int | None = 0
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command of this desk, which has to end so; None is however it likes."""

        def run() -> "subprocess.CompletedProcess[str]":
            return subprocess.run(
                [PROGRAM, *words, "-c", self.desk],
                env=self._environment(""),
                input=said,
                capture_output=True,
                text=True,
                check=False,
            )

        done = await asyncio.to_thread(run)
        assert ends in (None, done.returncode), done.stderr
        return done

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Read the desk's tables, in SQLite."""
        (file,) = self.data_dir.glob("*.db")
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(query)]

    def last_words(self, length: int = 4000) -> str:
        return self.log.read_text(errors="replace")[-length:] if self.log.exists() else ""

    async def _says_ready(self) -> bool:
        with suppress(TemporaryFailure):
            reply = await call(self.data_dir, "GET", "/status")
            return reply is not None and reply.status == 200
        return False

    def _environment(self, failpoints: str) -> dict[str, str]:
        return {
            **os.environ,
            "DATA_DIR": str(self.data_dir),
            "STORAGE": self.storage,
            "WEB_PORT": str(self.web_port),
            "SMTP_PORT": str(self.smtp_port),
            **self.environment,
            "DESKBRIDGE_FAILPOINTS": failpoints,
        }

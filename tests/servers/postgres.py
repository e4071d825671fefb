"""A PostgreSQL server of our own on a free port, and fresh databases as fast as tests want them."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from tests.servers.ports import free_port

BIN = Path("/usr/lib/postgresql/15/bin")
NOBODY = 65534  # PostgreSQL refuses to run as root
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")


Program = list[str | Path]


def installed() -> bool:
    """Is there a PostgreSQL to start?"""
    return (BIN / "postgres").exists()


@contextmanager
def postgres(*, durable: bool = False, settings: tuple[str, ...] = ()) -> Iterator["Postgres"]:
    """Start a server and stop it at the end; ``durable`` is for runs that kill, or measure."""
    folder = Path(tempfile.mkdtemp(prefix="deskbridge-postgres-"))
    server = Postgres(folder, (*(DURABLE if durable else CARELESS), *settings))
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Postgres:
    """One server, which can also crash and come back."""

    def __init__(self, folder: Path, settings: tuple[str, ...]) -> None:
        self.port = free_port()
        self._folder = folder
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)

    def dsn(self, database: str = "postgres") -> str:
        """Return what asyncpg and the configuration want."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, name: str = "", *, template: str = "template1") -> str:
        """Make a fresh database out of ``template`` (nobody may be connected to it); its DSN."""
        name = name or f"test_{os.getpid()}_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.dsn(name)

    def drop(self, dsn: str) -> None:
        """Remove a database, whoever may still be connected to it."""
        self.sql(f"DROP DATABASE IF EXISTS {dsn.rpartition('/')[2]} WITH (FORCE)")

    def sql(self, statement: str, *, database: str = "postgres") -> str:
        """Run a statement from outside; its rows as lines, fields apart by ``|``."""
        program: Program = [BIN / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement]
        done = subprocess.run([*program, self.dsn(database)], capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout.decode().strip()

    def initialise(self) -> None:
        if os.getuid() == 0:
            os.chown(self._folder, NOBODY, NOBODY)
        options = ["--no-sync", "--no-locale", "--encoding=UTF8", "--auth=trust", "-U", "postgres"]
        program: Program = [BIN / "initdb", *options, "-D", self._folder / "data"]
        subprocess.run(_unprivileged(program), capture_output=True, check=True)

    def start(self) -> None:
        """Start, or start again, and wait until it answers."""
        ours = (f"port={self.port}", f"unix_socket_directories={self._folder}", *self._settings)
        options = [word for setting in ours for word in ("-c", setting)]
        program: Program = [
            BIN / "postgres",
            "-D",
            self._folder / "data",
            "-h",
            "127.0.0.1",
            *options,
        ]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(_unprivileged(program), stdout=log, stderr=log)
        self._wait_until_ready()

    def stop(self) -> None:
        self._end(signal.SIGINT)  # "fast": roll back what runs, write down what is committed

    def crash(self) -> None:
        """Die at once, like after kill -9, but without leaving processes behind."""
        self._end(signal.SIGQUIT)

    def _end(self, how: signal.Signals) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(timeout=30)

    def _wait_until_ready(self, *, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        ready: Program = [BIN / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode:
            if time.monotonic() > deadline or (self._process and self._process.poll() is not None):
                raise RuntimeError((self._folder / "log").read_text(errors="replace"))
            time.sleep(0.02)


def _unprivileged(program: Program) -> Program:
    # Whoever is killed before its clean-up takes the server along.
    guard: Program = ["setpriv", "--pdeathsig=INT"]
    if os.getuid() == 0:
        guard += [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return [*guard, *program]

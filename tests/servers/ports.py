"""Ports for test servers."""

import fcntl
import itertools
import os
import random
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

PORTS = range(11_000, 32_000)
"""Below those that the system hands out by itself: to a connection of any other test, say."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on, and that no test beside this one gets."""
    file = _handed_out()
    for _, port in zip(PORTS, _in_turn(), strict=False):
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return port
    raise AssertionError("no port is free")


@cache
def _in_turn() -> Iterator[int]:
    begin = random.randrange(len(PORTS))
    return itertools.cycle([*PORTS[begin:], *PORTS[:begin]])


@cache
def _handed_out() -> int:
    """Open the file in which a byte stands for a port: whoever uses it has locked it.

    The system lets go of the locks when the process ends.
    """
    path = Path(tempfile.gettempdir()) / f"ports-of-tests-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def wait_for_port(port: int, *, patience: float = 10.0) -> None:
    """Wait until somebody listens on a port of 127.0.0.1."""
    deadline = time.monotonic() + patience
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def wait_for_file(path: Path, *, patience: float = 10.0) -> None:
    """Wait until a file is there."""
    deadline = time.monotonic() + patience
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.02)


@contextmanager
def black_hole() -> Iterator[int]:
    """Yield a port where a connection never comes about, as behind a firewall that drops all."""
    with socket.socket() as listener, ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):  # they fill the queue of those who wait to be let in
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]

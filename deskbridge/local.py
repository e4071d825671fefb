"""Asking the service that runs on this data folder, through a socket that only its user can open.

Standard library only: a command that a mail server starts for each mail has to start quickly.
"""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from inquiry.errors import TemporaryFailure

SOCKET = "deskbridge.sock"
PATIENCE = timedelta(minutes=2)
LONGEST_NAME = 100
"""What a socket's name may be long (108 bytes on Linux, 104 elsewhere)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the service says."""

    status: int
    body: bytes


async def call(data_dir: Path, method: str, path: str, body: bytes = b"") -> Reply | None:
    """Ask the running service; None if none runs on this data folder.

    Raises:
        TemporaryFailure: it runs but gave no answer, perhaps it has done it; or we may not ask.
    """
    return await asyncio.to_thread(call_and_wait, data_dir, method, path, body)


def call_and_wait(data_dir: Path, method: str, path: str, body: bytes = b"") -> Reply | None:
    """The same without an event loop."""
    connection = HTTPConnection("deskbridge", timeout=PATIENCE.total_seconds())
    connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.sock.settimeout(PATIENCE.total_seconds())
    try:
        with socket_name(data_dir) as name:
            connection.sock.connect(name)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        connection.close()
        return None
    except PermissionError as error:
        connection.close()
        raise TemporaryFailure(
            f"may not open {data_dir / SOCKET}: be the user the desk runs as"
        ) from error
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return Reply(response.status, response.read())
    except (OSError, HTTPException) as error:
        raise TemporaryFailure("the running service gave no answer; see its log") from error
    finally:
        connection.close()


@contextmanager
def socket_name(data_dir: Path) -> Iterator[str]:
    """Give the socket's name, short enough for the system however deep the folder lies."""
    name = str(data_dir / SOCKET)
    if len(os.fsencode(name)) <= LONGEST_NAME:
        yield name
        return
    folder = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET}"
    finally:
        os.close(folder)

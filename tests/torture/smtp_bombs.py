"""What a hostile SMTP client costs the bridge: far too much, never ending, or cut in odd places."""

import asyncio
import hashlib
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from inquiry.journey import Arrival, digest_of
from tests.channels.smtp_desk import HELP, MAIL, serving
from tests.fakes import MemoryInlet
from tests.torture.cost import MIB, Cost, Watch, show

CHUNK = 64 * 1024
PATIENCE = 30
REPLY = 4096
END = b"\r\n.\r\n"
CUT_OFF = "closed"
"""Instead of a reply: the server ended the connection while we were still sending."""


@dataclass(frozen=True, slots=True)
class Attack:
    """What is sent after DATA, and how that has to end."""

    pieces: Callable[[], Iterator[bytes]]
    ends: tuple[str, ...]
    kept: Callable[[], bytes] | None = None
    """The bytes of the message, where it has to be accepted."""
    pause: float = 0.0
    talk: bool = False
    """The pieces are commands, not a message."""


def _many(unit: bytes, size: int, end: bytes = END, head: bytes = MAIL) -> Iterator[bytes]:
    yield head
    block = unit * (CHUNK // len(unit))
    for _ in range(size // len(block)):
        yield block
    yield end


def _cut(raw: bytes, place: int) -> Iterator[bytes]:
    yield raw[:place]
    yield raw[place:]


def _whole(unit: bytes, size: int, sent_as: bytes = b"") -> bytes:
    """Return what ``_many`` has sent, as it is kept."""
    units = CHUNK // len(sent_as or unit)
    blocks = size // (units * len(sent_as or unit))
    return MAIL + unit * units * blocks + b"\r\n"


TOO_BIG = ("552", CUT_OFF)
BARE = ("550",)
ANYHOW = ("",)
"""However it ends: afterwards the server serves others."""
ATTACKS = {
    "31 MB of line ends": Attack(lambda: _many(b"\r\n", 31 * MIB), TOO_BIG),
    "29 MB of line ends": Attack(
        lambda: _many(b"\r\n", 29 * MIB), ("250",), lambda: _whole(b"\r\n", 29 * MIB)
    ),
    "29 MB of dots": Attack(
        lambda: _many(b"..\r\n", 29 * MIB), ("250",), lambda: _whole(b".\r\n", 29 * MIB, b"..\r\n")
    ),
    "29 MB in one line": Attack(
        lambda: _many(b"x", 29 * MIB), ("250",), lambda: _whole(b"x", 29 * MIB)
    ),
    "NUL, 29 MB of it": Attack(
        lambda: _many(b"\0", 29 * MIB), ("250",), lambda: _whole(b"\0", 29 * MIB)
    ),
    "a line without an end": Attack(lambda: _many(b"x", 400 * MIB, b""), TOO_BIG),
    "100 MB of text": Attack(lambda: _many(b"Skriveren er i stykker.\r\n", 100 * MIB), TOO_BIG),
    "bare CR": Attack(lambda: _many(b"a\r", 20 * MIB), BARE),
    "bare LF": Attack(lambda: _many(b"a\n", 20 * MIB), BARE),
    "smuggled ends": Attack(lambda: _many(b"\n.\n\r.\r\nx", 10 * MIB), BARE),
    "20 000 recipients": Attack(
        lambda: iter([f"RCPT TO:<{HELP}>\r\n".encode() * 20_000, b"QUIT\r\n"]),
        ANYHOW,
        talk=True,
    ),
    "a command without an end": Attack(
        lambda: _many(b"x", 100 * MIB, b"\r\n", b""), ANYHOW, talk=True
    ),
    "100 000 times RSET": Attack(
        lambda: iter([b"RSET\r\n" * 100_000, b"QUIT\r\n"]), ANYHOW, talk=True
    ),
    "100 000 unknown commands": Attack(
        lambda: iter([b"EVIL\r\n" * 100_000, b"QUIT\r\n"]), ANYHOW, talk=True
    ),
} | {
    f"the end cut after byte {place}": Attack(
        lambda place=place: _cut(MAIL + b"a" + END, len(MAIL) + 1 + place),  # type: ignore[misc]
        ("250",),
        lambda: MAIL + b"a\r\n",
        pause=0.02,
    )
    for place in range(len(END))
}  # fmt: skip

ORDINARY = Attack(lambda: iter([b"Subject: Hei\r\n", END]), ("250",))


async def smtp_bombs(only: str = "") -> list[str]:
    """Attack a listener in every way; print what each cost and return which bounds were broken."""
    broken = []
    for name, attack in ATTACKS.items():
        if only not in name:
            continue
        cost = await attacked(attack)
        if cost.broken:
            cost = await attacked(attack)
        broken += [f"{name} ({each})" for each in cost.broken]
        show(f"SMTP: {name}", cost)
    return broken


async def attacked(attack: Attack) -> Cost:
    """Let a client attack a listener of its own, and watch."""
    with tempfile.TemporaryDirectory(prefix="deskbridge-smtp-") as folder:
        inlet = MemoryInlet()
        async with serving(inlet, Path(folder)) as port, Watch() as watch:
            sent, reply = await asyncio.to_thread(_client, port, attack)
            taken = list(inlet.arrivals)
            _, ordinary = await asyncio.to_thread(_client, port, ORDINARY)
        right = reply.startswith(attack.ends) and _is_kept(taken, attack)
        right = right and ordinary.startswith("250")
        left = [path for path in Path(folder).rglob("*") if path.is_file()] if not right else []
        wrong = "" if right else f"reply {reply!r}, {len(taken)} arrivals, {left}"
        return Cost(
            size=0 if reply[:3] != "250" else sent,
            sent=sent,
            seconds=watch.seconds,
            worker=0.0,
            bridge=watch.grown,
            lag=watch.lag,
            outcome=wrong or reply[:40],
            wrong=bool(wrong),
        )


def _is_kept(taken: list[Arrival], attack: Attack) -> bool:
    """Is exactly what was accepted here, byte by byte?"""
    if attack.kept is None:
        return not taken
    expected = hashlib.sha256(attack.kept()).digest()
    return [digest_of(arrival.raw) for arrival in taken] == [expected]


def _client(port: int, attack: Attack) -> tuple[int, str]:
    """Talk to the server as far as it lets us; return the bytes sent and the last reply."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.recv(REPLY)
        opening = [b"EHLO evil.example\r\n", b"MAIL FROM:<kari@fjell.example>\r\n"]
        if not attack.talk:
            opening += [f"RCPT TO:<{HELP}>\r\n".encode(), b"DATA\r\n"]
        for command in opening:
            line.sendall(command)
            line.recv(REPLY)
        return _pour(line, attack)


def _pour(line: socket.socket, attack: Attack) -> tuple[int, str]:
    sent = 0
    heard = b""
    try:
        for piece in attack.pieces():
            line.sendall(piece)
            sent += len(piece)
            time.sleep(attack.pause)
        while more := line.recv(REPLY):
            heard = (heard + more)[-REPLY:]
            if not attack.talk and heard.endswith(b"\r\n"):
                break
    except (ConnectionError, TimeoutError) as error:
        heard = heard or (b"timeout" if isinstance(error, TimeoutError) else b"")
    lines = heard.decode("ascii", "replace").splitlines()
    return sent, lines[-1] if lines else CUT_OFF

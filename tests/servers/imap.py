"""An IMAP server that speaks just enough, and lies on request."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.servers.proxy import cut
from tests.servers.talking import each_talks

CAPABILITIES = "IMAP4rev1 IDLE MOVE UIDPLUS"


@dataclass(slots=True)
class FakeImap:
    """A mailbox by UID, and the ways in which it is going to misbehave."""

    port: int = 0
    mails: dict[int, bytes] = field(default_factory=dict)
    uid_validity: int = 7
    capabilities: str = CAPABILITIES
    missing: set[int] = field(default_factory=set)
    """Found by SEARCH, but FETCH says nothing of them."""
    without_body: set[int] = field(default_factory=set)
    """Removed by somebody between SEARCH and FETCH: their body is NIL."""
    vanish_after: int | None = None
    """After so many slices of a mail it is gone."""
    instead: dict[str, bytes] = field(default_factory=dict)
    """What to say instead of carrying out a command; b"" is to hang up."""
    greeting: bytes = b"* OK hello\r\n"
    while_idle: bytes = b""
    before_idle: bytes = b""
    """Said each time before it is ready to idle."""
    body: bytes | None = None
    """What to say instead of the bodies of mails."""
    cut_body: int | None = None
    """Hang up after so many bytes of an answer with a body."""
    poisonous: set[int] = field(default_factory=set)
    """Mails that end the server's process: whoever asks for one in any way loses the line."""
    size_said: int | None = None
    """What it says of every size."""
    deleted: set[int] = field(default_factory=set)
    """Marked, but still there: only UID EXPUNGE removes them."""
    refused: set[int] = field(default_factory=set)
    """Mails that the server itself can't read."""
    aside: bytes = b""
    """Said before the end of each answer: what others did meanwhile."""
    no_folder: bool = False
    down: bool = False
    commands: list[str] = field(default_factory=list)
    _slices: int = 0

    def answer(self, tag: str, line: str) -> bytes:
        """Carry out one command."""
        verb = line.removeprefix("UID ").split(" ", 1)[0].upper()
        if (verb in ("SELECT", "EXAMINE") and self.no_folder) or self._unreadable(line):
            return f"{tag} NO [SERVERBUG] it is not here\r\n".encode()
        act = getattr(self, f"_{verb.lower()}", None)
        said: bytes = act(line) if act else b""
        return said + self.aside + f"{tag} OK done\r\n".encode()

    def _unreadable(self, line: str) -> bool:
        return bool(self.refused & _asked(line))

    def breaks(self, line: str) -> bool:
        """Does this command end the line?"""
        return bool(self.poisonous & _asked(line))

    def _store(self, line: str) -> bytes:
        if r"\Deleted" in line:
            self.deleted |= set(map(int, line.split()[2].split(",")))
        return b""

    def _expunge(self, line: str) -> bytes:
        for uid in self.deleted & set(map(int, line.split()[2].split(","))):
            del self.mails[uid]
            self.deleted.remove(uid)
        return b""

    def _capability(self, _line: str) -> bytes:
        return f"* CAPABILITY {self.capabilities}\r\n".encode()

    def _list(self, line: str) -> bytes:
        name = line.split()[-1].strip('"')
        return f'* LIST () "/" "{name}"\r\n'.encode()

    def _select(self, _line: str) -> bytes:
        next_uid = max(self.mails, default=0) + 1
        return (
            f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.uid_validity}] ok\r\n"
            f"* OK [UIDNEXT {next_uid}] ok\r\n"
        ).encode()

    _examine = _select

    def _search(self, line: str) -> bytes:
        first = int(re.findall(r"(\d+):\*", line)[0])
        found = [uid for uid in self.mails if uid >= first] or list(self.mails)[-1:]
        return f"* SEARCH {' '.join(map(str, found))}\r\n".encode()

    def _fetch(self, line: str) -> bytes:
        wanted = [int(uid) for uid in line.split()[2].split(",")]
        return b"".join(self._one(uid, line) for uid in wanted if uid not in self.missing)

    def _one(self, uid: int, line: str) -> bytes:
        raw = self.mails.get(uid)
        if raw is None:
            return b""
        head = f"* {uid} FETCH (UID {uid} ".encode()
        if "SIZE" in line:
            return head + f"RFC822.SIZE {self.size_said or len(raw)})\r\n".encode()
        if "FLAGS" in line:
            flags = b"\\Deleted" if uid in self.deleted else b""
            return head + b"FLAGS (" + flags + b"))\r\n"
        if found := re.search(r"<(\d+)[.](\d+)>", line):
            offset, length = map(int, found.groups())
            return head + f"BODY[]<{offset}> ".encode() + self._slice(raw[offset:][:length])
        if self.body is not None:
            return head + self.body
        body = b"NIL" if uid in self.without_body else literal(raw)
        return head + b"BODY[] " + body + b")\r\n"

    def _slice(self, piece: bytes) -> bytes:
        self._slices += 1
        gone = self.vanish_after is not None and self._slices > self.vanish_after
        return (b"NIL" if gone else literal(piece)) + b")\r\n"


def _asked(line: str) -> set[int]:
    """Whose bodies does a command ask for?"""
    return {int(uid) for uid in line.split()[2].split(",")} if "BODY" in line else set()


def literal(raw: bytes) -> bytes:
    """Write bytes as IMAP does."""
    return f"{{{len(raw)}}}\r\n".encode() + raw


@asynccontextmanager
async def fake_imap(fake: FakeImap) -> AsyncIterator[FakeImap]:
    """Run it on a free port of 127.0.0.1."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _talk(fake, reader, writer)
        finally:
            writer.close()

    async with each_talks(talk) as fake.port:
        yield fake


async def _talk(fake: FakeImap, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if fake.down:
        return
    writer.write(fake.greeting)
    while line := (await reader.readline()).decode():
        tag, _, command = line.strip().partition(" ")
        fake.commands.append(command)
        verb = command.removeprefix("UID ").split(" ", 1)[0].upper()
        if verb in fake.instead:
            said = fake.instead[verb]
            if not said:
                cut(writer, reset=False)
                return
            writer.write(said.replace(b"TAG", tag.encode()))
        elif verb == "IDLE":
            writer.write(fake.before_idle + b"+ idling\r\n" + fake.while_idle)
            fake.while_idle = b""
            await reader.readline()
            writer.write(f"{tag} OK done\r\n".encode())
        else:
            if fake.breaks(command):
                cut(writer, reset=False)
                return
            said = fake.answer(tag, command)
            if fake.cut_body is not None and "BODY" in command:
                writer.write(said[: fake.cut_body])
                await writer.drain()
                cut(writer, reset=False)
                return
            writer.write(said)
        await writer.drain()

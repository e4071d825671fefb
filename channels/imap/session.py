"""One connection to one mailbox. It blocks, so it lives on a thread of its own."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from imaplib import IMAP4

from imapclient import IMAPClient, SocketTimeout
from imapclient.response_parser import parse_message_list

from channels.imap import idle
from channels.imap.lines import bound
from channels.imap.refusals import BROKEN, NOT_TO_BE_LOCKED_OUT, NoEntry, telling
from channels.imap.settings import Settings
from channels.imap.special import USES, folder_of_use
from channels.mail.settings import Tls
from inquiry.errors import TemporaryFailure

PORTS = {Tls.IMPLICIT: 993, Tls.STARTTLS: 143, Tls.NONE: 143}
CONNECTING = timedelta(seconds=10)
ANSWERING = timedelta(seconds=60)
POLLING = timedelta(seconds=15)
SMALL = 64 * 1024
AT_ONCE = 1024 * 1024
SLICE = 256 * 1024
MOST = 100


@dataclass(frozen=True, slots=True)
class Selected:
    """A folder as it is at this moment."""

    uid_validity: int
    uid_next: int


@dataclass(frozen=True, slots=True)
class Sized:
    """A mail that is there, and its size as the server says."""

    uid: int
    size: int
    suspicious: bool = False
    """Did a line break over it?"""

    @property
    def apart(self) -> bool:
        """Is it fetched alone and in pieces, whatever the server says of its size?"""
        return self.suspicious or self.size > SMALL


class Session:
    """All methods but ``interrupt`` are for the one thread that owns the session."""

    def __init__(self, settings: Settings, *, answering: timedelta = ANSWERING) -> None:
        self._settings = settings
        self._answering = answering
        self._client: IMAPClient | None = None
        self._over = threading.Event()
        self._uid_validity = 0
        self._calls = True
        """Does the server call, as far as we know?"""

    def open(self, token: str = "") -> None:
        """Connect and sign in, with an access token if there is one."""
        settings = self._settings
        _check_words(settings)
        with telling("cannot use the mailbox"):
            client = IMAPClient(
                settings.host,
                settings.port or PORTS[settings.tls],
                ssl=settings.tls is Tls.IMPLICIT,
                ssl_context=self._context(),
                timeout=SocketTimeout(CONNECTING.total_seconds(), self._answering.total_seconds()),
            )
            self._client = client
            client._imap.debug = 0  # it would write down every line
            bound(client._imap)
            if settings.tls is Tls.STARTTLS:
                client.starttls(self._context())
            if settings.oauth:
                client.oauth2_login(settings.user, token)
            elif client.has_capability("LOGINDISABLED"):
                raise NoEntry(
                    "cannot use the mailbox: the server takes no password without TLS; set 'tls'",
                    retry_after=NOT_TO_BE_LOCKED_OUT,
                )
            else:
                client.login(settings.user, settings.password)
        with telling("cannot make the folder for accepted mails"):
            self._make(settings.after.move_to)

    def folder(self, wanted: str) -> str:
        """Return what a folder is called here: itself, or the one of this use."""
        use = USES.get(wanted.removeprefix("\\").lower())
        if use is None:
            return wanted
        with telling(f"cannot look for the folder {wanted!r}"):
            if not wanted.startswith("\\") and self._there.folder_exists(wanted):
                return wanted
            return folder_of_use(self._there, use) or wanted

    def select(self, folder: str) -> Selected:
        """Look at a folder anew; read-only unless something is to be done there."""
        with telling(f"cannot select the folder {folder!r}"):
            found = self._there.select_folder(folder, readonly=not self._settings.after.anything)
            self._uid_validity = int(found[b"UIDVALIDITY"])
            return Selected(self._uid_validity, int(found.get(b"UIDNEXT", 2**32)))

    def uids(self, first: int = 1) -> list[int]:
        """Return the UIDs from ``first`` on, oldest first."""
        with telling("cannot search the folder"):
            untagged = self._there._imap.untagged_responses
            untagged.pop("EXISTS", None)
            found = self._search(f"{first}:*")
            if any(int(now) != self._uid_validity for now in untagged.get("UIDVALIDITY", ())):
                raise IMAP4.abort("the folder is numbered anew")
        return sorted(uid for uid in found if uid >= first)  # "*" is the last, even if it is less

    def sizes(self, uids: Sequence[int]) -> list[Sized]:
        """Return those that are still there, in the same order."""
        with telling("cannot ask for sizes"):
            found = self._there.fetch(uids, ["RFC822.SIZE"])
        return [
            Sized(uid, int(found[uid][b"RFC822.SIZE"]))
            for uid in uids
            if found.get(uid, {}).get(b"RFC822.SIZE") is not None
        ]

    def whole(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Fetch small mails. One that somebody removed meanwhile is missing or has no body."""
        with telling("cannot fetch mails"):
            found = self._there.fetch(uids, ["BODY.PEEK[]"])
        bodies = {uid: found.get(uid, {}).get(b"BODY[]") for uid in uids}
        return {uid: body for uid, body in bodies.items() if isinstance(body, bytes) and body}

    def large(self, uid: int, take: Callable[[bytes], None]) -> bool:
        """Fetch a mail piece by piece; False if somebody removed it before its end."""
        offset = 0
        while True:
            with telling("cannot fetch a mail"):
                found = self._there.fetch([uid], [f"BODY.PEEK[]<{offset}.{SLICE}>"])
            piece = found.get(uid, {}).get(f"BODY[]<{offset}>".encode())
            if not isinstance(piece, bytes):
                return False
            if not piece:
                return offset > 0
            take(piece)
            offset += len(piece)

    def finish(self, uids: Sequence[int]) -> None:
        """Do what the operator wants to become of accepted mails."""
        after, client = self._settings.after, self._there
        with telling("cannot move or flag accepted mails"):
            if after.flag:
                client.add_flags(uids, [after.flag], silent=True)
            if after.move_to and client.has_capability("MOVE"):
                client.move(uids, after.move_to)
            elif after.move_to:
                client.copy(self._undeleted(uids), after.move_to)
            if after.delete or (after.move_to and not client.has_capability("MOVE")):
                client.delete_messages(uids, silent=True)
                if client.has_capability("UIDPLUS"):  # else other people's deletions would go too
                    client.uid_expunge(uids)

    def wait(self, patience: timedelta) -> None:
        """Return when there may be something new, or after ``patience``.

        Only a hint, since what comes between the search and IDLE may be told by neither.
        """
        with telling("lost the mailbox"):
            if "EXISTS" in self._there._imap.untagged_responses:
                return  # told along with another answer; IDLE would not tell it again
            if self._over.is_set() or not (self._calls and self._begin_idle()):
                self._over.wait(min(patience, POLLING).total_seconds())
                self._there.noop()
                return
            idle.until_called(self._there, patience)

    def interrupt(self) -> None:
        """Make the thread come back at once, from wherever it waits."""
        self._over.set()
        if self._client is not None:
            with suppress(OSError, AttributeError):
                self._client.socket().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Say goodbye if that is still possible."""
        if self._client is None:
            return
        act: Callable[[], object] = self._client.shutdown
        if not self._over.is_set():
            act = self._client.logout
        with suppress(*BROKEN):
            act()
        self._client = None

    def _search(self, uids: str) -> list[int]:
        """The library's own takes an answer of several lines for a broken one."""
        said = self._there._raw_command_untagged(b"SEARCH", [b"UID", uids.encode()])
        return [uid for line in said for uid in parse_message_list([line])]

    def _undeleted(self, uids: Sequence[int]) -> list[int]:
        """Those not yet marked: without UIDPLUS they stay, and were copied once."""
        found = self._there.get_flags(uids)
        return [uid for uid in uids if uid in found and rb"\Deleted" not in found[uid]]

    def _begin_idle(self) -> bool:
        self._calls = self._there.has_capability("IDLE") and idle.begin(self._there)
        return self._calls

    def _make(self, folder: str) -> None:
        if folder and not self._there.folder_exists(folder):
            self._there.create_folder(folder)

    @property
    def _there(self) -> IMAPClient:
        if self._client is None or self._over.is_set():
            raise IMAP4.abort("the connection is closed")
        return self._client

    def _context(self) -> ssl.SSLContext | None:
        if self._settings.tls is Tls.NONE:
            return None
        return ssl.create_default_context(cafile=self._settings.certificate_authority)


def batches(mails: Sequence[Sized]) -> Iterator[list[Sized]]:
    """Group mails in order: many small ones together, each large one alone."""
    batch: list[Sized] = []
    total = 0
    for mail in mails:
        full = len(batch) >= MOST or total + mail.size > AT_ONCE
        if batch and (full or mail.apart):
            yield batch
            batch, total = [], 0
        batch.append(mail)
        total += mail.size
        if mail.apart:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch


def _check_words(settings: Settings) -> None:
    """Let nothing on a command line that could end it."""
    for word in (settings.user, settings.password, *settings.folders, settings.after.move_to):
        if any(letter in word for letter in "\r\n\0"):
            raise TemporaryFailure("a control character in the user, password or folder")

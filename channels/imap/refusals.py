"""What a server's refusal means: to whom it matters, and when to ask again."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from imaplib import IMAP4

from imapclient.exceptions import LoginError

from channels.mail.headers import clean
from inquiry.errors import TemporaryFailure

BROKEN = (IMAP4.error, OSError, LookupError, ValueError, TypeError, AttributeError, AssertionError)
"""What the library raises on a lost connection, a refusal, or bytes that are no IMAP."""

NOT_TO_BE_LOCKED_OUT = timedelta(minutes=5)
THROTTLED = timedelta(minutes=2)
_BUSY = re.compile(
    r"\[(?:UNAVAILABLE|LIMIT|INUSE|THROTTLED|SERVERBUG|OVERQUOTA)\]|too many|simultaneous"
    r"|try again|temporar|throttl|overload|backoff|bandwidth",
    re.IGNORECASE,
)
_AS_BYTES = re.compile(r"b'(.*)'")
_BACKOFF = re.compile(r"backoff time: ?(\d{1,9}) ?milliseconds", re.IGNORECASE)


class Refused(TemporaryFailure):
    """The server said no to one thing; the connection is as good as before."""


class LineLost(TemporaryFailure):
    """The connection is lost, or what came over it is no IMAP."""


class NoEntry(TemporaryFailure):
    """The server does not let us in with what we have shown."""


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Say in one sentence what failed. No command of ours is in it, so no password either."""
    try:
        yield
    except LoginError as error:
        raise _no_entry(what, error) from error
    except ssl.SSLError as error:
        raise LineLost(f"{what}: TLS: {clean(error.reason or 'failed')}") from error
    except BROKEN as error:
        reason = f"{what}: {clean(_said(error))[:200]}"
        # Exactly this class: its descendants say that the line or its grammar is broken.
        kind = Refused if type(error) is IMAP4.error else LineLost
        raise kind(reason, retry_after=_wait(str(error))) from error


def _said(error: Exception) -> str:
    """Say what happened without the marks of the program: a number, or a greeting as bytes."""
    said = str(getattr(error, "strerror", None) or error)
    return _AS_BYTES.sub(r"\1", said).removeprefix("* BYE ")


def _no_entry(what: str, error: LoginError) -> TemporaryFailure:
    """What the server said may hold the password, so none of it is repeated."""
    said = str(error)
    if isinstance(error.__context__, IMAP4.abort) and not _BUSY.search(said):
        return TemporaryFailure(f"{what}: the connection was lost while signing in")
    if _BUSY.search(said):
        wait = max(THROTTLED, _wait(said))
        return TemporaryFailure(f"{what}: the server lets nobody else in now", retry_after=wait)
    return NoEntry(
        f"{what}: the server refuses our user or password", retry_after=NOT_TO_BE_LOCKED_OUT
    )


def _wait(said: str) -> timedelta:
    if found := _BACKOFF.search(said):
        return min(timedelta(milliseconds=int(found[1])), timedelta(hours=1))
    return THROTTLED if "[THROTTLED]" in said or "too many" in said.lower() else timedelta(0)

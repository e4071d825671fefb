"""What we post to another system, and what its answer means."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from aiohttp import (
    ClientConnectionError,
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
)

from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.journey import Dispatch, Receipt
from inquiry.spelling import as_written
from inquiry.words import Delivery

PATIENCE = timedelta(seconds=30)
"""From the first byte to the last of the answer."""
CONNECTING = timedelta(seconds=10)
LONGEST_WAIT = timedelta(days=1)
"""Nobody can ask us to wait longer."""
MOST_SAID = 65_536
"""Bytes of an answer that we read."""
NEVER = frozenset({400, 406, 409, 413, 415, 422})
"""Statuses by which the other side says that this very message will never go."""
TOO_MUCH = frozenset({429, 503})
"""Statuses that speak of the other system, not of one message."""


def session() -> ClientSession:
    """Return what posts: it keeps no cookies, and reads answers as they come."""
    timeout = ClientTimeout(total=PATIENCE.total_seconds(), sock_connect=CONNECTING.total_seconds())
    return ClientSession(
        timeout=timeout,
        auto_decompress=False,
        headers={"Accept-Encoding": "identity", "Content-Type": "application/json"},
        cookie_jar=DummyCookieJar(),
    )


def event(dispatch: Dispatch, now: datetime) -> bytes:
    """Write an answer down."""
    data: dict[str, Any] = {
        "dispatch": dispatch.id,
        "to": {"id": person(dispatch.recipient), "name": dispatch.recipient_name},
        "conversation": dispatch.conversation,
        "reference": dispatch.reference,
        "automatic": dispatch.automatic,
        "subject": dispatch.subject,
        "text": dispatch.text,
        "language": dispatch.language,
        "attachments": [file.in_json() for file in dispatch.files],
    }
    told = {"type": "message.send", "timestamp": now.isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False).encode(errors="replace")


def person(address: str) -> str:
    """Return whom the other system calls so; before it stands the channel's name of then."""
    return as_written(address.partition(":")[2])


async def post(
    to: ClientSession, url: str, body: bytes, headers: dict[str, str], now: datetime
) -> Receipt:
    """Post it once; see :class:`channels.contract.Sender` for what it raises."""
    try:
        async with to.post(url, data=body, headers=headers, allow_redirects=False) as response:
            return _receipt(response, await _said(response), now)
    except (ClientConnectorError, ConnectionTimeoutError) as error:
        told = "the other system can't be reached"
        raise TemporaryFailure(told, whole_channel=True) from error
    except (ClientConnectionError, TimeoutError) as error:
        raise OutcomeUnknown("the other system did not answer") from error
    except ClientError as error:
        raise OutcomeUnknown("the other system did not answer in HTTP") from error


async def _said(response: ClientResponse) -> str:
    """Return the number that the other side gives the message, if it says one.

    Its status has answered already: what becomes of the rest changes nothing.
    """
    read = b""
    try:
        async for piece in response.content.iter_any():
            read += piece
            if len(read) > MOST_SAID:
                return ""
        said = json.loads(read)
    except (ValueError, RecursionError, ClientError, TimeoutError):
        return ""
    found = said.get("id") if isinstance(said, dict) else None
    return str(found)[:200] if isinstance(found, (str, int)) else ""


def _receipt(response: ClientResponse, remote_id: str, now: datetime) -> Receipt:
    status = response.status
    if 200 <= status < 300:
        return Receipt(delivery=Delivery.ACCEPTED, remote_id=remote_id, at=now)
    if status in NEVER:
        raise PermanentFailure(f"the other system refuses it: status {status}")
    wait = asked_to_wait(response.headers.get("Retry-After", ""), now)
    told = f"the other system answers with status {status}"
    raise TemporaryFailure(told, retry_after=wait, whole_channel=status in TOO_MUCH)


def asked_to_wait(text: str, now: datetime) -> timedelta:
    """Read ``Retry-After``: seconds or a date (RFC 9110, 10.2.3). What is neither asks nothing."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=int(text)) if len(text) < 10 else LONGEST_WAIT
    else:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return timedelta(0)
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), LONGEST_WAIT)

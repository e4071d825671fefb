"""DATA: a message is read to its end, and answered by what became of it."""

import asyncio
from datetime import timedelta
from typing import Any

from channels.mail.collected import Collected
from channels.smtp.connection import INVITATION, Connection
from channels.smtp.delivery import (
    OUR_TROUBLE,
    TOO_BIG,
    Letter,
    deliver,
    discard,
    refusal_of,
    worst,
)
from channels.smtp.incoming import EndlessMessageError, read_message

OVERRUN = 1024 * 1024
PATIENCE = timedelta(minutes=3).total_seconds()
STORING_PATIENCE = timedelta(minutes=2).total_seconds()  # later we would store what comes again
SLOWEST = 1024  # bytes a second, beyond which patience does not grow


async def data(connection: Connection, arg: str | None) -> None:
    """Take a message, and say for it, or for each of its recipients, what became of it."""
    if not connection.envelope.rcpt_tos:
        return await connection.push("503 5.5.1 No valid recipients")
    if arg:
        return await connection.push("501 5.5.4 DATA has no parameters")
    letter = _letter(connection)
    collected = Collected(letter.recipients[0][1].spool, letter.max_size)
    connection.forget_mail()
    if not connection.invited:
        await connection.push(INVITATION)
    connection.invited = False
    replies = await _receive(connection, letter, collected)
    connection.be_patient_again()
    each = connection.dialect.reply_to_each
    return await connection.push("\r\n".join(replies if each else [worst(replies)]))


def _letter(connection: Connection) -> Letter:
    sender: str = connection.envelope.mail_from or ""
    peer: Any = connection.session.peer
    return Letter(
        mail_from="" if sender == "<>" else sender,
        recipients=tuple(connection.mail.recipients),
        helo=connection.session.host_name or "",
        peer=str(peer[0]) if isinstance(peer, tuple) else "unix",
        tls=connection.encrypted,
    )


async def _receive(connection: Connection, letter: Letter, collected: Collected) -> list[str]:
    """Read a message to its end, and say for each recipient what became of it."""
    everybody = len(letter.recipients)
    most = letter.max_size + OVERRUN
    began = connection.loop.time()

    def allow(size: int) -> None:
        """Whoever sends quickly enough may take long."""
        connection.deadline = began + PATIENCE + size / SLOWEST

    try:
        body = await read_message(connection.reader, collected, most=most, progress=allow)
        if refusal := refusal_of(body, collected):
            return [refusal] * everybody
        connection.delivering = True
        connection.deadline = connection.loop.time() + STORING_PATIENCE
        return await deliver(letter, collected)
    except asyncio.CancelledError:
        if not connection.given_up():
            raise
        return [OUR_TROUBLE] * everybody
    except EndlessMessageError:
        connection.last_word()
        return [TOO_BIG] * everybody
    finally:
        connection.delivering = False
        await discard(collected)

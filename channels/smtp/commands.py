"""The commands of SMTP and LMTP: which there are, and those that we carry out ourselves."""

from collections.abc import Mapping

from aiosmtpd.smtp import SMTP

from channels.smtp.connection import Connection, Dialect, Method
from channels.smtp.data import data


async def ehlo(connection: Connection, arg: str | None) -> None:
    """Say what we can do."""
    if not arg:
        return await connection.push("501 5.5.4 Who are you?")
    connection.forget_mail()
    connection.session.extended_smtp = True
    connection.session.host_name = arg
    lines = [connection.hostname, f"SIZE {connection.data_size_limit}", "8BITMIME", "SMTPUTF8"]
    lines.append("PIPELINING")
    if connection.tls_context and not connection.encrypted:
        lines.append("STARTTLS")
    return await connection.push(
        "".join(f"250-{line}\r\n" for line in lines[:-1]) + f"250 {lines[-1]}"
    )


async def starttls(connection: Connection, arg: str | None) -> None:
    """Go on encrypted, if nothing was slipped in before."""
    if connection.has_more:
        return await connection.end("554 5.5.1 Nothing may follow STARTTLS")
    await SMTP.smtp_STARTTLS(connection, arg)
    return None


async def quit_(connection: Connection, _arg: str | None) -> None:
    await connection.end("221 2.0.0 Bye")


async def vrfy(connection: Connection, _arg: str | None) -> None:
    await connection.push("252 2.1.5 Send some mail, we will see")


_BOTH: Mapping[bytes, Method] = {
    b"MAIL": SMTP.smtp_MAIL,
    b"RCPT": SMTP.smtp_RCPT,
    b"DATA": data,
    b"RSET": SMTP.smtp_RSET,
    b"NOOP": SMTP.smtp_NOOP,
    b"QUIT": quit_,
    b"VRFY": vrfy,
    b"STARTTLS": starttls,
}
ESMTP = Dialect("ESMTP", {b"HELO": SMTP.smtp_HELO, b"EHLO": ehlo, **_BOTH})
LMTP = Dialect("LMTP", {b"LHLO": ehlo, **_BOTH}, reply_to_each=True)
"""RFC 2033: another greeting, and a reply for each recipient."""

"""Sending by SMTP: one connection for each answer, and an honest word about how it ended."""

import asyncio
import re
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponse,
    SMTPResponseException,
    SMTPSenderRefused,
)

from channels.mail.access import AccessTokens
from channels.mail.addresses import split_mailbox, wire_address
from channels.mail.headers import clean
from channels.mail.rendering import render
from channels.mail.settings import SUBMISSION_PORTS, Send, Tls
from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import ChannelName, Dispatch, Receipt
from inquiry.words import Delivery

PATIENCE = timedelta(seconds=60)
AFTER_THE_DOT = timedelta(minutes=10)  # RFC 5321 4.5.3.2.6
FAREWELL = timedelta(seconds=2)
TROUBLE = (SMTPException, OSError, ValueError)
"""What the library raises. A bad certificate is an ssl.SSLError: an OSError, no SMTPException."""

NOT_THIS_PERSON = frozenset({550, 551, 552, 553, 554, 556})
TOO_BIG = 552
GO_ON = 354
_LINE_OF_DOT = re.compile(rb"(?m)^\.")
_NOT_XTEXT = re.compile(r"[^!-~]|[+=]")


def recipient_of(dispatch: Dispatch) -> str:
    """Return the recipient as it may stand on the wire.

    Raises:
        PermanentFailure: it may not.
    """
    if (address := wire_address(dispatch.recipient)) is None:
        raise PermanentFailure("the recipient's address is not one that mail can be sent to")
    return address


class SubmissionSender:
    """Hands answers to a mail server."""

    repeatable = False

    def __init__(
        self,
        name: ChannelName,
        settings: Send,
        tokens: AccessTokens | None = None,
        *,
        patience: timedelta = PATIENCE,
    ) -> None:
        self.name = name
        self._settings = settings
        self._tokens = tokens
        self._patience = patience.total_seconds()
        self.after_the_dot = AFTER_THE_DOT
        self._sender_name, self._sender = split_mailbox(settings.from_)
        self._tls = _tls_context(settings)
        self._host_name = self._sender.rpartition("@")[2] or "localhost"

    async def send(self, dispatch: Dispatch) -> Receipt:
        recipient = recipient_of(dispatch)
        raw = render(
            dispatch,
            sender=self._sender,
            sender_name=self._sender_name,
            recipient=recipient,
            now=datetime.now(UTC),
        )
        client = self._client()
        try:
            await self._connect(client)
            failpoint("outbox.connected")
            await self._address(client, dispatch, recipient, size=len(raw))
            response = await self._transmit(client, raw)
            await _part(client)
        finally:
            client.close()
        detail = clean(response.message)
        return Receipt(delivery=Delivery.ACCEPTED, at=datetime.now(UTC), detail=detail[:500])

    def _client(self) -> SMTP:
        settings = self._settings
        return SMTP(
            hostname=settings.host,
            port=settings.port or SUBMISSION_PORTS[settings.tls],
            local_hostname=self._host_name,
            use_tls=settings.tls is Tls.IMPLICIT,
            start_tls=False,
            tls_context=self._tls,
            timeout=self._patience,
        )

    async def _connect(self, client: SMTP) -> None:
        """Reach the server and become somebody there; whatever fails here is our trouble."""
        settings = self._settings
        token = await self._tokens.current() if self._tokens else ""
        try:
            await client.connect()
            await client.ehlo()
            if settings.tls is Tls.STARTTLS:
                await client.starttls(tls_context=self._tls)
                await client.ehlo()
            if self._tokens:
                await client.auth_xoauth2(settings.user, token)
            elif settings.user:
                await client.login(settings.user, settings.password)
        except SMTPAuthenticationError as error:
            if self._tokens:
                self._tokens.rejected(token)
            raise _no_use(error) from error
        except TROUBLE as error:
            raise _no_use(error) from error

    async def _address(
        self, client: SMTP, dispatch: Dispatch, recipient: str, *, size: int
    ) -> None:
        encoding = "ascii" if recipient.isascii() else "utf-8"
        if encoding == "utf-8" and not client.supports_extension("smtputf8"):
            raise PermanentFailure("our mail server can't send to an address that is not ASCII")
        try:
            await client.mail(
                "" if dispatch.automatic else self._sender,
                options=_mail_options(client, dispatch, size, utf8=encoding == "utf-8"),
                encoding=encoding,
            )
            await client.rcpt(
                recipient, options=_rcpt_options(client, recipient), encoding=encoding
            )
        except SMTPSenderRefused as error:
            if error.code == TOO_BIG:
                raise PermanentFailure(f"too big for the mail server: {_said(error)}") from error
            told = f"the mail server refuses our sender: {_said(error)}"
            raise TemporaryFailure(told, whole_channel=True) from error
        except SMTPRecipientRefused as error:
            if error.code in NOT_THIS_PERSON:
                raise PermanentFailure(f"the recipient was refused: {_said(error)}") from error
            raise TemporaryFailure(f"not this recipient now: {_said(error)}") from error
        except TROUBLE as error:
            raise TemporaryFailure(f"the mail server went away: {_said(error)}") from error

    async def _transmit(self, client: SMTP, raw: bytes) -> SMTPResponse:
        """Send the message. Only behind its final dot is there anything to be unsure of."""
        try:
            response = await client.execute_command(b"DATA")
            if response.code == GO_ON:
                await self._pour(client, _LINE_OF_DOT.sub(b"..", raw))
        except TROUBLE as error:
            raise TemporaryFailure(f"the mail server went away: {_said(error)}") from error
        if response.code != GO_ON:
            _raise_refusal(response)
        try:
            response = await client.execute_command(
                b".", timeout=self.after_the_dot.total_seconds()
            )
        except TROUBLE as error:
            raise OutcomeUnknown(f"the mail server did not answer: {_said(error)}") from error
        if not 200 <= response.code < 300:
            _raise_refusal(response)
        return response

    async def _pour(self, client: SMTP, raw: bytes) -> None:
        """Write, and wait until the last byte has left this program."""
        transport = client.transport
        if client.protocol is None or not isinstance(transport, asyncio.WriteTransport):
            raise ConnectionResetError("the connection is closed")
        client.protocol.write(raw)
        async with asyncio.timeout(self._patience + len(raw) / 4096):
            while transport.get_write_buffer_size():  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.005)
        if transport.is_closing():
            raise ConnectionResetError("the connection was lost")


def _no_use(error: Exception) -> TemporaryFailure:
    """Whoever comes next would meet with the same."""
    return TemporaryFailure(f"cannot use the mail server: {_said(error)}", whole_channel=True)


def _raise_refusal(response: SMTPResponse) -> None:
    said = clean(f"{response.code} {response.message}")[:300]
    if 500 <= response.code < 600:
        raise PermanentFailure(f"the mail server refused the message: {said}")
    if 400 <= response.code < 500:
        raise TemporaryFailure(f"the mail server did not take the message: {said}")
    raise OutcomeUnknown(f"the mail server answered nonsense: {said}")


async def _part(client: SMTP) -> None:
    """Say goodbye; the message is taken over, so nothing that happens here matters."""
    with suppress(*TROUBLE):
        await client.quit(timeout=FAREWELL.total_seconds())


def _mail_options(client: SMTP, dispatch: Dispatch, size: int, *, utf8: bool) -> list[str]:
    options = [f"SIZE={size}"] if client.supports_extension("size") else []
    if utf8:
        options.append("SMTPUTF8")
    if dispatch.envelope_id and client.supports_extension("dsn"):
        options += ["RET=HDRS", f"ENVID={_xtext(dispatch.envelope_id)}"]
    return options


def _rcpt_options(client: SMTP, recipient: str) -> list[str]:
    if not client.supports_extension("dsn") or not recipient.isascii():
        return []
    return ["NOTIFY=FAILURE,DELAY", f"ORCPT=rfc822;{_xtext(recipient)}"]


def _xtext(text: str) -> str:
    """Encode as RFC 3461 part 4 asks."""
    return _NOT_XTEXT.sub(lambda found: f"+{ord(found[0]):02X}", text)


def _said(error: Exception) -> str:
    """Say what happened in words without any command of ours, which may hold a password."""
    if isinstance(error, SMTPResponseException):
        return clean(f"{error.code} {error.message}")[:300]
    if isinstance(error, ssl.SSLError):
        return f"TLS: {clean(error.reason or 'failed')}"
    return clean(str(error))[:300] or type(error).__name__


def _tls_context(settings: Send) -> ssl.SSLContext | None:
    if settings.tls is Tls.NONE:
        return None
    return ssl.create_default_context(cafile=settings.certificate_authority)

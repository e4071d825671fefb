"""The message of a test: a file, or a mail made of the given fields, understood as a real one."""

from dataclasses import dataclass, replace
from datetime import datetime

from config.configuration import Desk
from config.sections import Given
from inquiry.decision import Facts
from inquiry.journey import MAIL, ChannelName, Envelope
from inquiry.understood import Known, Message, Party, Report

MONDAY = datetime(2026, 1, 5, 10, 0)  # noqa: DTZ001 - in the desk's own zone
SOMEBODY = "somebody@customer.example"


@dataclass(frozen=True, slots=True)
class CaseMessage:
    """What a test decides about."""

    message: Message | Report
    facts: Facts

    @property
    def language(self) -> str:
        message = self.message
        return (message.message if isinstance(message, Report) else message).language


def understand(given: Given, desk: Desk, channel: ChannelName) -> CaseMessage:
    """Understand what is given. Raises OSError if its file can't be read."""
    raw = given.file.read_bytes() if given.file else _mail(given)
    message = understand_mail(raw, desk, given.from_)
    if given.language and not isinstance(message, Report):
        message = replace(message, language=str(given.language))
    if given.from_ and "@" not in given.from_ and not isinstance(message, Report):
        message = replace(message, sender=Party(given.from_))
    at = given.at or MONDAY
    now = at if at.tzinfo else at.replace(tzinfo=desk.timezone)
    return CaseMessage(message, Facts(now=now, channel=channel, follow_up=given.follow_up))


def understand_mail(raw: bytes, desk: Desk, sender: str = "") -> Message | Report:
    """Understand the bytes of a mail as the bridge would."""
    from normalizer.normalize import normalize

    known = Known(
        languages=tuple(map(str, desk.languages)),
        language_fallback={
            language: tuple(map(str, others)) for language, others in desk.language_fallback.items()
        },
    )
    envelope = Envelope(mail_from=sender or None)
    understood = normalize(MAIL, raw, envelope, known)
    if isinstance(understood, (Message, Report)):
        return understood
    raise TypeError(f"a mail was understood as {type(understood).__name__}")


def _mail(given: Given) -> bytes:
    headers = {
        "From": given.from_ if "@" in given.from_ else SOMEBODY,
        "To": given.to,
        "Subject": given.subject,
        "Date": "Mon, 05 Jan 2026 09:59:00 +0000",
        "Message-ID": "<given@customer.example>",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        **given.headers,
    }
    lines = [f"{name}: {' '.join(value.split())}" for name, value in headers.items() if value]
    return "\r\n".join([*lines, "", *given.body.splitlines(), ""]).encode()

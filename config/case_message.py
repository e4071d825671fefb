"""The message of a test: a file, or a mail made of the given fields, understood as a real one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from config.configuration import ChannelEntry, Configuration
from config.regular import LARGEST_MAIL, read_bytes
from config.scalars import boolean
from config.sections import Given, Past
from inquiry.decision import Ask, Facts, Figure
from inquiry.journey import MAIL, ChannelName, Envelope, QueueName
from inquiry.understood import Attachment, Known, Message, Party, Report
from inquiry.words import Trust
from router.customers import with_organization

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


def understand(
    given: Given, configuration: Configuration, channel: ChannelName, raw: bytes | None = None
) -> CaseMessage:
    """Understand what is given; ``raw`` is its mail, if there is one already.

    Raises:
        OSError: its file can't be read.
    """
    if raw is None:
        raw = read_bytes(given.file, LARGEST_MAIL) if given.file else mail_of(given)
    message = understand_mail(raw, configuration, channel, given.from_)
    return case_of(given, configuration, channel, message)


def case_of(
    given: Given, configuration: Configuration, channel: ChannelName, message: Message | Report
) -> CaseMessage:
    """Put what is given besides the mail to what was understood of it."""
    if not isinstance(message, Report):
        message = _changed(message, given, configuration.channels.get(channel))
    at = given.at or MONDAY
    now = at if at.tzinfo else at.replace(tzinfo=configuration.desk.timezone)
    return CaseMessage(message, _facts(given, configuration, channel, message, now))


def understand_mail(
    raw: bytes, configuration: Configuration, channel: ChannelName, sender: str = ""
) -> Message | Report:
    """Understand the bytes of a mail as the bridge would that has never heard of its writer."""
    from normalizer.normalize import normalize
    from normalizer.scan import scan

    desk, entry = configuration.desk, configuration.channels.get(channel)
    envelope = Envelope(mail_from=sender or None)
    writer = scan(MAIL, raw, envelope).sender
    known = Known(
        languages=tuple(map(str, desk.languages)),
        language_fallback={
            language: tuple(map(str, others)) for language, others in desk.language_fallback.items()
        },
        own_addresses=configuration.own_addresses,
        sender_is_specialist=writer is not None and configuration.is_specialist(writer.address),
        trusted_hosts=entry.trusted_hosts if entry else frozenset(),
    )
    understood = normalize(MAIL, raw, envelope, known)
    if isinstance(understood, (Message, Report)):
        return understood
    raise TypeError(f"a mail was understood as {type(understood).__name__}")


def counted(asks: Sequence[Ask], past: Past, load: Mapping[str, int]) -> dict[str, int]:
    """Return what a given past says to all that rules ask about it."""
    figures = {
        Figure.OPEN_INQUIRIES: past.open_inquiries,
        Figure.INQUIRIES: past.inquiries,
        Figure.MESSAGES: past.messages,
        Figure.REOPENED: past.reopened,
    }
    return {
        ask.key: load.get(ask.queue, 0) if ask.figure is Figure.WAITING else figures[ask.figure]
        for ask in asks
        if ask.figure is not Figure.LAST_CATEGORY
    }


def _facts(
    given: Given,
    configuration: Configuration,
    channel: ChannelName,
    message: Message | Report,
    now: datetime,
) -> Facts:
    mail = message.message if isinstance(message, Report) else message
    address = mail.sender.address if mail.sender else ""
    said = {str(name): str(value) for name, value in given.customer.items()}
    kinds, asks = configuration.customers.attributes, configuration.rules.asks
    own = {
        name: kinds[name].plain(value) if name in kinds else value
        for name, value in said.items()
        if name != "known"
    }
    facts = Facts(
        now=now,
        channel=channel,
        follow_up=given.follow_up,
        customer_known=boolean(said.get("known", "no")),
        customer={"address": address},
        recorded=own,
        in_doubt=mail.trust is Trust.UNVERIFIED,
        queue=QueueName(str(given.queue)) if given.queue else None,
        category=str(given.category or ""),
        priority=given.priority,
        tags=tuple(map(str, given.tags)),
        counted=counted(
            asks,
            given.history,
            {str(queue): count for queue, count in given.load.items()},
        ),
        last_category=given.history.last_category if _asks_category(asks) else None,
    )
    return with_organization(facts, configuration.organizations)


def _asks_category(asks: Sequence[Ask]) -> bool:
    return any(ask.figure is Figure.LAST_CATEGORY for ask in asks)


def _changed(message: Message, given: Given, channel: ChannelEntry | None) -> Message:
    """Put in what a mail can't say of itself."""
    if given.language:
        message = replace(message, language=str(given.language))
    if given.from_ and "@" not in given.from_:
        message = replace(message, sender=Party(given.from_))
    if channel and channel.kind == "web-form":  # anybody may fill in any address
        message = replace(message, trust=Trust.UNVERIFIED)
    if given.trust:
        message = replace(message, trust=given.trust)
    if given.form:
        message = replace(message, form=dict(given.form))
    if given.attachments:
        files = tuple(
            Attachment(filename=name, content_type=_OCTETS, size=1, sha256="")
            for name in given.attachments
        )
        message = replace(message, attachments=(*message.attachments, *files))
    return message


_OCTETS = "application/octet-stream"


def mail_of(given: Given) -> bytes:
    """Write the mail that would say what is given."""
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
    return "\r\n".join([*lines, "", *given.body.splitlines(), ""]).encode(errors="replace")

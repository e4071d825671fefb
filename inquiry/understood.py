"""What understanding makes of an arrival: one of a closed union."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from inquiry.words import Audience, Automated, Trust


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a message: an address (mail address, Telegram user id) and the name beside it."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came with a message. ``filename`` is data: shown, never used as a path."""

    filename: str
    content_type: str
    size: int
    """Bytes after decoding; of a file that is only named what the channel says, 0 if nothing."""
    sha256: str
    """Hex; "" while the file is only named."""
    remote: str = ""
    """What its channel calls a file that a message only names: it is fetched afterwards."""
    inline: bool = False
    content_id: str = ""
    content: bytes = field(default=b"", repr=False)
    """Left out when the message is written down as JSON: it is kept by its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A new utterance. ``text`` = ``new_text`` + ``signature`` + ``quoted_text``, no word lost."""

    sender: Party | None = None
    """The contact point. None where no sender can be read at all."""
    trust: Trust = Trust.CLAIMED
    authentication: Mapping[str, str] = field(default_factory=dict)
    """What trusted hosts found: ``spf``, ``dkim``, ``dmarc``, ``arc``; each with ``.domain``.

    ``by`` is ``deskbridge`` where we found it out ourselves.
    """
    forwarded_by: Party | None = None
    """The specialist who forwarded it; ``sender`` is then who wrote what was forwarded."""
    forwarding_note: str = ""
    """What stood above the forwarded words: for specialists only."""
    reply_to: Party | None = None
    to: tuple[Party, ...] = ()
    cc: tuple[Party, ...] = ()
    subject: str = ""
    text: str = ""
    new_text: str = ""
    quoted_text: str = ""
    signature: str = ""
    html: str = ""
    """Sanitised: runs nothing, loads nothing; "" where there was none."""
    language: str = ""
    """BCP 47, restricted to the desk's languages; "" where it can't be told."""
    language_guess: str = ""
    """The same, unrestricted."""
    language_because: str = ""
    """What has told the language, where the text and the writer's program may differ."""
    sent_at: datetime | None = None
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    thread_keys: tuple[str, ...] = ()
    """Evidence of where it belongs, the surest first: reply tokens, then Message-IDs."""
    conversation: str = ""
    audience: Audience = Audience.ALONE
    """Who reads along in ``conversation``, as the channel itself attests."""
    thread: str = ""
    begun_at: datetime | None = None
    """When its writer began the thread that it stands in; None where another did, or nobody."""
    remote_id: str = ""
    """The messenger's own id of this message inside the conversation."""
    album: str = ""
    """What several messages have in common that were sent as one: pictures with one caption."""
    opens: bool = True
    """False: it only belongs to what is here already, and to nothing else."""
    automated: Automated = Automated.NONE
    automated_because: str = ""
    """The header or sentence that gave it away."""
    mailing_list: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    """Decoded headers that rules may look at, names in lower case, the first of each."""
    form: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    too_complex: str = ""
    """Why only a part could be understood; the original is attached then."""

    @property
    def wordless(self) -> bool:
        """Does it hold no word of its writer, but only lines such as ``[photo]``?"""
        lines = filter(None, self.text.splitlines())
        return all(line.startswith("[") and line.endswith("]") for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A message was changed where it was written."""

    remote_id: str
    conversation: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A message was withdrawn where it was written."""

    remote_id: str
    conversation: str
    sender: Party | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button of ours was pressed."""

    remote_id: str
    conversation: str
    sender: Party
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something was asked that the channel answers by itself: it is no message to anybody."""

    remote_id: str
    conversation: str
    sender: Party
    name: str
    """Without a slash: ``status``."""
    language: str = ""
    """What the writer's program is set to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A conversation goes on under another name: a group that has become a supergroup."""

    conversation: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRecipient:
    """One recipient of a delivery report (RFC 3464)."""

    address: str
    status: str = ""
    """RFC 3463: ``5.1.1``."""
    permanent: bool = False
    action: str = ""
    """RFC 3464: failed, delayed, delivered, relayed, expanded."""
    diagnostic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """News of something sent earlier: a bounce, a delay, a delivery, a complaint."""

    kind: Automated
    recipients: tuple[ReportedRecipient, ...] = ()
    envelope_id: str = ""
    """RFC 3464 Original-Envelope-Id: the surest hint at our dispatch."""
    original_message_id: str = ""
    message: Message
    """The report itself as a mail, for people to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A phone event."""

    call_id: str
    event: str
    sender: Party
    at: datetime


Understood = Message | Edit | Deletion | Press | Command | Moved | Report | Call
KINDS: Mapping[str, type[Understood]] = {
    "message": Message,
    "edit": Edit,
    "deletion": Deletion,
    "press": Press,
    "command": Command,
    "moved": Moved,
    "report": Report,
    "call": Call,
}
"""The word that stands for each in the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the bridge knows before it understands a message: filled by the normalizer's stage."""

    languages: tuple[str, ...] = ()
    """The desk's languages; empty = any."""
    language_fallback: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    customer_language: str = ""
    own_message_ids: frozenset[str] = frozenset()
    """Those among the references that we sent."""
    sent_texts: tuple[str, ...] = ()
    """What we sent under these ids: the strongest signal for where quoting begins."""
    own_addresses: frozenset[str] = frozenset()
    sender_is_specialist: bool = False
    trusted_hosts: frozenset[str] = frozenset()
    """Whose Authentication-Results we believe (RFC 8601 authserv-ids)."""
    own_results: Mapping[str, str] = field(default_factory=dict)
    """What we found out ourselves, in the words of ``Message.authentication``."""

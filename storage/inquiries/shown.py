"""What people are shown of an inquiry: a line of a list, or all that happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from inquiry.journey import ContactPointId, CustomerId, InquiryId, MessageId, Reference
from inquiry.words import FetchState, OutboxState, Priority, Purpose, State
from storage import history


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One line of a list."""

    id: InquiryId
    reference: Reference
    subject: str
    first_words: str
    customer: str
    address: str
    contact: str
    language: str
    channel: str
    queue: str
    assignee: str
    state: State
    priority: Priority
    tags: tuple[str, ...]
    unanswered: int
    files: bool
    created_at: datetime
    updated_at: datetime
    position: int
    """Where it stands in its list's order: with ``id``, what the next page begins after."""


@dataclass(frozen=True, slots=True)
class Load:
    """How much there is to do."""

    queue: str
    assignee: str
    count: int
    new: int
    oldest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A contact point of a customer."""

    id: ContactPointId
    contact: str
    address: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file of a message. The name is data, and may be anything."""

    id: int
    message: MessageId
    filename: str
    content_type: str
    size: int
    inline: bool
    blocked: bool
    state: FetchState = FetchState.HERE
    """Of one that its message only names: ``id`` is then the number of the fetch."""
    reason: str = ""
    """Why it can't be fetched, or why not yet."""

    @property
    def here(self) -> bool:
        return self.state is FetchState.HERE

    @property
    def failed(self) -> bool:
        return self.state is FetchState.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How far a message of ours has come."""

    state: OutboxState
    answer: int | None
    dispatch: int | None
    due_at: datetime
    attempts: int = 0
    error: str = ""
    instead: int | None = None
    """The message that was sent instead of this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMessage:
    """What a customer wrote or was sent."""

    id: MessageId
    at: datetime
    incoming: bool
    purpose: Purpose | None
    channel: str
    who: str
    contact: str
    """What sort of address it is: ``mail``, ``web-chat``."""
    address: str
    specialist: str
    subject: str
    text: str
    new_text: str
    quoted_text: str
    signature: str
    html: bool
    language: str
    automated: str
    trust: str
    too_complex: str
    edited_at: datetime | None
    deleted_at: datetime | None
    files: tuple[Attached, ...] = ()
    filled: Mapping[str, str] = field(default_factory=dict)
    """What the customer filled in beside it: ``{"product": "router"}``."""
    sending: Sending | None = None
    instead_of: int | None = None
    """The message that could not go its way, or that nobody has seen there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownNote:
    """What a specialist told the others."""

    id: int
    at: datetime
    specialist: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAside:
    """A message kept beside the inquiry until a specialist confirms or refuses it."""

    id: int
    at: datetime
    sender: str
    subject: str
    text: str
    reason: str
    state: str
    decided_by: str


Entry = ShownMessage | ShownNote | ShownAside | history.Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another inquiry of the same customer."""

    reference: Reference
    subject: str
    state: State
    language: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One inquiry, whole."""

    id: InquiryId
    public_key: str
    reference: Reference
    subject: str
    state: State
    queue: str
    category: str
    priority: Priority
    assignee: str
    tags: tuple[str, ...]
    fields: Mapping[str, str]
    """What rules have set: ``{"order": "10002000"}``."""
    language: str
    channel: str
    event: int
    """The newest event: whoever answers says which one they had seen."""
    unanswered: int
    customer: CustomerId
    customer_name: str
    customer_language: str
    contact_point: ContactPointId
    created_at: datetime
    updated_at: datetime
    continues: Reference | None
    recorded: Mapping[str, str]
    """What a file says of the customer, ``organization`` among it."""
    people: tuple[Person, ...]
    """Who takes part: whom an answer may go to."""
    contact_points: tuple[Person, ...]
    """All the ways to reach the customer."""
    used_last: ContactPointId
    """Whom an answer goes to unless somebody else is chosen."""
    others: tuple[Other, ...]
    timeline: tuple[Entry, ...]

    @property
    def messages(self) -> list[ShownMessage]:
        return [entry for entry in self.timeline if isinstance(entry, ShownMessage)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Bytes to be fetched by their hash, and what is said of them."""

    hash: bytes
    filename: str
    content_type: str
    blocked: bool = False

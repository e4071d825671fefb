"""The closed sets of words: alike in the code, the database, the YAML and on the pages."""

from enum import StrEnum


class State(StrEnum):
    """Where an inquiry stands."""

    NEW = "new"
    OPEN = "open"
    RESEARCHING = "researching"
    WAITING_FOR_CUSTOMER = "waiting-for-customer"
    WAITING_FOR_SUPPLIER = "waiting-for-supplier"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def active(self) -> bool:
        """Is there still something to be done?"""
        return self not in (State.RESOLVED, State.CLOSED)


class Priority(StrEnum):
    """How pressing; compare with ``rank``."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {priority: rank for rank, priority in enumerate(Priority)}


class ArrivalState(StrEnum):
    """How far an arrival has come."""

    WAITING = "waiting"
    UNDERSTOOD = "understood"
    DONE = "done"
    QUARANTINED = "quarantined"


class Audience(StrEnum):
    """Who reads along where something was said."""

    ALONE = "alone"
    GROUP = "group"
    """Others do; what is talked about there are many things."""
    THREAD = "thread"
    """Others do; all of it is one conversation."""


class FetchState(StrEnum):
    """How far a file has come that a message only names."""

    WAITING = "waiting"
    FETCHING = "fetching"
    HERE = "here"
    FAILED = "failed"


class OutboxState(StrEnum):
    """How far a dispatch has come."""

    HELD = "held"
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    DOUBTFUL = "doubtful"
    DEAD = "dead"
    CANCELLED = "cancelled"


class Unfit(StrEnum):
    """Why a channel can't carry a dispatch, whoever it is for."""

    TEXT_TOO_LONG = "text-too-long"
    NO_FILES = "no-files"
    FILE_TOO_LARGE = "file-too-large"


class Automated(StrEnum):
    """Whether a program wrote it, and which kind of program (RFC 3834, 3464, 5965, 2919)."""

    NONE = "none"
    AUTO_REPLY = "auto-reply"
    BOUNCE = "bounce"
    LIST = "list"
    LOOP = "loop"
    FEEDBACK = "feedback"
    DSN_DELAYED = "dsn-delayed"
    DSN_DELIVERED = "dsn-delivered"


class Trust(StrEnum):
    """What is known of who wrote it."""

    UNVERIFIED = "unverified"  # the sender can't be read without doubt, or a check of it failed
    CLAIMED = "claimed"  # an ordinary From: a claim
    VERIFIED = "verified"  # the channel vouches for it


class Purpose(StrEnum):
    """Why a message goes to a customer."""

    ANSWER = "answer"
    ACKNOWLEDGEMENT = "acknowledgement"


class Delivery(StrEnum):
    """What a channel says of a dispatch."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    BOUNCED = "bounced"


class Handle(StrEnum):
    """What becomes of a message: the outcome of a rule's ``handle``."""

    INQUIRY = "inquiry"
    QUARANTINE = "quarantine"
    DELIVERY_REPORT = "delivery-report"


class JoinWay(StrEnum):
    """What made two contact points one person."""

    SPECIALIST = "specialist"  # said so
    CODE = "code"  # from the status page, used in a chat
    LINK = "link"  # to the status page, shown in a chat
    MAIL_CODE = "mail-code"  # sent to an address, typed in the chat that named it


class ClaimSource(StrEnum):
    """Where somebody's further address or number was said."""

    FORM = "form"
    CHAT = "chat"
    PROFILE = "profile"
    CONTACT = "contact"
    WEBHOOK = "webhook"


class Role(StrEnum):
    """What a specialist may do."""

    SPECIALIST = "specialist"
    LEAD = "lead"

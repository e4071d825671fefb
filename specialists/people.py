"""The people who answer, and the queues they work: as the configuration names them."""

from dataclasses import dataclass

from inquiry.journey import ChannelName, QueueName, SpecialistName
from inquiry.words import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Specialist:
    """Somebody who answers customers. Passwords and sessions are in the database."""

    name: SpecialistName
    """The key in the YAML: ``kasia``."""
    full_name: str
    email: str = ""
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    role: Role = Role.SPECIALIST


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A named pool of inquiries that some specialists work."""

    name: QueueName
    line: int = 1
    members: tuple[SpecialistName, ...] = ()
    assign_by: str = "pull"
    """``pull`` or ``round-robin``."""
    send_from: ChannelName | None = None
    """Mail leaves by this channel; None: by the one the inquiry came in by."""

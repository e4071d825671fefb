"""Who wrote it, and how far that can be believed."""

from collections.abc import Sequence
from dataclasses import dataclass

from inquiry.domains import in_ascii
from inquiry.journey import Envelope
from inquiry.understood import Party
from inquiry.words import Trust
from normalizer.addresses import Mailbox, read_addresses
from normalizer.authentication import Result, fails_for, passes_for
from normalizer.headers import Headers


@dataclass(frozen=True, slots=True)
class Sender:
    party: Party | None
    trust: Trust


def sender_of(headers: Headers) -> Sender:
    """Read the identity: from exactly one defect-free From; anything else is unverified.

    ``Reply-To`` and ``Sender`` are never an identity; anybody may write them.
    """
    fields = headers.fields.get("from", ())
    mailboxes = [box for field in fields[:5] for box in read_addresses(field, headers.charset, 20)]
    if not mailboxes:
        return Sender(None, Trust.UNVERIFIED)
    certain = len(fields) == 1 and len(mailboxes) == 1 and not mailboxes[0].doubtful
    party = _first_with_address(mailboxes)
    return Sender(party, Trust.CLAIMED if certain else Trust.UNVERIFIED)


def _first_with_address(mailboxes: list[Mailbox]) -> Party | None:
    return next((box.party for box in mailboxes if box.party.address), mailboxes[0].party)


def vouched(sender: Sender, results: Sequence[Result], envelope: Envelope) -> Trust:
    """Raise a claim to verified, or lower it, where somebody we trust has checked it."""
    if sender.trust is not Trust.CLAIMED or sender.party is None:
        return sender.trust
    if _same(envelope.authenticated_as, sender.party.address):
        return Trust.VERIFIED
    domain = in_ascii(sender.party.address.rpartition("@")[2])
    if fails_for(results, domain):
        return Trust.UNVERIFIED
    return Trust.VERIFIED if passes_for(results, domain) else sender.trust


def _same(login: str, address: str) -> bool:
    return bool(login) and login.lower() == address.lower()

"""Do the outside's ledger, the bridge's tables and what was delivered tell one story?"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from tests.harness.ledger import Offer, Story, digest
from tests.harness.snapshot import KeptArrival, KeptDispatch, Snapshot

NONCE = re.compile(rb"nonce[0-9a-f]{24}")
REFERENCE = re.compile(r"NL-\d{4}-\d+")
GONE_OUT = frozenset({"sent", "delivered", "read"})


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something that reached a person."""

    recipient: str
    text: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was broken: which, and by what."""

    invariant: str
    what: str


def violations(
    story: Story, snapshot: Snapshot, deliveries: Sequence[Delivery] = ()
) -> list[Violation]:
    """Join everything; call it when all is quiet again (``snapshot.idle``)."""
    kept = _by_nonce(snapshot.arrivals)
    return list(
        chain(
            _losses(story, kept),
            _refusals(story, kept),
            _doubles(story, kept),
            _strangers(story, kept),
            _files(story, kept, snapshot),
            _outbox(snapshot.outbox, deliveries),
            _mixed_up(story, kept, snapshot.outbox, deliveries),
            _cursors(story, kept, snapshot),
        )
    )


def _by_nonce(arrivals: Iterable[KeptArrival]) -> dict[str, list[KeptArrival]]:
    kept: dict[str, list[KeptArrival]] = {}
    for arrival in arrivals:
        for nonce in {found.decode() for found in NONCE.findall(arrival.raw or b"")}:
            kept.setdefault(nonce, []).append(arrival)
    return kept


def _losses(story: Story, kept: dict[str, list[KeptArrival]]) -> Iterator[Violation]:
    """I1 and I2: what was accepted is here, whole, and stands somewhere."""
    for offer in story.offers:
        if offer.nonce not in story.accepted:
            continue
        found = kept.get(offer.nonce, [])
        if not found:
            yield Violation("I1", f"accepted and lost: {_told(offer)}")
        for arrival in found:
            if offer.sha256 and digest(arrival.raw or b"") != offer.sha256:
                yield Violation("I1", f"not the bytes that came: {_told(offer)}")
            if arrival.events == 0:
                yield Violation("I1", f"in no inquiry and no quarantine: {_told(offer)}")


def _refusals(story: Story, kept: dict[str, list[KeptArrival]]) -> Iterator[Violation]:
    for offer in story.offers:
        if offer.nonce in story.refused and offer.nonce in kept:
            yield Violation("I3", f"refused and yet here: {_told(offer)}")


def _doubles(story: Story, kept: dict[str, list[KeptArrival]]) -> Iterator[Violation]:
    """I4, for all that was ever offered: a lost answer may leave one behind, never two."""
    for offer in story.offers:
        found = kept.get(offer.nonce, [])
        if len(found) > 1 or sum(arrival.events for arrival in found) > 1:
            yield Violation("I4", f"here {len(found)} times: {_told(offer)}")


def _files(
    story: Story, kept: dict[str, list[KeptArrival]], snapshot: Snapshot
) -> Iterator[Violation]:
    """What a message only names follows it, whole and once; what is leased may still come."""
    if any(not fetch.at_rest and not fetch.leased for fetch in snapshot.fetches):
        yield Violation("I5", "a file is still on its way")
    under_way = any(not fetch.at_rest for fetch in snapshot.fetches)
    for offer in story.offers:
        for arrival in kept.get(offer.nonce, []) if offer.file else []:
            if len(arrival.files) > 1 or set(arrival.files) - {offer.file}:
                yield Violation("I4", f"not the file that was named: {_told(offer)}")
            if not arrival.files and not under_way and arrival.messages:
                yield Violation("I1", f"its file has not followed: {_told(offer)}")


def _strangers(story: Story, kept: dict[str, list[KeptArrival]]) -> Iterator[Violation]:
    for nonce in kept.keys() - {offer.nonce for offer in story.offers}:
        yield Violation("I4", f"nobody has sent {nonce}")


def _outbox(outbox: Sequence[KeptDispatch], deliveries: Sequence[Delivery]) -> Iterator[Violation]:
    """I6: each dispatch has come to an end, and what is called sent has reached somebody."""
    reached = Counter(
        (delivery.recipient, reference)
        for delivery in deliveries
        for reference in set(REFERENCE.findall(delivery.text))
    )
    for dispatch in outbox:
        if not dispatch.at_rest and not dispatch.leased:
            yield Violation("I6", f"dispatch {dispatch.id} is still {dispatch.state}")
        if dispatch.state in GONE_OUT and not reached[dispatch.recipient, dispatch.reference]:
            yield Violation("I6", f"dispatch {dispatch.id} is {dispatch.state} and reached nobody")


def _mixed_up(
    story: Story,
    kept: dict[str, list[KeptArrival]],
    outbox: Sequence[KeptDispatch],
    deliveries: Sequence[Delivery],
) -> Iterator[Violation]:
    """I6 and I8: what belongs to an inquiry goes to those who wrote it, and to nobody else."""
    writers: dict[str, set[str]] = {}
    for offer in story.offers:
        for arrival in kept.get(offer.nonce, []):
            writers.setdefault(arrival.reference or "", set()).add(offer.sender)
    for dispatch in outbox:
        if dispatch.recipient not in writers.get(dispatch.reference, set()):
            yield Violation("I6", f"dispatch {dispatch.id} is for {dispatch.recipient}")
    for delivery in deliveries:
        for reference in set(REFERENCE.findall(delivery.text)):
            if delivery.recipient not in writers.get(reference, set()):
                yield Violation("I6", f"{reference} was sent to {delivery.recipient}")


def _cursors(
    story: Story, kept: dict[str, list[KeptArrival]], snapshot: Snapshot
) -> Iterator[Violation]:
    """I12: no cursor has passed a message that is not here."""
    for (channel, _source), position in snapshot.cursors.items():
        for offer in story.offers:
            if offer.channel != channel or offer.sequence is None or offer.nonce in kept:
                continue
            if offer.sequence < _next(position):
                yield Violation("I12", f"{channel} has passed {_told(offer)}")


def _next(position: str) -> int:
    """Return the first number that a cursor has not passed: Telegram's offset, IMAP's UID + 1."""
    parts = position.split("/")
    return int(parts[1]) + 1 if len(parts) > 1 else int(position)


def _told(offer: Offer) -> str:
    return f"{offer.nonce} from {offer.sender} by {offer.channel}"

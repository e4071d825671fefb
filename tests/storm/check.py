"""Do the people's book, the bridge's tables and what was shown in the end tell one story?"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from tests.harness.check import GONE_OUT, REFERENCE, Violation
from tests.harness.ledger import digest
from tests.harness.snapshot import KeptArrival, KeptDispatch, Snapshot
from tests.storm.book import Heard, Said, Shown, Story

SAID = re.compile(r"nonce[0-9a-f]{24}")
ANSWERED = re.compile(r"reply[0-9a-f]{24}")
UNDONE = ("doubtful", "dead", "held", "cancelled")
"""Where a dispatch stays when nobody takes care of it: in the end there may be none."""


def violations(story: Story, snapshot: Snapshot) -> list[Violation]:
    """Join everything; call it when all is quiet and those in doubt were sent again."""
    world = _World(story, snapshot)
    checks = (_taken_in, _joined, _strangers, _edited, _files, _answers, _order, _marks)
    more = (_elsewhere, _acknowledged, _left, _pages)
    return list(chain.from_iterable(check(world) for check in (*checks, *more)))


@dataclass
class _World:
    story: Story
    snapshot: Snapshot
    said: dict[str, Said] = field(init=False)
    topic_of: dict[str, str] = field(init=False)
    """By the nonce of a message or an answer."""

    def __post_init__(self) -> None:
        self.said = {one.nonce: one for one in self.story.said}
        written = {one.nonce: one.topic for one in self.story.written}
        self.topic_of = {**{nonce: one.topic for nonce, one in self.said.items()}, **written}

    @cached_property
    def kept(self) -> Mapping[str, list[KeptArrival]]:
        """The arrivals that bring each nonce; what tells of an edit names what was before it."""
        found: dict[str, list[KeptArrival]] = {}
        for arrival in self.snapshot.arrivals:
            nonces = set(SAID.findall((arrival.raw or b"").decode(errors="replace")))
            before = {self.said[nonce].edits for nonce in nonces & self.said.keys()}
            for nonce in nonces - before:
                found.setdefault(nonce, []).append(arrival)
        return found

    @cached_property
    def homes(self) -> Mapping[str, set[str]]:
        """The inquiries in which each topic is."""
        found: dict[str, set[str]] = {}
        for nonce, arrivals in self.kept.items():
            for arrival in arrivals:
                if arrival.reference and nonce in self.said:
                    found.setdefault(self.said[nonce].topic, set()).add(arrival.reference)
        return found

    @cached_property
    def backs(self) -> Mapping[str, set[str]]:
        """Where each topic may be answered."""
        found: dict[str, set[str]] = {}
        for one in self.story.said:
            found.setdefault(one.topic, set()).add(one.back)
        return found

    def versions(self, said: Said) -> list[KeptArrival]:
        """What has come of a message: it, and its changes; one that was faster stands for it."""
        changes = [one.nonce for one in self.story.said if one.edits == said.nonce]
        return [one for nonce in (said.nonce, *changes) for one in self.kept.get(nonce, [])]

    def dispatches(self, nonce: str) -> list[KeptDispatch]:
        return [one for one in self.snapshot.outbox if nonce in one.text]

    def deliveries(self, nonce: str) -> list[Heard]:
        """What of it reached somebody; a repeat that its receiver drops is none."""
        found = [one for one in self.story.heard if nonce in one.text]
        keyed = {one.key: one for one in found if one.key}
        return [*(one for one in found if not one.key), *keyed.values()]


def _taken_in(world: _World) -> Iterator[Violation]:
    """I1, I4: what was accepted is here once, whole; what was not is here once at most."""
    for one in world.story.said:
        found = world.kept.get(one.nonce, [])
        if len(found) > 1:
            yield Violation("I4", f"here {len(found)} times: {_told(one)}")
        if one.nonce in world.story.accepted and not found:
            yield Violation("I1", f"accepted and lost: {_told(one)}")
        for arrival in found:
            if one.sha256 and digest(arrival.raw or b"") != one.sha256:
                yield Violation("I1", f"not the bytes that came: {_told(one)}")
            if arrival.state == "quarantined" or arrival.asides:
                why = arrival.reason or "kept aside"
                yield Violation("I1", f"not in the inquiry ({why}): {_told(one)}")
        times = sum(arrival.messages for arrival in world.versions(one))
        if not one.edits and found and times != 1:
            yield Violation("I1", f"{times} times in inquiries: {_told(one)}")


def _joined(world: _World) -> Iterator[Violation]:
    """I9: all of a topic is in one inquiry, and nothing of any other topic."""
    owners: dict[str, set[str]] = {}
    for topic, references in world.homes.items():
        if len(references) > 1:
            yield Violation("I9", f"{topic} is in {len(references)} inquiries")
        for reference in references:
            owners.setdefault(reference, set()).add(topic)
    for reference, topics in owners.items():
        if len(topics) > 1:
            yield Violation("I9", f"{reference} holds {', '.join(sorted(topics))}")


def _strangers(world: _World) -> Iterator[Violation]:
    for nonce in world.kept.keys() - world.said.keys():
        yield Violation("I4", f"nobody has said {nonce}")


def _edited(world: _World) -> Iterator[Violation]:
    """I7: a message reads as its author last wrote it."""
    for one in world.story.said:
        if not one.edits or one.nonce not in world.story.accepted:
            continue
        texts = [arrival.text for arrival in world.versions(world.said[one.edits])]
        if not any(one.nonce in text for text in texts):
            yield Violation("I7", f"the message does not read as changed: {_told(one)}")
        if any(one.edits in text for text in texts):
            yield Violation("I7", f"the message still reads as before: {_told(one)}")


def _files(world: _World) -> Iterator[Violation]:
    """I1: the file is there, whole and once."""
    for one in world.story.said:
        for arrival in world.kept.get(one.nonce, []):
            if list(arrival.files) != ([one.file] if one.file else []):
                yield Violation("I1", f"{len(arrival.files)} files, not the one sent: {_told(one)}")


def _answers(world: _World) -> Iterator[Violation]:
    """I6: each answer is one dispatch of its inquiry, has left, and reached its customer."""
    given = set(world.story.given)
    for written in world.story.written:
        found = world.dispatches(written.nonce)
        if len(found) > 1 or (not found and written.nonce in given):
            yield Violation("I6", f"{len(found)} dispatches of {written.nonce}")
        for dispatch in found:
            if dispatch.reference not in world.homes.get(written.topic, set()):
                told = f"{written.nonce} for {written.topic} is in {dispatch.reference}"
                yield Violation("I6", told)
            if dispatch.state in GONE_OUT and not world.deliveries(written.nonce):
                yield Violation("I6", f"{written.nonce} is {dispatch.state} and reached nobody")


def _order(world: _World) -> Iterator[Violation]:
    """I7: answers of a topic reach a place in the order in which they were given.

    One in doubt that was sent again may come late: those behind it did not wait for ever.
    """
    given = {nonce: number for number, nonce in enumerate(world.story.given)}
    late = {nonce for nonce in given if any(one.possible_repeat for one in world.dispatches(nonce))}
    for topic, heard in _first_heard(world).items():
        numbers = [given[nonce] for nonce in heard if nonce in given and nonce not in late]
        if numbers != sorted(numbers):
            yield Violation("I7", f"answers of {topic} came in another order")


def _first_heard(world: _World) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in world.story.heard:
        for nonce in ANSWERED.findall(one.text):
            topic = world.topic_of.get(nonce, "")
            if nonce not in found.setdefault(topic, []):
                found[topic].append(nonce)
    return found


def _marks(world: _World) -> Iterator[Violation]:
    """I6: what came twice is marked as one that may, and says so where the channel can."""
    for written in world.story.written:
        heard = world.deliveries(written.nonce)
        if len(heard) < 2:
            continue
        if not any(one.possible_repeat for one in world.dispatches(written.nonce)):
            yield Violation("I6", f"{written.nonce} came {len(heard)} times, not marked")
        if heard[0].place.startswith("mail:") and not all(one.marked for one in heard[1:]):
            yield Violation("I6", f"{written.nonce} came again and does not say so")


def _elsewhere(world: _World) -> Iterator[Violation]:
    """I6, I8: answers, and whatever names an inquiry, reach nobody but its own customer."""
    topics = {ref: topic for topic, refs in world.homes.items() for ref in refs}
    for one in world.story.heard:
        about = {world.topic_of.get(nonce) for nonce in ANSWERED.findall(one.text)}
        about |= {world.topic_of.get(nonce) for nonce in SAID.findall(one.text)}
        about |= {topics.get(reference) for reference in REFERENCE.findall(one.text)}
        for topic in about:
            if topic is None or one.place not in world.backs.get(topic, set()):
                told = f"{topic or 'what nobody knows'} was told to {one.place}"
                yield Violation("I8", told)


def _acknowledged(world: _World) -> Iterator[Violation]:
    """I15: an inquiry is acknowledged once, unless that is marked as a possible repeat."""
    automatic = [one for one in world.snapshot.outbox if not ANSWERED.search(one.text)]
    for dispatch in automatic:
        heard = [one for one in world.story.heard if _tells_of(world, dispatch.reference, one)]
        keys = {one.key or str(number) for number, one in enumerate(heard)}
        if not keys and dispatch.state in GONE_OUT:
            yield Violation("I6", f"{dispatch.reference}: the acknowledgement reached nobody")
        if len(keys) > 1 and not dispatch.possible_repeat:
            yield Violation("I15", f"{dispatch.reference} was acknowledged {len(keys)} times")
    for reference, count in Counter(one.reference for one in automatic).items():
        if count > 1:
            yield Violation("I15", f"{reference} has {count} acknowledgements")


def _tells_of(world: _World, reference: str, heard: Heard) -> bool:
    """Is this an acknowledgement of the inquiry? Where others read along it has no number."""
    if ANSWERED.search(heard.text):
        return False
    if REFERENCE.search(heard.text):
        return reference in heard.text
    topics = {topic for topic, references in world.homes.items() if reference in references}
    return any(heard.place in world.backs[topic] for topic in topics)


def _left(world: _World) -> Iterator[Violation]:
    """I5, I6, I14: nothing is left in hand."""
    snapshot = world.snapshot
    for arrival in snapshot.arrivals:
        if arrival.state in ("waiting", "understood"):
            yield Violation("I14", f"arrival {arrival.id} is still {arrival.state}")
    for dispatch in snapshot.outbox:
        if not dispatch.at_rest or dispatch.state in UNDONE:
            yield Violation("I6", f"dispatch {dispatch.id} is still {dispatch.state}")
    for fetch in snapshot.fetches:
        if fetch.state != "here":
            yield Violation("I5", f"a file is still {fetch.state}")
    if snapshot.uncomposed:
        yield Violation("I14", f"{snapshot.uncomposed} answers are not composed")


def _pages(world: _World) -> Iterator[Violation]:
    """I10: a customer's page shows all that is theirs, once, and nothing of anybody else."""
    gone = {one.edits for one in world.story.said if one.nonce in world.story.accepted}
    for page in world.story.shown:
        counted = Counter(_nonces(page.texts))
        for nonce in counted:
            if world.topic_of.get(nonce) not in page.topics:
                told = f"{page.page} of {page.topics[0]} shows {nonce}"
                yield Violation("I10", f"{told} of {world.topic_of.get(nonce, 'nobody')}")
        theirs = [
            nonce
            for nonce in (*world.story.accepted, *world.story.given)
            if world.topic_of.get(nonce) in page.topics and nonce not in gone
        ]
        for nonce in theirs:
            if counted[nonce] != 1:
                told = f"{page.page} of {page.topics[0]} shows {nonce}"
                yield Violation("I10", f"{told} {counted[nonce]} times")
        yield from _in_order(world, page)


def _in_order(world: _World, page: Shown) -> Iterator[Violation]:
    if not page.in_order:
        return
    said = [one.nonce for one in world.story.said]
    for sequence in (said, list(world.story.given)):
        places = {nonce: number for number, nonce in enumerate(sequence)}
        numbers = [places[nonce] for nonce in _nonces(page.texts) if nonce in places]
        if numbers != sorted(numbers):
            yield Violation("I7", f"{page.page} of {page.topics[0]} is in another order")


def _nonces(texts: Iterable[str]) -> list[str]:
    """Return what each message on a page is about: its own word, not what it quotes."""
    found = ((ANSWERED.findall(text) + SAID.findall(text)) for text in texts)
    return [nonce for nonces in found for nonce in nonces]


def _told(one: Said) -> str:
    return f"{one.nonce} of {one.topic} by {one.channel}"

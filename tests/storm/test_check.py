"""Would the judge notice? Each kind of trouble is planted in a good end, and has to be found."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness.ledger import digest
from tests.harness.snapshot import KeptArrival, KeptDispatch, KeptFetch, Snapshot
from tests.storm.book import Book, Heard, Said, Shown, Story, Written, read
from tests.storm.check import violations

ASKED, CHANGED, ADDED = (f"nonce{digit * 24}" for digit in "abc")
OTHERS = f"nonce{'d' * 24}"
FIRST, SECOND = (f"reply{digit * 24}" for digit in "12")
ELSE = f"reply{'3' * 24}"
MARI, JAN = "mari/1", "jan/1"
HERS, HIS = "telegram:501", "mail:jan@kunde.example"
FILE = "cafe"


def said(nonce: str, topic: str = MARI, back: str = HERS, **more: str) -> Said:
    raw = digest(nonce.encode()) if topic == MARI else ""
    return Said(
        **{"channel": "telegram", "sha256": raw, **more}, nonce=nonce, topic=topic, back=back
    )


def kept(
    id_: int, nonce: str, reference: str | None = "NL-2026-00001", **more: object
) -> KeptArrival:
    values: dict[str, object] = {"raw": nonce.encode(), "messages": 1, "text": f"Hei {nonce}"}
    values |= {"channel": "telegram", "state": "done", "reference": reference, **more}
    return KeptArrival(id=id_, **values)  # type: ignore[arg-type]


def sent(id_: int, text: str, reference: str = "NL-2026-00001", **more: object) -> KeptDispatch:
    values: dict[str, object] = {"channel": "telegram", "state": "sent", "recipient": "501", **more}
    return KeptDispatch(id=id_, reference=reference, text=text, **values)  # type: ignore[arg-type]


SAID = (said(ASKED), said(CHANGED, edits=ASKED), said(ADDED, file=FILE), said(OTHERS, JAN, HIS))
STORY = Story(
    said=SAID,
    accepted=frozenset({ASKED, CHANGED, ADDED, OTHERS}),
    written=(
        Written(nonce=FIRST, topic=MARI),
        Written(nonce=SECOND, topic=MARI),
        Written(nonce=ELSE, topic=JAN),
    ),
    given=(FIRST, ELSE, SECOND),
    heard=(
        Heard(place=HERS, text="received: NL-2026-00001"),
        Heard(place=HERS, text=f"one {FIRST}"),
        Heard(place=HERS, text=f"two {SECOND}"),
        Heard(place=HIS, text=f"three {ELSE}"),
    ),
    shown=(
        Shown(
            topics=(MARI,),
            page="the chat",
            texts=(CHANGED, ADDED, FIRST, SECOND),
            in_order=True,
        ),
    ),
)
CHANGE = kept(2, CHANGED, messages=0, reference=None, text="")
ARRIVALS = (
    kept(1, ASKED, text=f"Hei {CHANGED}"),
    CHANGE,
    kept(3, ADDED, files=(FILE,)),
    kept(4, OTHERS, "NL-2026-00002"),
)
OUTBOX = (
    sent(1, "received: NL-2026-00001"),
    sent(2, f"one {FIRST}"),
    sent(3, f"two {SECOND}"),
    sent(4, f"three {ELSE}", "NL-2026-00002", recipient="jan@kunde.example"),
)
GOOD = Snapshot(arrivals=ARRIVALS, outbox=OUTBOX, fetches=(KeptFetch(state="here"),), cursors={})


def arrivals(*changed: KeptArrival, without: int = 0) -> Snapshot:
    by_id = {one.id: one for one in (*ARRIVALS, *changed)}
    return replace(GOOD, arrivals=tuple(one for id_, one in by_id.items() if id_ != without))


def outbox(*changed: KeptDispatch, without: int = 0) -> Snapshot:
    by_id = {one.id: one for one in (*OUTBOX, *changed)}
    return replace(GOOD, outbox=tuple(one for id_, one in by_id.items() if id_ != without))


def heard(*more: Heard, without: str = "nothing") -> Story:
    left = tuple(one for one in STORY.heard if without not in one.text)
    return replace(STORY, heard=(*left, *more))


def shows(*texts: str) -> Story:
    return replace(STORY, shown=(replace(STORY.shown[0], texts=texts),))


def found(story: Story = STORY, snapshot: Snapshot = GOOD) -> list[str]:
    return [f"{one.invariant} {one.what}" for one in violations(story, snapshot)]


def test_a_good_end_has_no_violations() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("snapshot", "sentence"),
    [
        pytest.param(arrivals(without=4), "I1 accepted and lost", id="lost"),
        pytest.param(arrivals(kept(9, ADDED, files=(FILE,))), "I4 here 2 times", id="doubled"),
        pytest.param(
            arrivals(kept(9, ADDED, "NL-2026-00003", files=(FILE,))),
            "I9 mari/1 is in 2 inquiries",
            id="a follow-up that opened an inquiry",
        ),
        pytest.param(
            arrivals(kept(4, OTHERS)),
            "I9 NL-2026-00001 holds jan/1, mari/1",
            id="in somebody else's inquiry",
        ),
        pytest.param(
            arrivals(kept(3, ADDED, files=(FILE,), raw=f"{ADDED} ".encode())),
            "I1 not the bytes that came",
            id="one byte more",
        ),
        pytest.param(
            arrivals(kept(3, ADDED, files=(FILE,), state="quarantined", reason="why not")),
            "I1 not in the inquiry (why not)",
            id="in quarantine",
        ),
        pytest.param(
            arrivals(kept(3, ADDED, files=(FILE,), messages=0, asides=1)),
            "I1 not in the inquiry (kept aside)",
            id="beside the inquiry",
        ),
        pytest.param(
            arrivals(kept(3, ADDED, files=(FILE,), messages=0)),
            "I1 0 times in inquiries",
            id="nowhere",
        ),
        pytest.param(
            arrivals(replace(CHANGE, messages=1)), "I1 2 times in inquiries", id="its edit, too"
        ),
        pytest.param(
            arrivals(kept(1, ASKED)), "I7 the message still reads as before", id="not edited"
        ),
        pytest.param(
            arrivals(kept(1, ASKED, text="Hei")), "I7 the message does not read", id="emptied"
        ),
        pytest.param(arrivals(kept(3, ADDED)), "I1 0 files, not the one sent", id="no file"),
        pytest.param(
            arrivals(kept(3, ADDED, files=(FILE, FILE))), "I1 2 files, not the one", id="two files"
        ),
        pytest.param(
            arrivals(kept(9, f"nonce{'e' * 24}")), "I4 nobody has said nonceeee", id="a stranger"
        ),
        pytest.param(arrivals(kept(3, ADDED, files=(FILE,), state="waiting")), "I14", id="left"),
        pytest.param(outbox(without=3), "I6 0 dispatches of reply222", id="an answer is lost"),
        pytest.param(
            outbox(sent(9, f"two {SECOND}")), "I6 2 dispatches of reply222", id="written twice"
        ),
        pytest.param(
            outbox(sent(3, f"two {SECOND}", "NL-2026-00002")),
            f"I6 {SECOND} for mari/1 is in NL-2026-00002",
            id="an answer in another inquiry",
        ),
        *(
            pytest.param(outbox(sent(3, f"two {SECOND}", state=state)), f"still {state}", id=state)
            for state in ("waiting", "sending", "doubtful", "dead", "held", "cancelled")
        ),
        pytest.param(
            outbox(sent(9, "received: NL-2026-00001")),
            "I15 NL-2026-00001 has 2 acknowledgements",
            id="acknowledged by two dispatches",
        ),
        pytest.param(
            replace(GOOD, fetches=(KeptFetch(state="failed"),)), "a file is still failed", id="file"
        ),
        pytest.param(replace(GOOD, uncomposed=2), "2 answers are not composed", id="uncomposed"),
    ],
)
def test_what_is_wrong_in_the_tables_is_found(snapshot: Snapshot, sentence: str) -> None:
    assert any(sentence in one for one in found(snapshot=snapshot)), found(snapshot=snapshot)


AGAIN = Heard(place=HERS, text=f"one {FIRST}")
BY_MAIL = Heard(place=HIS, text=f"three {ELSE}")


@pytest.mark.parametrize(
    ("story", "sentence"),
    [
        pytest.param(heard(without=SECOND), "is sent and reached nobody", id="not delivered"),
        pytest.param(heard(AGAIN), f"I6 {FIRST} came 2 times, not marked", id="twice"),
        pytest.param(
            heard(Heard(place=HIS, text=f"one {FIRST}")),
            f"I8 mari/1 was told to {HIS}",
            id="an answer to somebody else",
        ),
        pytest.param(
            heard(Heard(place=HERS, text="about NL-2026-00002")),
            f"I8 jan/1 was told to {HERS}",
            id="a reference to somebody else",
        ),
        pytest.param(
            heard(Heard(place=HIS, text=f"you wrote {ASKED}")),
            f"I8 mari/1 was told to {HIS}",
            id="a customer's words to somebody else",
        ),
        pytest.param(
            heard(Heard(place=HERS, text="about NL-2026-00009")),
            "I8 what nobody knows was told",
            id="an inquiry of nobody's",
        ),
        pytest.param(
            heard(Heard(place=HERS, text=f"one {FIRST}"), without=FIRST),
            "I7 answers of mari/1 came in another order",
            id="in another order",
        ),
        pytest.param(
            heard(Heard(place=HERS, text="received: NL-2026-00001")),
            "I15 NL-2026-00001 was acknowledged 2 times",
            id="acknowledged twice",
        ),
        pytest.param(
            heard(without="received"), "the acknowledgement reached nobody", id="no receipt"
        ),
        pytest.param(shows(CHANGED, ADDED, FIRST), f"shows {SECOND} 0 times", id="not shown"),
        pytest.param(
            shows(CHANGED, ADDED, FIRST, SECOND, SECOND),
            f"shows {SECOND} 2 times",
            id="shown twice",
        ),
        pytest.param(
            shows(CHANGED, ADDED, FIRST, SECOND, OTHERS),
            f"I10 the chat of mari/1 shows {OTHERS} of jan/1",
            id="somebody else's words",
        ),
        pytest.param(
            shows(CHANGED, ADDED, SECOND, FIRST), "I7 the chat of mari/1 is in another", id="turned"
        ),
        pytest.param(
            shows(ADDED, CHANGED, FIRST, SECOND), "I7 the chat of mari/1 is in another", id="mine"
        ),
    ],
)
def test_what_is_wrong_outside_is_found(story: Story, sentence: str) -> None:
    assert any(sentence in one for one in found(story)), found(story)


@pytest.mark.parametrize(
    ("more", "marked", "fine"),
    [
        pytest.param([AGAIN], True, True, id="a chat has no place for a mark: the table has"),
        pytest.param([BY_MAIL], True, False, id="a mail says so"),
        pytest.param([replace(BY_MAIL, marked=True)], True, True, id="and then it may"),
        pytest.param([replace(BY_MAIL, marked=True)], False, False, id="but not by itself"),
    ],
)
def test_a_repeat_may_come_if_it_is_marked(more: Sequence[Heard], marked: bool, fine: bool) -> None:
    marks = replace(GOOD, outbox=tuple(replace(one, possible_repeat=marked) for one in GOOD.outbox))
    assert (found(heard(*more), marks) == []) is fine


def test_a_repeat_that_its_receiver_drops_is_none() -> None:
    keyed = Heard(place=HERS, text=f"one {FIRST}", key="deskbridge-2")
    story = heard(keyed, keyed, Heard(place=HERS, text=f"two {SECOND}"), without="reply")
    story = replace(story, heard=(*story.heard, BY_MAIL))
    assert found(story) == []


def test_an_acknowledgement_without_a_number_is_one_where_it_was_asked() -> None:
    bare = Heard(place=HERS, text="we have your message")
    assert found(heard(bare, without="received")) == []
    twice = found(heard(bare, bare, without="received"))
    assert twice == ["I15 NL-2026-00001 was acknowledged 2 times"]


def test_an_edit_that_was_faster_stands_for_its_message() -> None:
    was = kept(1, ASKED, messages=0, reference=None, text="")
    now = kept(2, CHANGED)
    assert found(snapshot=arrivals(was, now)) == []


def test_what_tells_of_an_edit_may_name_what_was_before() -> None:
    change = replace(CHANGE, raw=f"{ASKED} is now {CHANGED}".encode())
    story = replace(STORY, said=(SAID[0], replace(SAID[1], sha256=""), *SAID[2:]))
    assert found(story, arrivals(change)) == []


def test_what_was_never_accepted_may_be_missing_or_here_once() -> None:
    story = replace(STORY, accepted=STORY.accepted - {OTHERS})
    assert not any("lost" in one for one in found(story, arrivals(without=4)))
    twice = arrivals(kept(9, OTHERS, "NL-2026-00002"))
    assert any("I4 here 2 times" in one for one in found(story, twice))


def test_a_book_outlives_its_writer(tmp_path: Path) -> None:
    book = Book(tmp_path / "book")
    for one in STORY.said:
        book.says(one)
    for nonce in sorted(STORY.accepted):
        book.accepts(nonce)
    for written in STORY.written:
        book.writes(written)
    for nonce in STORY.given:
        book.gives(nonce)
    for each in STORY.heard:
        book.hears(each)
    for page in STORY.shown:
        book.shows(page)
    book.close()
    with book.path.open("a") as file:
        file.write('{"accepts": "torn')
    assert read(book.path) == book.story() == STORY
    assert book.has_heard(FIRST)
    assert not book.has_heard(ASKED)

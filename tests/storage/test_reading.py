"""Is an inquiry shown whole, in order, and nothing of another one?"""

from datetime import timedelta

import pytest

from inquiry.errors import NotFound
from inquiry.journey import MAIL, InquiryId, MessageId, Reference
from inquiry.understood import Attachment, Party
from inquiry.words import ArrivalState, OutboxState, Priority, Purpose, State
from specialists import acts
from storage import arrivals, originals
from storage.arrivals import Claimed
from storage.database import Database, Transaction
from storage.history import Event
from storage.inquiries import reading
from storage.inquiries.query import parse
from storage.inquiries.shown import Load, Shown, ShownAside, ShownMessage, ShownNote
from tests.inquiries import (
    FIRST_LINE,
    INVOICES,
    KASIA,
    MINUTE,
    NOW,
    OLA,
    SUPPORT,
    Inquiries,
    Opened,
    a_message,
)


async def shown(db: Database, opened: Opened) -> Shown:
    """Return what its page would show."""
    return await db.read(lambda tx: reading.shown(tx, opened.reference))


async def test_a_timeline_tells_everything_in_order(database: Database) -> None:
    inquiries = Inquiries(database)
    opened = await inquiries.opened()
    later = NOW + MINUTE
    await acts.note(database, inquiry=opened.id, specialist=OLA, text="same as before", now=later)
    await acts.assign(database, inquiry=opened.id, specialist=OLA, to=KASIA, now=later + MINUTE)
    await acts.answer(
        database, inquiry=opened.id, specialist=KASIA, text="Turn it off.", now=later + 2 * MINUTE
    )
    stranger = a_message(sender=Party("x@else.example"), text="me too", message_id="<9@x>")
    await inquiries.kept_aside(opened, stranger, now=later + 3 * MINUTE)
    it = await shown(database, opened)
    told = [entry for entry in it.timeline if not isinstance(entry, Event)]
    assert [type(entry) for entry in told] == [ShownMessage, ShownNote, ShownMessage, ShownAside]
    kinds = [entry.kind for entry in it.timeline if isinstance(entry, Event)]
    assert kinds == ["state", "assigned"]
    assert [entry.at for entry in it.timeline] == sorted(entry.at for entry in it.timeline)
    assert it.event == max(event.id for event in await inquiries.events(opened))


async def test_what_was_filled_in_is_told_when_it_is_new(database: Database) -> None:
    inquiries = Inquiries(database)
    opened = await inquiries.opened(a_message(form={"page": "/a", "email": "jan@kunde.example"}))
    said = (
        a_message(message_id="<1@x>", form={"page": "/a", "email": "jan@kunde.example"}),
        a_message(message_id="<2@x>", text='it says "form": {"page": "/x"}'),
        a_message(message_id="<3@x>", form={"page": "/b", "email": "jan@kunde.example"}),
        a_message(message_id="<4@x>", form={"page": "/b"}, sender=Party("ewa@kunde.example")),
    )
    for message in said:
        await inquiries.followed_up(opened, message)
    it = await shown(database, opened)
    filled = [entry.filled for entry in it.timeline if isinstance(entry, ShownMessage)]
    first = {"page": "/a", "email": "jan@kunde.example"}
    assert filled == [first, {}, {}, {"page": "/b"}, {"page": "/b"}]


async def test_a_message_says_who_wrote_it_and_how_far_an_answer_has_come(
    database: Database,
) -> None:
    opened = await Inquiries(database).opened(a_message(quoted_text="> before", signature="Jan"))
    undo = timedelta(seconds=10)
    answer = await acts.answer(
        database, inquiry=opened.id, specialist=KASIA, text="Off, on.", undo=undo, now=NOW + MINUTE
    )
    asked, answered = (await shown(database, opened)).messages
    assert (asked.incoming, asked.who, asked.address) == (True, "Jan Kowalski", "jan@kunde.example")
    assert (asked.new_text, asked.quoted_text, asked.signature) == ("nie działa", "> before", "Jan")
    assert (answered.specialist, answered.purpose) == ("kasia", Purpose.ANSWER)
    assert answered.sending
    assert (answered.sending.state, answered.sending.answer) == (OutboxState.WAITING, answer)
    assert answered.sending.due_at == NOW + MINUTE + undo
    await acts.undo(database, answer=answer, specialist=KASIA, now=NOW + MINUTE)
    (_, taken_back) = (await shown(database, opened)).messages
    assert taken_back.sending
    assert taken_back.sending.state is OutboxState.CANCELLED


async def test_the_customer_comes_with_their_other_inquiries(database: Database) -> None:
    inquiries = Inquiries(database)
    first, second = await inquiries.opened(), await inquiries.opened()
    await inquiries.opened(a_message(sender=Party("x@else.example"), message_id="<9@x>"))
    it = await shown(database, second)
    assert [other.reference for other in it.others] == [first.reference]
    assert [point.address for point in it.contact_points] == ["jan@kunde.example"]
    assert [person.id for person in it.people] == [second.contact_point]
    assert (it.state, it.priority, it.customer_name) == (State.NEW, Priority.NORMAL, "Jan Kowalski")
    assert await database.read(lambda tx: reading.reference_of(tx, second.id)) == second.reference


async def test_what_is_not_there_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound, match=r"^there is no inquiry NL-1$"):
        await database.read(lambda tx: reading.shown(tx, Reference("NL-1")))
    with pytest.raises(NotFound, match=r"^there is no inquiry with the number 7$"):
        await database.read(lambda tx: reading.reference_of(tx, InquiryId(7)))


async def test_a_list_shows_the_latest_words_of_the_customer(database: Database) -> None:
    inquiries = Inquiries(database)
    opened = await inquiries.opened()
    more = a_message(new_text="teraz\n miga\tna czerwono", message_id="<5@kunde.example>")
    await inquiries.followed_up(opened, more, now=NOW + MINUTE)
    await acts.answer(database, inquiry=opened.id, specialist=OLA, text="ok", now=NOW + 2 * MINUTE)
    (line,) = await database.read(lambda tx: reading.listed(tx, parse(""), None))
    assert line.first_words == "teraz miga na czerwono"
    assert (line.customer, line.queue, line.assignee) == ("Jan Kowalski", "first-line", "ola")
    assert (line.unanswered, line.files, line.state) == (0, False, State.WAITING_FOR_CUSTOMER)


async def test_the_load_is_counted_by_queue_and_person(database: Database) -> None:
    inquiries = Inquiries(database)
    await inquiries.opened(assign_to=KASIA)
    await inquiries.opened(now=NOW + MINUTE)
    done = await inquiries.opened(queue=INVOICES)
    await acts.resolve(database, inquiry=done.id, specialist=OLA, now=NOW)
    load = await database.read(reading.load)
    assert sorted(load, key=lambda one: one.assignee) == [
        Load(FIRST_LINE, "", 1, 1, NOW + MINUTE),
        Load(FIRST_LINE, KASIA, 1, 1, NOW),
    ]
    assert await database.read(reading.trouble) == {"quarantined": 0}


async def test_files_originals_and_html_open_only_with_their_inquiry(database: Database) -> None:
    inquiries = Inquiries(database)
    mine = await inquiries.opened(a_message(html="<p>nie działa</p>"))
    other = await inquiries.opened(a_message(message_id="<8@kunde.example>"))
    message = (await shown(database, mine)).messages[0].id
    await database.write(lambda tx: _attach(tx, mine, message))
    (file,) = (await shown(database, mine)).messages[0].files
    assert (file.filename, file.size, file.blocked) == ("zdjęcie.jpg", 5, False)

    async def look(tx: Transaction) -> None:
        kept = await reading.file(tx, mine.reference, file.id)
        assert kept
        assert await originals.read(tx, kept.hash) == b"12345"
        assert await reading.file(tx, other.reference, file.id) is None
        original = await reading.original(tx, mine.reference, message)
        assert original
        assert original[0] == mine.arrival
        assert await reading.original(tx, other.reference, message) is None
        assert await reading.html(tx, mine.reference, message) == ("<p>nie działa</p>", "pl")
        assert await reading.html(tx, other.reference, message) is None

    await database.read(look)


async def _attach(tx: Transaction, opened: Opened, message: MessageId) -> None:
    attachment = Attachment(
        filename="zdjęcie.jpg",
        content_type="image/jpeg",
        size=5,
        sha256="",
        content=b"12345",
    )
    await arrivals.add_attachment(tx, opened.arrival, attachment)
    await tx.run("opening.adopt_attachments", arrival=opened.arrival, message=message, blocked=0)


async def test_what_waits_for_a_person_is_counted(database: Database) -> None:
    inquiries = Inquiries(database)
    await inquiries.arrived(a_message(), SUPPORT, MAIL)

    async def put_aside(tx: Transaction) -> None:
        claimed: list[Claimed] = await arrivals.claim(
            tx, ArrivalState.UNDERSTOOD, limit=1, lease=MINUTE
        )
        assert await arrivals.quarantine(tx, claimed[0], "a loop", now=NOW)

    await database.write(put_aside)
    assert await database.read(reading.trouble) == {"quarantined": 1}

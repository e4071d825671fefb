"""What specialists do on the pages: each form becomes one act, and leads back to its page."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_request import FileField
from multidict import MultiDictProxy

from inquiry.errors import Conflict, TemporaryFailure
from inquiry.journey import AnswerId, ContactPointId, File, InquiryId, QueueName, SpecialistName
from inquiry.untrusted import Object, string
from inquiry.words import Priority, State
from specialists.acts import answering, asides, handover, marks, notes, progress
from specialists.acts.words import NoWords
from storage import fetches
from storage.history import Event
from storage.inquiries import reading
from storage.inquiries.shown import Entry, Shown, ShownAside, ShownMessage, ShownNote
from web.access import VIEWER
from web.desk import Desk
from web.files import number_in
from web.inquiry import reference_in, shown
from web.pages import desk_of

log = logging.getLogger(__name__)
T = TypeVar("T", State, Priority)
Form = MultiDictProxy[str | bytes | bytearray | FileField]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """Who does something, with which inquiry, and what the form says."""

    desk: Desk
    it: Shown
    viewer: SpecialistName
    form: Form
    request: web.Request

    @property
    def inquiry(self) -> InquiryId:
        return self.it.id

    def word(self, name: str) -> str:
        """Return a field of the form. Raises HTTPBadRequest where it is missing."""
        value = self.form.get(name)
        if not isinstance(value, str):
            raise web.HTTPBadRequest
        return value.replace("\r\n", "\n")


Act = Callable[[Doing], Awaitable[str]]
"""Does it, and returns the place on the inquiry's page to come back to."""


def act(work: Act) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Make a page of an act."""

    async def handle(request: web.Request) -> web.StreamResponse:
        desk, reference = desk_of(request), reference_in(request)
        found = await desk.db.read(lambda tx: reading.shown(tx, reference))
        doing = Doing(
            desk=desk,
            it=found,
            viewer=request[VIEWER],
            form=await posted(request),
            request=request,
        )
        try:
            place = await work(doing)
        except Conflict as conflict:
            return await _stopped(doing, conflict)
        except NoWords:
            place = "#composer"
        raise web.HTTPSeeOther(f"/inquiry/{reference}{place}")

    return handle


async def answer(doing: Doing) -> str:
    """Answer the customer; whatever has happened meanwhile stops it."""
    chosen = doing.form.get("to")
    await answering.answer(
        doing.desk.db,
        inquiry=doing.inquiry,
        specialist=doing.viewer,
        text=doing.word("text"),
        then=_one_of(State, doing.word("then")),
        seen_event=number_of(doing.word("seen_event")),
        undo=doing.desk.undo_time,
        undo_by=doing.desk.undo_times,
        contact_point=ContactPointId(number_of(chosen)) if isinstance(chosen, str) else None,
        files=files_in(doing.form),
        now=doing.desk.now(),
    )
    doing.desk.answers_bell()
    return "#composer"


async def undo(doing: Doing) -> str:
    """Take an answer back; the page shows its text again, to be written anew."""
    number = AnswerId(number_in(doing.request))
    await answering.undo(
        doing.desk.db, answer=number, specialist=doing.viewer, now=doing.desk.now()
    )
    return f"?again={number}#composer"


async def fetch(doing: Doing) -> str:
    """Have a file fetched once more that could not be fetched."""
    number = number_in(doing.request)
    await doing.desk.db.write(lambda tx: fetches.retry(tx, doing.it.reference, number))
    return ""


async def note(doing: Doing) -> str:
    """Write a note."""
    number = await notes.note(
        doing.desk.db,
        inquiry=doing.inquiry,
        specialist=doing.viewer,
        text=doing.word("text"),
        now=doing.desk.now(),
    )
    return f"#note-{number}"


async def state(doing: Doing) -> str:
    """Set the state."""
    await progress.set_state(
        doing.desk.db,
        inquiry=doing.inquiry,
        specialist=doing.viewer,
        to=_one_of(State, doing.word("state")),
        now=doing.desk.now(),
    )
    return ""


async def assignee(doing: Doing) -> str:
    """Make somebody responsible, or nobody."""
    to = SpecialistName(doing.word("assignee"))
    if to and to not in doing.desk.people:
        raise web.HTTPBadRequest
    await handover.assign(
        doing.desk.db,
        inquiry=doing.inquiry,
        specialist=doing.viewer,
        to=to or None,
        now=doing.desk.now(),
    )
    return ""


async def queue(doing: Doing) -> str:
    """Hand it over to another queue."""
    to = QueueName(doing.word("queue"))
    if to not in doing.desk.queues:
        raise web.HTTPBadRequest
    await handover.move(
        doing.desk.db,
        inquiry=doing.inquiry,
        specialist=doing.viewer,
        queue=to,
        now=doing.desk.now(),
    )
    return ""


async def priority(doing: Doing) -> str:
    """Say how pressing it is."""
    await marks.prioritise(
        doing.desk.db,
        inquiry=doing.inquiry,
        specialist=doing.viewer,
        priority=_one_of(Priority, doing.word("priority")),
        now=doing.desk.now(),
    )
    return ""


async def tags(doing: Doing) -> str:
    """Set the labels."""
    await marks.tag(
        doing.desk.db,
        inquiry=doing.inquiry,
        specialist=doing.viewer,
        tags=doing.word("tags").replace(",", " ").split(),
        now=doing.desk.now(),
    )
    return ""


async def aside(doing: Doing) -> str:
    """Decide about a message that is kept beside the inquiry."""
    number = number_in(doing.request)
    if number not in {one.id for one in doing.it.timeline if isinstance(one, ShownAside)}:
        raise web.HTTPNotFound
    who, now = doing.viewer, doing.desk.now()
    if doing.word("act") == "confirm":
        await asides.confirm(doing.desk.db, aside=number, specialist=who, contact="mail", now=now)
    else:
        await asides.refuse(doing.desk.db, aside=number, specialist=who, now=now)
    return f"#aside-{number}"


async def posted(request: web.Request) -> Form:
    """Return the form that a request carries.

    Raises:
        HTTPBadRequest: nobody can read it; aiohttp has a different exception for each way.
        TemporaryFailure: there is no room to put its files down.
    """
    try:
        return await request.post()
    except (HttpProcessingError, LookupError, RuntimeError, ValueError, ConnectionError) as broken:
        log.info("a form that can't be read: %s", type(broken).__name__)
        raise web.HTTPBadRequest from None
    except OSError as failure:
        raise TemporaryFailure(f"no room for an upload: {failure.strerror}") from failure


def text_in(form: Object, name: str) -> str:
    """Return a field of a form, its lines ended as ours are; "" where it is missing."""
    return string(form, name).replace("\r\n", "\n")


def files_in(form: Form) -> tuple[File, ...]:
    """Return the files of a form; a browser sends an empty one where none was chosen."""
    return tuple(
        File(
            filename=field.filename,
            content_type=field.content_type,
            content=field.file.read(),
        )
        for field in form.getall("files", ())
        if isinstance(field, FileField) and field.filename
    )


async def _stopped(doing: Doing, conflict: Conflict) -> web.Response:
    """Say what is in the way; a text that was to be sent is kept on the page."""
    reference = reference_in(doing.request)
    it = await doing.desk.db.read(lambda tx: reading.shown(tx, reference))
    news = conflict.events if isinstance(conflict, answering.Overtaken) else ()
    return await shown(
        doing.request,
        "stopped.html",
        status=409,
        why="" if news else str(conflict),
        news=[entry for entry in it.timeline if is_news(entry, news)],
        text=string(doing.form, "text"),
        to=doing.form.get("to", ""),
        then=doing.form.get("then", State.WAITING_FOR_CUSTOMER.value),
    )


def is_news(entry: Entry, news: Sequence[Event]) -> bool:
    """Is this what one of these events tells of?"""
    if isinstance(entry, ShownMessage):
        return any(event.message == entry.id for event in news)
    if isinstance(entry, ShownNote):
        return any(event.note == entry.id for event in news)
    return entry in news


def number_of(text: str) -> int:
    """Read a number that a form names. Raises HTTPBadRequest if it is none that we could have."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise web.HTTPBadRequest
    return int(text)


def _one_of(words: type[T], word: str) -> T:
    try:
        return words(word)
    except ValueError:
        raise web.HTTPBadRequest from None

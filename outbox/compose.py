"""An answer becomes a dispatch: its words, its form, its way. Pure."""

from dataclasses import dataclass, replace

from inquiry.journey import ChannelName, Dispatch, DispatchId
from inquiry.tokens import message_id, reply_token
from inquiry.words import Purpose
from outbox.desk import Desk
from outbox.fallback import Carried, carried, read_by_others
from outbox.lines import answer_subject, one_line
from outbox.route import Outlet, outlet
from outbox.silence import is_stranger, reason_for_silence
from outbox.wording import TemplateFault, Variables, Worded
from storage import portal, undoing
from storage.answers import Waiting

NOT_YET = DispatchId(0)
BY_LINK = "by-link"
"""The template of what stands in place of files that the channel can't carry."""
LONGEST_NAME = 100
LONGEST_SUBJECT = 250
REFERENCES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A dispatch that may be frozen."""

    dispatch: Dispatch
    carried: Carried
    """Its files, and where else it may go."""
    link_key: str = ""
    """Of the status link in its text; "" if there is none."""


@dataclass(frozen=True, slots=True)
class Unsaid:
    """An answer that is not given, and why."""

    reason: str


def compose(answer: Waiting, desk: Desk, link_key: str) -> Composed | Unsaid:
    """Give an answer its form, or say why it is not to be given."""
    automatic = answer.purpose is not Purpose.ANSWER
    if (answer.instead or "undo" in answer.about) and read_by_others(answer):
        answer = replace(answer, conversation="")  # to the person alone
    if automatic and (reason := reason_for_silence(answer, desk.own_addresses)):
        return Unsaid(reason)
    way = outlet(desk.outlets, answer.contact, _wanted(answer, desk))
    goes = carried(answer, way, desk.outlets)
    link = portal.address(desk.url, desk.key_ring, link_key)
    try:
        worded = _worded(answer, desk, goes, link, chat=way is not None and not way.subject)
    except TemplateFault as fault:
        return Unsaid(f"template {answer.template or BY_LINK!r}: {fault}")
    if way is None and automatic:
        return Unsaid(goes.refused)
    return Composed(
        dispatch=_dispatch(answer, desk, worded, way, link),
        carried=goes,
        link_key=link_key if (answer.template or goes.by_link) and link in worded.text else "",
    )


def _wanted(answer: Waiting, desk: Desk) -> tuple[ChannelName | None, ...]:
    """What the queue sends from, else the customer's last way in, else the first one."""
    return desk.queues_send_from.get(answer.queue), answer.channel, answer.inquiry_channel


def _worded(answer: Waiting, desk: Desk, goes: Carried, link: str, *, chat: bool) -> Worded:
    variables = _variables(answer, desk, goes, link)
    worded = Worded(text=answer.text, language=answer.language)
    if answer.template:
        language = answer.about.get("language") or answer.language
        worded = desk.templates.word(answer.template, language, variables, chat=chat)
    if goes.by_link:
        told = desk.templates.word(BY_LINK, worded.language, variables, chat=chat)
        worded = replace(worded, text=f"{worded.text}\n\n{told.text}")
    return worded


def _variables(answer: Waiting, desk: Desk, goes: Carried, link: str) -> Variables:
    stranger = is_stranger(answer)
    return Variables(
        reference=answer.reference,
        status_link=link,
        subject="" if stranger else one_line(answer.subject, LONGEST_SUBJECT),
        customer_name="" if stranger else one_line(answer.customer_name, LONGEST_NAME),
        desk_name=desk.name,
        specialist_name=_specialist_name(answer, desk),
        code=answer.about.get("code", ""),
        address=answer.about.get("address", ""),
        files=", ".join(file.filename for file in goes.by_link),
        sort=answer.about.get("sort", ""),
        undo_link=undoing.address(desk.url, desk.key_ring, answer.about["undo"])
        if "undo" in answer.about
        else "",
    )


def _dispatch(
    answer: Waiting, desk: Desk, worded: Worded, way: Outlet | None, link: str
) -> Dispatch:
    channel = way.name if way else answer.channel
    theirs = [uttered.message_id for uttered in answer.thread if not uttered.ours]
    with_ids = way is not None and way.subject
    same_place = channel == answer.inquiry_channel
    return Dispatch(
        id=NOT_YET,
        channel=channel,
        recipient=answer.address,
        recipient_name="" if is_stranger(answer) else one_line(answer.customer_name, LONGEST_NAME),
        conversation=answer.conversation if same_place else "",
        thread=answer.in_thread if same_place and answer.conversation else "",
        purpose=answer.purpose,
        reference=answer.reference,
        subject=_subject(answer, desk, worded) if with_ids else "",
        text=worded.text,
        link=link if link in worded.text else "",
        language=worded.language,
        message_id=_message_id(answer, desk, way) if way and with_ids else "",
        in_reply_to=theirs[-1] if theirs and with_ids else "",
        references=_references(answer) if with_ids else (),
        from_name=one_line(_from_name(answer, desk), LONGEST_NAME),
        reply_to=_reply_to(answer, desk, way) if way else "",
        not_before=answer.send_at,
    )


def _subject(answer: Waiting, desk: Desk, worded: Worded) -> str:
    if worded.subject:
        line = one_line(worded.subject, LONGEST_SUBJECT)
        return line if answer.reference in line else f"{line} [{answer.reference}]"
    if answer.template and is_stranger(answer):
        return one_line(f"{desk.name} [{answer.reference}]", LONGEST_SUBJECT)
    return answer_subject(answer.subject, answer.reference)


def _references(answer: Waiting) -> tuple[str, ...]:
    """The thread from its beginning to the customer's last message, which comes last."""
    ids = list(dict.fromkeys(uttered.message_id for uttered in answer.thread))
    theirs = [uttered.message_id for uttered in answer.thread if not uttered.ours]
    if theirs:
        ids = ids[: ids.index(theirs[-1]) + 1]
    return tuple(ids if len(ids) <= REFERENCES else [ids[0], *ids[1 - REFERENCES :]])


def _message_id(answer: Waiting, desk: Desk, way: Outlet) -> str:
    return message_id(desk.key_ring, answer.inquiry, answer.nonce, way.host)


def _reply_to(answer: Waiting, desk: Desk, way: Outlet) -> str:
    if not way.plus_address or not way.address:
        return ""
    local, _, host = way.address.rpartition("@")
    return f"{local}+{reply_token(desk.key_ring, answer.inquiry, answer.nonce)}@{host}"


def _specialist_name(answer: Waiting, desk: Desk) -> str:
    if answer.specialist is None:
        return desk.name
    return desk.specialists.get(answer.specialist, answer.specialist)


def _from_name(answer: Waiting, desk: Desk) -> str:
    if answer.specialist is None:
        return desk.name
    return f"{_specialist_name(answer, desk)}, {desk.name}"

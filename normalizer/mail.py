"""A mail: its bytes to a message, or to a report about one of ours."""

from dataclasses import replace
from html import escape

from inquiry.journey import Envelope
from inquiry.understood import Known, Message, Party, Report, Understood
from inquiry.words import Automated
from normalizer.addresses import read_addresses
from normalizer.automatic import automated, is_loop
from normalizer.bodies import Body, Contents, contents
from normalizer.bounces import Bounce, bounce_in, feedback_in
from normalizer.dates import sent_at
from normalizer.headers import Headers
from normalizer.html_clean import clean_html
from normalizer.html_text import Line, html_lines
from normalizer.identity import sender_of, vouched
from normalizer.language import languages_of
from normalizer.mime import Tree, parse
from normalizer.separate import plain_lines, separate
from normalizer.threads import message_ids, own_id, thread_keys

_BEYOND = "original.eml"


def understand_mail(raw: bytes, envelope: Envelope, known: Known) -> Understood:
    """Make a message of a mail."""
    if b"\n" not in raw[: 64 * 1024]:
        raw = raw.replace(b"\r", b"\n")  # line ends of old Macs
    tree = parse(raw)
    message = _message(tree, contents(tree), envelope, known)
    sender = message.sender.address if message.sender else ""
    if why := is_loop(tree.top.headers, sender, message.message_id, known):
        return replace(message, automated=Automated.LOOP, automated_because=why)
    if (complaint := feedback_in(tree)) is not None:
        return _report(message, Bounce(Automated.FEEDBACK, complaint, "message/feedback-report"))
    if bounce := bounce_in(tree, envelope, sender, message.subject, message.text):
        return _report(message, bounce)
    kind, because = automated(tree.top.headers, envelope, message.subject, message.new_text, known)
    if kind is Automated.BOUNCE:
        return _report(message, Bounce(kind, (), because))
    return replace(message, automated=kind, automated_because=because)


def _report(message: Message, bounce: Bounce) -> Report:
    return Report(
        kind=bounce.kind,
        recipients=bounce.recipients,
        envelope_id=bounce.envelope_id,
        original_message_id=bounce.original_message_id,
        message=replace(message, automated=bounce.kind, automated_because=bounce.because),
    )


def _message(tree: Tree, found: Contents, envelope: Envelope, known: Known) -> Message:
    headers = tree.top.headers
    sender = sender_of(headers)
    lines, cut = _lines(found.bodies)
    text = "\n".join(line.text for line in lines).strip()
    parts = separate(lines, known.sent_texts)
    language, guess = languages_of(parts.new_text or text, known, subject=headers.text("subject"))
    references = message_ids(headers.text("references"))
    in_reply_to = message_ids(headers.text("in-reply-to"))
    return Message(
        sender=sender.party,
        trust=vouched(sender, headers, envelope, known),
        reply_to=next(iter(_parties(headers, "reply-to")), None),
        to=_parties(headers, "to"),
        cc=_parties(headers, "cc"),
        subject=headers.text("subject"),
        text=text,
        new_text=parts.new_text,
        quoted_text=parts.quoted_text,
        signature=parts.signature,
        html=_html(found.bodies),
        language=language,
        language_guess=guess,
        sent_at=sent_at(headers.text("date")),
        message_id=own_id(headers.text("message-id")),
        in_reply_to=next(iter(in_reply_to), ""),
        references=tuple(references),
        thread_keys=thread_keys(_recipients(headers, envelope), references, in_reply_to),
        mailing_list=any(
            headers.raw(name) for name in ("list-id", "list-post", "list-unsubscribe")
        ),
        headers=headers.decoded(),
        attachments=tuple(found.attachments),
        too_complex=tree.over_limit or found.cut or cut,
    )


def _parties(headers: Headers, name: str) -> tuple[Party, ...]:
    return tuple(
        box.party
        for field in headers.fields.get(name, ())[:20]
        for box in read_addresses(field, headers.charset)
        if box.party.address
    )


def _recipients(headers: Headers, envelope: Envelope) -> list[str]:
    """Return every address it was sent to: the envelope's first, for it can't be dressed up."""
    delivered = [*headers.texts("delivered-to"), *headers.texts("x-original-to")]
    named = [party.address for name in ("to", "cc") for party in _parties(headers, name)]
    return [*envelope.rcpt_to, *delivered, *named]


def _lines(bodies: list[Body]) -> tuple[list[Line], str]:
    """Return the readable lines: of the plain text, else of the HTML."""
    lines: list[Line] = []
    cut = ""
    for body in bodies:
        if lines:
            lines.append(Line(""))
        if body.plain.strip():
            lines += plain_lines(body.plain)
        elif body.html:
            made, too_much = html_lines(body.html)
            lines += made
            cut = "more HTML than can be read" if too_much else cut
    return lines, cut


def _html(bodies: list[Body]) -> str:
    """Return all of it as sanitised HTML, if any of it was HTML."""
    if not any(body.html for body in bodies):
        return ""
    return "\n".join(
        clean_html(body.html) if body.html else f"<pre>{escape(body.plain)}</pre>"
        for body in bodies
    )

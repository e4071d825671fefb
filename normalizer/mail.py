"""A mail: its bytes to a message, or to a report about one of ours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from inquiry.journey import Envelope
from inquiry.understood import Known, Message, Party, Report, Understood
from inquiry.words import Automated, Trust
from normalizer.addresses import read_addresses
from normalizer.authentication import Result, own_results, summary, trusted_results
from normalizer.automatic import automated, is_list, is_loop
from normalizer.bodies import Body, Contents, contents
from normalizer.bounces import Bounce, bounce_in, feedback_in, receipt_in
from normalizer.dates import sent_at
from normalizer.forwarded import attached_original, forwarded_attached, forwarded_inline
from normalizer.headers import Headers
from normalizer.html.clean import clean_html
from normalizer.html.page import Line
from normalizer.html.text import html_lines
from normalizer.identity import Sender, sender_of, vouched
from normalizer.language import languages_of
from normalizer.limits import HTML_BYTES
from normalizer.mime import Tree, parse
from normalizer.separate import Separated, plain_lines, separate
from normalizer.threads import message_ids, own_id, thread_keys


def understand_mail(raw: bytes, envelope: Envelope, known: Known) -> Understood:
    """Make a message of a mail, or a report of a report."""
    if b"\n" not in raw[: 64 * 1024]:
        raw = raw.replace(b"\r", b"\n")  # line ends of old Macs
    tree = parse(raw)
    words = _words(tree, known)
    verdict = _judge(tree, words, envelope, known)
    message = _message(tree, words, verdict, envelope, known)
    if isinstance(verdict, Judged):
        return _original(tree, message, known) or message
    return Report(
        kind=verdict.kind,
        recipients=verdict.recipients,
        envelope_id=verdict.envelope_id,
        original_message_id=verdict.original_message_id,
        message=message,
    )


def _original(tree: Tree, message: Message, known: Known) -> Message | None:
    """Return what the mail only carries: a specialist forwarded it."""
    by_hand = message.automated is Automated.NONE and message.trust is not Trust.UNVERIFIED
    if not known.sender_is_specialist or not by_hand:
        return None
    if (attached := attached_original(tree, message)) is None:
        return forwarded_inline(message, known)
    inner = understand_mail(attached, Envelope(), Known(languages=known.languages))
    return forwarded_attached(message, inner, known) if isinstance(inner, Message) else None


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a program wrote a message that is no report."""

    kind: Automated
    because: str


@dataclass(frozen=True, slots=True)
class _Words:
    """What is read first, for the rest depends on it."""

    sender: Sender
    subject: str
    message_id: str
    contents: Contents
    text: str
    parts: Separated
    cut: str


def _words(tree: Tree, known: Known) -> _Words:
    headers, found = tree.top.headers, contents(tree)
    lines, cut = _lines(found.bodies)
    return _Words(
        sender=sender_of(headers),
        subject=headers.text("subject"),
        message_id=own_id(headers.text("message-id")),
        contents=found,
        text="\n".join(line.text for line in lines).strip(),
        parts=separate(lines, known.sent_texts),
        cut=tree.over_limit or found.cut or cut,
    )


def _judge(tree: Tree, words: _Words, envelope: Envelope, known: Known) -> Judged | Bounce:
    """Say what kind of mail it is: the surest signs first."""
    headers = tree.top.headers
    sender = words.sender.party.address if words.sender.party else ""
    if why := is_loop(headers, sender, words.message_id, known):
        return Judged(Automated.LOOP, why)
    if (complaint := feedback_in(tree)) is not None:
        return Bounce(Automated.FEEDBACK, complaint, "message/feedback-report")
    if receipt := receipt_in(tree):
        return Judged(Automated.AUTO_REPLY, receipt)
    if bounce := bounce_in(tree, envelope, sender, words.subject, words.text):
        return bounce
    kind, because = automated(headers, envelope, words.subject, words.parts.new_text, known)
    return Bounce(kind, (), because) if kind is Automated.BOUNCE else Judged(kind, because)


def _message(
    tree: Tree, words: _Words, verdict: Judged | Bounce, envelope: Envelope, known: Known
) -> Message:
    headers, parts = tree.top.headers, words.parts
    language, guess = languages_of(parts.new_text or words.text, known, subject=words.subject)
    references = message_ids(headers.text("references"))
    in_reply_to = message_ids(headers.text("in-reply-to"))
    to, cc = _parties(headers, "to"), _parties(headers, "cc")
    checked, found = _checked(headers, known)
    return Message(
        sender=words.sender.party,
        trust=vouched(words.sender, checked, envelope),
        authentication=found,
        reply_to=next(iter(_parties(headers, "reply-to")), None),
        to=to,
        cc=cc,
        subject=words.subject,
        text=words.text,
        new_text=parts.new_text,
        quoted_text=parts.quoted_text,
        signature=parts.signature,
        html=_html(words.contents.bodies),
        language=language,
        language_guess=guess,
        sent_at=sent_at(headers.text("date")),
        message_id=words.message_id,
        in_reply_to=next(iter(in_reply_to), ""),
        references=tuple(references),
        thread_keys=thread_keys(
            _recipients(headers, envelope, (*to, *cc)), references, in_reply_to
        ),
        automated=verdict.kind,
        automated_because=verdict.because,
        mailing_list=is_list(headers, known),
        headers=headers.decoded(),
        attachments=tuple(words.contents.attachments),
        too_complex=words.cut,
    )


def _checked(headers: Headers, known: Known) -> tuple[Sequence[Result], Mapping[str, str]]:
    """Return what hosts that we trust say; where they are silent, what we found out ourselves."""
    said = trusted_results(headers, known.trusted_hosts)
    if said or not known.own_results:
        return said, summary(said)
    return own_results(known.own_results), {**known.own_results, "by": "deskbridge"}


def _parties(headers: Headers, name: str) -> tuple[Party, ...]:
    return tuple(
        box.party
        for field in headers.fields.get(name, ())[:20]
        for box in read_addresses(field, headers.charset)
        if box.party.address
    )


def _recipients(headers: Headers, envelope: Envelope, named: Iterable[Party]) -> list[str]:
    """Return every address it was sent to: the envelope's first, for it can't be dressed up."""
    delivered = [*headers.texts("delivered-to"), *headers.texts("x-original-to")]
    return [*envelope.rcpt_to, *delivered, *(party.address for party in named)]


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
    """Return all of it as sanitised HTML, if any of it was HTML; "" where there is too much."""
    if not any(body.html for body in bodies):
        return ""
    if sum(len(body.plain) for body in bodies if not body.html) > HTML_BYTES // 16:
        return ""  # a quote becomes six letters, and each of them may take four bytes
    whole = "\n".join(
        clean_html(body.html) if body.html else f"<pre>{escape(body.plain)}</pre>"
        for body in bodies
    )
    return whole if len(whole) <= HTML_BYTES else ""

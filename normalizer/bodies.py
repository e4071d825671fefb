"""Which parts of a mail are its words and which are files."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from inquiry.understood import Attachment
from normalizer.charsets import clean, decode
from normalizer.encoded_words import decode_header
from normalizer.enriched import enriched_text
from normalizer.flowed import unflow
from normalizer.headers import read_headers
from normalizer.html.text import html_text
from normalizer.limits import HTML_BYTES, PARTS, TEXT_CHARACTERS
from normalizer.mime import Part, Tree
from normalizer.names import file_name
from normalizer.parameters import Parametrised, read_parametrised
from normalizer.tnef import TYPES, unpack
from normalizer.transfer import undo, uu_files

_EXTENSIONS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "application/pdf": "pdf",
    "text/plain": "txt", "text/html": "html", "text/calendar": "ics", "message/rfc822": "eml",
    "message/delivery-status": "txt", "text/rfc822-headers": "txt", "text/csv": "csv",
    "application/zip": "zip", "text/x-vcard": "vcf", "text/vcard": "vcf",
}  # fmt: skip
_READABLE = HTML_BYTES
"""Bytes of a text part that are looked at."""
_HTML_CHARACTERS = HTML_BYTES // 2
_FROM = re.compile("^>From ", re.MULTILINE)
"""How mailbox files keep such a line from being the next mail's."""
_ENRICHED = ("text/enriched", "text/richtext")
_LONGEST_ID = 1_000
_POINTER = 200
"""Characters of ``Please use a program that can show HTML`` at most."""
_META = re.compile(
    rb"<meta[^>]{0,200}charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE
)
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
_REPORTS = (
    "message/delivery-status",
    "message/feedback-report",
    "message/disposition-notification",
)


@dataclass(frozen=True, slots=True)
class Body:
    """One stretch of the words of a mail: as text, as HTML, or as both."""

    plain: str = ""
    html: str = ""


@dataclass(frozen=True, slots=True)
class _Texts:
    """The forms in which one stretch of words came."""

    plains: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    enriched: list[str] = field(default_factory=list)
    """The words again, if there is a plain text."""


@dataclass(slots=True)
class Contents:
    """What a mail holds."""

    bodies: list[Body] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    cut: str = ""
    wrapped: Body | None = None
    """The words in a ``winmail.dat``."""


def contents(tree: Tree) -> Contents:
    """Read all parts: words in order, then files."""
    found = Contents()
    groups: dict[int, _Texts] = {}
    room = {False: TEXT_CHARACTERS, True: _HTML_CHARACTERS}
    for index, part in enumerate(tree.parts):
        if part.multipart:
            continue
        if not _is_words(part):
            if part.start < part.end or part.content.value != "text/plain":
                found.attachments.append(_attachment(tree, part, len(found.attachments) + 1))
                _unwrap(found, found.attachments[-1])
            continue
        is_html = part.content.value == "text/html"
        text, room[is_html] = _within(room[is_html], tree, part, found)
        texts = groups.setdefault(_group(tree, index), _Texts())
        if part.content.value in _ENRICHED:
            texts.enriched.append(text)
        else:
            (texts.htmls if is_html else texts.plains).append(
                text if is_html else _without_uu(text, found)
            )
    for texts in groups.values():
        plains = "\n\n".join(filter(str.strip, texts.plains or texts.enriched))
        found.bodies += _bodies(plains, "\n".join(texts.htmls))
    if found.wrapped and not any(body.plain.strip() or body.html for body in found.bodies):
        found.bodies.append(found.wrapped)
    return found


def _within(room: int, tree: Tree, part: Part, found: Contents) -> tuple[str, int]:
    """Return the text of a part, as much as there is room for, and the room that it leaves."""
    text = part_text(tree, part) if room else ""
    if part.end - part.start > _READABLE or len(text) > room or not room:
        found.cut = f"more than {TEXT_CHARACTERS} characters of text"
    return text[:room], max(0, room - len(text))


def _unwrap(found: Contents, wrapping: Attachment) -> None:
    """Put what ``winmail.dat`` holds beside it."""
    named = wrapping.filename.lower() == "winmail.dat"
    if not named and wrapping.content_type not in TYPES:
        return
    if (unpacked := unpack(wrapping.content)) is None:
        return
    for packed in unpacked.files[: max(0, PARTS - len(found.attachments))]:
        name = packed.name or f"attachment-{len(found.attachments) + 1}.bin"
        kind = packed.content_type if _TYPE.fullmatch(packed.content_type) else ""
        made = _file(name, packed.content)
        content_id = clean(packed.content_id).strip("<> ")[:200]
        found.attachments.append(
            replace(
                made,
                content_type=kind or made.content_type,
                content_id=content_id,
                inline=bool(content_id),
            )
        )
    html = "" if len(unpacked.html) > TEXT_CHARACTERS else clean(unpacked.html)
    found.wrapped = found.wrapped or Body(clean(unpacked.text[:TEXT_CHARACTERS]), html)
    if unpacked.cut or (unpacked.files and len(found.attachments) >= PARTS):
        found.cut = found.cut or "a winmail.dat that can be read only in part"


def _bodies(plain: str, html: str) -> list[Body]:
    """Put text and HTML together; where the text only points to the HTML, both are words."""
    pointer = html and len(plain) < _POINTER and "html" in plain.lower()
    if pointer and "html" not in html_text(html).lower():
        return [Body(plain), Body(html=html)]
    return [Body(plain, html)]


def _group(tree: Tree, index: int) -> int:
    """Return the alternative a part belongs to, or the part itself."""
    above = tree.parts[index].parent
    while above >= 0:
        if tree.parts[above].content.value == "multipart/alternative":
            return above
        above = tree.parts[above].parent
    return index


def _is_words(part: Part) -> bool:
    if part.content.value not in ("text/plain", "text/html", "text", "plain/text", *_ENRICHED):
        return False
    disposition = read_parametrised(part.headers.raw("content-disposition"))
    if disposition.value == "attachment":
        return False
    named = disposition.get("filename") or part.content.get("name")
    return not named or (part.parent < 0 and disposition.value != "inline")


def part_bytes(tree: Tree, part: Part) -> bytes:
    """Return a part's body, decoded from its transfer encoding."""
    encoding = part.headers.raw("content-transfer-encoding").decode("ascii", "replace")
    encoding = encoding.partition(";")[0].strip().strip("\"'").lower()
    return undo(tree.raw[part.start : part.end], encoding)


def part_text(tree: Tree, part: Part) -> str:
    """Return a text part's text, with line feeds."""
    data = part_bytes(tree, part)
    charset = part.content.get("charset")
    if part.content.value == "text/html" and not charset and (meta := _META.search(data[:4096])):
        charset = meta[1].decode("ascii")
    text = clean(decode(data[: _READABLE + 4], charset)[:_HTML_CHARACTERS])
    if tree.raw.startswith(b"From "):
        text = _FROM.sub("From ", text)
    if part.content.value in _ENRICHED:
        text = enriched_text(text, rich=part.content.value == "text/richtext")
    elif part.content.get("format").lower() == "flowed":
        text = unflow(text, delsp=part.content.get("delsp").lower() == "yes")
    return text


def _without_uu(text: str, found: Contents) -> str:
    """Take uuencoded files out of plain text, as many as anybody would send."""
    if "\nbegin" not in f"\n{text}":
        return text
    data = text.encode("utf-8", "replace")
    kept, at = [], 0
    for start, end, name, content in uu_files(data):
        if len(found.attachments) >= PARTS:
            found.cut = f"more than {PARTS} files"
            break
        kept.append(data[at:start])
        found.attachments.append(_file(name.decode("utf-8", "replace"), content))
        at = end
    return b"".join((*kept, data[at:])).decode("utf-8", "replace") if at else text


def _file(name: str, content: bytes) -> Attachment:
    return Attachment(
        filename=file_name(name),
        content_type="application/octet-stream",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def _attachment(tree: Tree, part: Part, number: int) -> Attachment:
    content = part_bytes(tree, part)
    disposition = read_parametrised(part.headers.raw("content-disposition"))
    content_id = decode_header(part.headers.raw("content-id")[:_LONGEST_ID]).strip("<> ")
    return Attachment(
        filename=_name(tree, part, disposition, number),
        content_type=part.content.value or "application/octet-stream",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        inline=disposition.value == "inline"
        or bool(content_id and disposition.value != "attachment"),
        content_id=content_id,
        content=content,
    )


def _name(tree: Tree, part: Part, disposition: Parametrised, number: int) -> str:
    """Return the name a file was given, or one that fits its type."""
    names = (
        disposition.get("filename"),
        part.content.get("name"),
        part.content.get("filename"),
        _subject_of(tree, part),
    )
    cleaned = [name for name in map(file_name, names) if name]
    given = next((name for name in cleaned if "?" not in name), next(iter(cleaned), ""))
    return given or f"attachment-{number}.{_EXTENSIONS.get(part.content.value, 'bin')}"


def _subject_of(tree: Tree, part: Part) -> str:
    """Name an attached mail after its subject."""
    if part.content.value != "message/rfc822":
        return ""
    headers, _ = read_headers(tree.raw, part.start, part.end)
    subject = headers.text("subject").strip()
    return f"{subject[:150]}.eml" if subject else ""


def reports(tree: Tree) -> Iterator[tuple[str, bytes]]:
    """Yield the machine-readable parts of a report: their type and bytes."""
    for part in tree.parts:
        if part.content.value in _REPORTS:
            yield part.content.value, part_bytes(tree, part)

"""New words, quotes and signature apart; every line goes to exactly one of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, auto
from itertools import groupby

from normalizer.html.page import Line, Mark
from normalizer.introductions import introductions, quoted
from normalizer.limits import LINE_CHARACTERS, LINES, SPLIT_LINES
from normalizer.quoted_headers import unmarked_quote, with_labels_above
from normalizer.sent import said_by_us, written_inside
from normalizer.signatures import signatures_in

_INITIALS = re.compile(r"[A-Z][A-Za-z]{0,11}>(?: |$)")

_SHOWN = 20
"""Lines of a quote that is shown."""
_NAME_WORDS = 3
_MAIL = re.compile(r"@|(?<![\d.])\d{1,2}[:.]\d{2}(?![\d.])")
"""What the header of an older mail has, and a list of somebody's own has not."""
_LETTER = re.compile(r"\w", re.UNICODE)
_WRAPPED = 60
"""Characters of a quoted line that a mail program may have broken in two."""


class _Kind(IntEnum):
    NEW = auto()
    BLANK = auto()
    QUOTE = auto()
    INTRODUCTION = auto()
    SIGNATURE = auto()


_OF_MARK = {Mark.QUOTE: _Kind.QUOTE, Mark.SIGNATURE: _Kind.SIGNATURE}


@dataclass(frozen=True, slots=True)
class Separated:
    """Together, these are the whole text."""

    new_text: str
    signature: str
    quoted_text: str


def plain_lines(text: str) -> list[Line]:
    """Return the lines of a plain text, about which nothing is known."""
    return [Line(line) for line in text.split("\n", LINES)]


def separate(lines: Sequence[Line], sent_texts: Sequence[str] = ()) -> Separated:
    """Tell the sender's new words from what they quote and what stands under all their mails.

    1. lines marked as quotes, by ``>``, by the markup, or because we wrote them
    2. introductions of quotes; from an unmarked older mail on, everything
    3. what is left is new, but for the signatures in it
    4. quotes that the new words stand between are kept among them: they are half of the answer
    """
    texts = [line.text for line in lines]
    looked_at = [text[:LINE_CHARACTERS] for text in texts[:SPLIT_LINES]]
    kinds = _kinds(lines, looked_at, sent_texts)
    kinds += [_Kind.NEW if text.strip() else _Kind.BLANK for text in texts[SPLIT_LINES:]]
    _find_signatures(kinds, looked_at)
    if max(kinds, default=_Kind.NEW) <= _Kind.BLANK:  # all of it is new, as in most first mails
        return Separated("\n".join(texts).strip(), "", "")
    _take_rules(kinds, texts)
    _join_blanks(kinds)
    kept = _quotes_to_keep(kinds)
    new, signature, quotes = list[str](), list[str](), list[str]()
    place = {_Kind.NEW: new, _Kind.BLANK: new, _Kind.SIGNATURE: signature}
    for at, (text, kind) in enumerate(zip(texts, kinds, strict=True)):
        (new if at in kept else place.get(kind, quotes)).append(text)
    return Separated(*("\n".join(each).strip() for each in (new, signature, quotes)))


def _kinds(lines: Sequence[Line], texts: Sequence[str], sent_texts: Sequence[str]) -> list[_Kind]:
    """Say of each line what it is, signatures in plain text aside."""
    kinds = [_kind(line.mark, text) for line, text in zip(lines, texts, strict=False)]
    ours = said_by_us(texts, sent_texts) if sent_texts else set()
    for at in ours:
        kinds[at] = _Kind.QUOTE
    for at in _wrapped(kinds, texts):
        kinds[at] = _Kind.QUOTE
    end = unmarked_quote(texts)
    for first, last in introductions(texts):
        if end is not None and first >= end:
            break
        top = with_labels_above(texts, first)
        kinds[top : last + 1] = [_Kind.INTRODUCTION] * (last + 1 - top)
        follows = _first_filled(texts, last + 1)
        if follows is None or kinds[follows] is not _Kind.NEW:
            continue
        if not _barred(texts, kinds, follows):
            end = last + 1
            break
    if end is not None:
        kinds[end:] = [_Kind.QUOTE] * (len(kinds) - end)
    _keep_announced(kinds, texts, end)
    if ours:
        _find_answers_inside(kinds, texts, written_inside(texts, sent_texts), ours, end)
    return kinds


def _keep_announced(kinds: list[_Kind], texts: Sequence[str], end: int | None) -> None:
    """Mark as new what somebody shows rather than answers: ``I get this error:`` and a quote."""
    at = 0
    for is_quote, run in groupby(kinds[:], lambda kind: kind is _Kind.QUOTE):
        length = len(list(run))
        above = next((i for i in range(at - 1, max(-1, at - 3), -1) if texts[i].strip()), None)
        if is_quote and above is not None and kinds[above] is _Kind.NEW and _shows(texts[above]):
            older = end is not None and at >= end and _MAIL.search("\n".join(texts[at : at + 8]))
            if length <= _SHOWN and not older:
                kinds[at : at + length] = [_Kind.NEW] * length
        at += length


def _shows(line: str) -> bool:
    """Does a sentence end here that what follows belongs to? A name, a date, an address don't."""
    text = line.strip()
    words = text.split() if text.endswith(":") and "@" not in text else []
    return len(words) > _NAME_WORDS and not any(map(str.isdigit, text))


def _find_answers_inside(
    kinds: list[_Kind], texts: Sequence[str], inside: set[int], ours: set[int], end: int | None
) -> None:
    """Mark as new what was written inside of our own words, in the mail quoted first.

    ``end``: from where on everything is an older mail, without marks.
    """
    if end is not None and inside:
        first = min((at for at in ours if at >= end), default=end)
        older = unmarked_quote(texts[first:])
        inside = {at for at in inside if end < at and (older is None or at < first + older)}
        if inside:
            kinds[end:first] = [_Kind.INTRODUCTION] * (first - end)
    for at in inside:
        kinds[at] = _Kind.NEW


def _kind(mark: Mark, text: str) -> _Kind:
    if mark:
        return _OF_MARK[mark]
    if ">" not in text:
        return _Kind.NEW if text.strip() else _Kind.BLANK
    return _Kind.QUOTE if quoted(text) or _INITIALS.match(text) else _Kind.NEW


def _wrapped(kinds: Sequence[_Kind], texts: Sequence[str]) -> list[int]:
    """Find the ends of long quoted lines that were wrapped without their mark."""
    return [
        at
        for at in range(1, len(texts) - 1)
        if kinds[at] is _Kind.NEW
        and kinds[at - 1] is kinds[at + 1] is _Kind.QUOTE
        and len(texts[at - 1]) >= _WRAPPED
        and texts[at][:1].islower()
    ]


def _first_filled(texts: Sequence[str], at: int) -> int | None:
    return next((i for i in range(at, len(texts)) if texts[i].strip()), None)


def _barred(texts: Sequence[str], kinds: list[_Kind], at: int) -> bool:
    """Is the quote marked by bars (``| text``)? Then mark its lines."""
    if not texts[at].lstrip().startswith("|"):
        return False
    while at < len(texts) and (texts[at].lstrip().startswith("|") or not texts[at].strip()):
        kinds[at] = _Kind.QUOTE if texts[at].strip() else _Kind.BLANK
        at += 1
    return True


def _find_signatures(kinds: list[_Kind], texts: Sequence[str]) -> None:
    """Mark the signature of every stretch of new words."""
    at = 0
    for is_new, run in groupby(kinds[: len(texts)], lambda kind: kind in (_Kind.NEW, _Kind.BLANK)):
        length = len(list(run))
        if is_new:
            for first, end in signatures_in(texts[at : at + length]):
                kinds[at + first : at + end] = [
                    _Kind.BLANK if not text.strip() else _Kind.SIGNATURE
                    for text in texts[at + first : at + end]
                ]
        at += length


def _take_rules(kinds: list[_Kind], texts: Sequence[str]) -> None:
    """Let rules at the very end, with nothing below them, go with the quote above."""
    at = len(kinds)
    while at and kinds[at - 1] in (_Kind.NEW, _Kind.BLANK) and not _LETTER.search(texts[at - 1]):
        at -= 1
    if at and kinds[at - 1] is _Kind.QUOTE:
        kinds[at:] = [_Kind.QUOTE] * (len(kinds) - at)


def _join_blanks(kinds: list[_Kind]) -> None:
    """Let blank lines go with what stands above them."""
    for at in range(1, len(kinds)):
        if kinds[at] is _Kind.BLANK and kinds[at - 1] is not _Kind.NEW:
            kinds[at] = kinds[at - 1]


def _quotes_to_keep(kinds: Sequence[_Kind]) -> set[int]:
    """Return the quotes that new words stand between.

    One quote above all new words is no part of them; neither is what follows the last of them.
    """
    new = [at for at, kind in enumerate(kinds) if kind is _Kind.NEW]
    if not new:
        return set()
    if _Kind.QUOTE not in kinds:
        return set()
    inside = [
        at for at, kind in enumerate(kinds[: new[-1]]) if kind is _Kind.QUOTE and at < new[-1]
    ]
    if not any(at > new[0] for at in inside):
        return set()
    return set(inside)

"""``On Monday, Ola wrote:`` in all its forms: the lines that introduce a quote."""

import re
from collections.abc import Sequence

from inquiry.folding import fold
from normalizer.phrases import phrases

_LINES = 6
_LENGTH = 450
_WHEN = re.compile(  # all begin with a digit: then it is looked for where one is, and only there
    r"\d(?:\d?(?:[:.h]\d{2}|[./-]\d{1,2}[./-]\d{2,4})|(?:(?<=\b1)9|(?<=\b2)0)\d{2}\b|月)"
)
_ADDRESS = re.compile(r"[<\[(]\s{0,3}(?:mailto:)?[^<>\s@]{1,100}@[^<>\s@]{1,150}")
_DATE_FIRST = re.compile(r"\d{4}[/-]\d{1,2}[/-]\d{1,2}\b.{0,200}<[^<>@\s]{1,100}@[^<>@\s]{1,150}>$")
_INLINE = re.compile(r"(\s{0,9}\S[^\n]{10,300}?[\w>)] ?[:：])[ \t]{2,9}\S")
"""An introduction with the quote behind it on the same line."""
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
"""Marks that say which way letters run."""
_CLOSED = ".!?,;"
_ENDS = (":", "：", "> :")
_BROKEN_OFF = re.compile(r">{1,2}\s{0,3}(?:\S{1,20}\s{0,3}){0,2}[:：]")
_FIRST_PERSON = frozenset(
    (
        "i",
        "ja",
        "jeg",
        "jag",
        "ich",
        "je",
        "yo",
        "io",
        "ik",
        "ma",
        "mina",
        "mä",
        "eu",
        "я",
        "мы",
        "vi",
        "we",
        "wir",
    )
)


def quoted(line: str) -> bool:
    """Is this line marked as a quote?"""
    return ">" in line and line.lstrip(" \t").startswith(">")


def introductions(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return the first and the last line of every introduction outside quotes."""
    found: list[tuple[int, int]] = []
    lines = [line if line.isascii() else _DIRECTIONS.sub("", line) for line in lines]
    for last, line in enumerate(lines):
        text = line.rstrip(" \t*_\xa0")
        if "@" not in line and (not text or text[-1] in _CLOSED):
            continue
        if quoted(line) and not _closes_address(lines, last):
            continue
        if "@" in line and _with_quote_behind(line):
            found.append((last, last))
        if not text or not _may_end(text):
            continue
        first = _first(lines, last, after=found[-1][1] if found else -1)
        if first is not None:
            found.append((first, last))
    return found


def _closes_address(lines: Sequence[str], at: int) -> bool:
    """Is this ``>:``, the end of an address that was wrapped, and no quote?"""
    if not at or not _BROKEN_OFF.fullmatch(lines[at].strip()):
        return False
    before = "".join(lines[max(0, at - 4) : at])
    return before.count("<") > before.count(">")


def _may_end(text: str) -> bool:
    if text[-1] in _CLOSED:
        return False
    return text.endswith((":", "：", ">")) or fold(text[-25:]).endswith(phrases().wrote_words)


def _first(lines: Sequence[str], last: int, *, after: int) -> int | None:
    """Find where the introduction begins that ends at ``last``, if it is one."""
    blanks = 0
    for first in range(last, max(after, last - _LINES), -1):
        if not lines[first].strip():
            blanks += 1
            if blanks > 1:
                return None
            continue
        if quoted(lines[first]) and first != last:
            return None
        whole = " ".join(line.strip() for line in lines[first : last + 1] if line.strip())
        if len(whole) > _LENGTH:
            return None
        if (_WHEN.search(whole) or _quote_follows(lines, last)) and _introduces(whole, lines, last):
            return _extended(lines, first, after)
    return None


def _introduces(whole: str, lines: Sequence[str], last: int) -> bool:
    """Say whether this text, taken as one line, introduces a quote."""
    folded = fold(whole).strip(" *_\t")
    colon = folded.endswith(_ENDS)
    address = _ADDRESS.search(whole) is not None
    when = _WHEN.search(folded) is not None
    if not colon and _DATE_FIRST.fullmatch(whole):
        return _quote_follows(lines, last)
    if _complete(folded, whole):
        return True
    verb = phrases().wrote.search(folded)
    if verb is None:
        return False
    at_end = not folded[verb.end() :].strip(" :：*_")
    if address and (colon or at_end):
        return when or _quote_follows(lines, last)
    words = whole.split()
    before = len(folded[: verb.start()].split())  # folding changes lengths, but not words
    if not when:
        somebody = _opens(folded.split()) or (at_end and _is_name(words[:before]))
        return colon and somebody and _quote_follows(lines, last)
    if colon and _is_name(words[:before]) and _is_date(folded[verb.end() :]):
        return True
    behind = words[before + len(verb[0].split()) :]
    return (colon or at_end) and _begins_with_date(folded) and _names_somebody(behind)


def _complete(folded: str, whole: str) -> bool:
    """Are there a date, an address and the colon?"""
    colon = folded.strip(" *_\t").endswith(_ENDS)
    return colon and bool(_ADDRESS.search(whole)) and bool(_WHEN.search(folded))


def _with_quote_behind(line: str) -> bool:
    """Does the quote begin on the line of its introduction, as Yahoo's app writes?"""
    found = _INLINE.match(line)
    return found is not None and _complete(fold(found[1]), found[1])


def _is_name(words: Sequence[str]) -> bool:
    if not 1 <= len(words) <= 4 or fold(words[0]) in _FIRST_PERSON:
        return False
    return all(word[0].isupper() for word in words)


def _is_date(text: str) -> bool:
    date = _WHEN.search(text)
    return date is not None and date.start() <= 15


def _begins_with_date(folded: str) -> bool:
    """Does the text open as introductions do: with a date, or a word that leads to one?"""
    digit = next((at for at, letter in enumerate(folded) if letter.isdigit()), 99)
    words = folded[:digit].split()
    return digit <= 30 and (len(words) <= 2 or _opens(words))


def _opens(words: Sequence[str]) -> bool:
    """Do introductions begin with this word, or with these two?"""
    return words[0] in phrases().opens or " ".join(words[:2]) in phrases().opens


def _names_somebody(words: Sequence[str]) -> bool:
    """Does a name stand behind the verb, or nothing, rather than the rest of a sentence?"""
    word = next((word for word in words if word.strip(":：*_")), "")
    if not word:
        return True
    return fold(word) not in _FIRST_PERSON and (not word[0].isalpha() or word[0].isupper())


def _quote_follows(lines: Sequence[str], last: int) -> bool:
    following = (line for line in lines[last + 1 : last + 4] if line.strip())
    return next(following, "").lstrip().startswith((">", "|"))


def _extended(lines: Sequence[str], first: int, after: int) -> int:
    """Take in the line above, where the introduction plainly began there."""
    above = lines[first - 1].strip() if first - 1 > after else ""
    words = fold(above[:100]).split()
    if not above or words[0] not in phrases().opens or quoted(above) or above[-1] in ".!?":
        return first
    low = lines[first].strip()[:1] in "<(" or lines[first].strip()[:1].islower()
    dated = _WHEN.search(above) is not None and _WHEN.search(lines[first]) is None
    return first - 1 if low or dated else first

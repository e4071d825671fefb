"""The ``when:`` of a rule: a table means and, a list means or, ``any all not`` nest."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal, cast

from config.asked import (
    EVERYTHING,
    CountTest,
    FileTest,
    FlagTest,
    FlagWord,
    Group,
    LaterTest,
    NamedTest,
    NamedWord,
    Test,
    When,
)
from config.later import CONDITIONS
from config.nodes import Entry, Listing, Node, Scalar, Table
from config.reader import Reader, Unreadable
from config.scalars import Word
from inquiry.words import Priority, Trust
from router.patterns import is_pattern

ALWAYS = "always"
_GROUPS = ("all", "any", "not")
_ADDRESSES = ("from", "to")
_TEXTS = ("subject", "body", "text", *_ADDRESSES)
_NAMES = (
    *("channel", "mentions", "language", "organization", "during", "outside"),
    *("category", "queue", "tags", "last_category"),
)
_FLAGS = ("auto_generated", "bounce", "mailing_list", "shouting", "known")
_CHOICES: Mapping[str, Any] = {"priority": tuple[Priority, ...], "trust": tuple[Trust, ...]}
_FILE_ENDING = re.compile(r"(?!yes|true)\.?[a-z][a-z0-9]{2,3}")
_RESULTS = Literal[
    "pass", "fail", "softfail", "neutral", "none", "policy", "temperror", "permerror"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiriesIn:
    """``inquiries_in: {days: 30, more_than: 3}``"""

    days: int = field(metadata={"least": 1, "most": 3650})
    more_than: int = field(metadata={"least": 0})


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLoad:
    """``queue_load: {queue: first-line, waiting_more_than: 25}``"""

    queue: Word
    waiting_more_than: int = field(metadata={"least": 0, "most": 100_000})


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """``urgency: {more_than: 60}``"""

    more_than: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """``authenticated: {dmarc: pass}``"""

    spf: tuple[_RESULTS, ...] = ()
    dkim: tuple[_RESULTS, ...] = ()
    dmarc: tuple[_RESULTS, ...] = ()


def read_when(reader: Reader, node: Node) -> When:
    """Read a condition. Raises Unreadable."""
    if isinstance(node, Scalar):
        if node.text == ALWAYS:
            return EVERYTHING
        raise reader.wrong(
            node, f"{node.text!r} is no condition", "write 'always' or a table such as {channel: …}"
        )
    if isinstance(node, Listing):
        raise reader.wrong(node, "a condition is a table", "write any: [ … ] or all: [ … ]")
    if not node.entries:
        raise reader.wrong(node, "an empty condition", "write 'always' if that is meant")
    parts = tuple(reader.all_of(node.entries, lambda entry: _read_entry(reader, entry)))
    return parts[0] if len(parts) == 1 else Group("all", parts)


def _read_entry(reader: Reader, entry: Entry) -> When:
    word, value = entry.key.text, entry.value
    if word in _TEXTS or word in _NAMES:
        values = _values(reader, entry)
        if word in _ADDRESSES:
            _check_addresses(reader, values)
        return Test(word, values)
    if word in _CHOICES:
        reader.read(value, _CHOICES[word])
        return Test(word, _values(reader, entry))
    if word in _FLAGS:
        return FlagTest(cast("FlagWord", word), reader.read(value, bool))
    if word in _READERS:
        return _READERS[word](reader, entry)
    if word in CONDITIONS:
        text = f"{word!r} comes in a later version: no rule matches by it"
        reader.findings.warn(entry.key.place, "not-yet", text)
        return LaterTest(word, entry.key.place)
    reader.unknown(entry, (*WORDS, *CONDITIONS), what="")
    raise Unreadable


def _values(reader: Reader, entry: Entry) -> tuple[Word, ...]:
    if entry.key.text == "mentions" and isinstance(entry.value, Table):
        hint = "give these words a name in the section 'words', and write that name here"
        raise reader.wrong(entry.value, "here belongs the name of a word list", hint)
    values: tuple[Word, ...] = reader.read(entry.value, tuple[Word, ...])
    if not values or not all(values):
        raise reader.wrong(entry.value, f"{entry.key.text!r} needs at least one value")
    return values


def _check_addresses(reader: Reader, values: tuple[Word, ...]) -> None:
    """Refuse what no address can be: a name, or several addresses in one text."""
    for value in values:
        if not is_pattern(value) and any(each.isspace() or each == "," for each in value.strip()):
            hint = "write jan@acme.example, acme.example or '*@acme.example'; several in brackets"
            raise reader.wrong(Scalar(value, value.place), f"no address is {str(value)!r}", hint)


def _group(reader: Reader, entry: Entry) -> When:
    how, value = cast("Literal['all', 'any', 'not']", entry.key.text), entry.value
    if how == "any" and isinstance(value, Table) and len(value.entries) > 1:
        first, second = (each.key.text for each in value.entries[:2])
        hint = f"write any: [{{{first}: …}}, {{{second}: …}}]"
        raise reader.wrong(value, "in one table all must hold, so 'any' needs a list", hint)
    items = value.items if isinstance(value, Listing) else (value,)
    if not items:
        raise reader.wrong(value, f"{how!r} needs at least one condition")
    return Group(how, tuple(reader.all_of(items, lambda item: read_when(reader, item))))


def _attachment(reader: Reader, entry: Entry) -> When:
    if isinstance(entry.value, Table):
        return cast("FileTest", reader.shaped(entry.value, FileTest))
    text = entry.value.text if isinstance(entry.value, Scalar) else ""
    if _FILE_ENDING.fullmatch(text):
        hint = f"write {{extension: {text.lstrip('.')}}}"
        raise reader.wrong(entry.value, f"{text!r} is not yes or no", hint)
    return FileTest(wanted=reader.read(entry.value, bool))


def _named(reader: Reader, entry: Entry) -> When:
    """Read ``form:`` and ``header:``: each name with what stands there, or yes or no."""
    word = cast("NamedWord", entry.key.text)

    def one(reader: Reader, inner: Entry) -> When:
        name = inner.key.text.lower() if word == "header" else inner.key.text
        here = Word.at(name, inner.key.place)
        plain = inner.value.text if isinstance(inner.value, Scalar) else ""
        if plain in ("yes", "no"):
            return NamedTest(word, here, (), present=plain == "yes")
        return NamedTest(word, here, _values(reader, inner))

    return _together(reader, entry, one)


def _customer(reader: Reader, entry: Entry) -> When:
    """Read ``customer: {vip: yes, organization: acme}``; which attributes there are is settled
    where the customers are.
    """

    def one(reader: Reader, inner: Entry) -> When:
        if inner.key.text in ("organization", "known", "language"):
            if inner.key.text == "language":
                hint = "ask for the message's: language: …"
                raise reader.wrong(inner.key, "a customer's language is not asked for", hint)
            return _read_entry(reader, inner)
        return NamedTest(
            "customer", Word.at(inner.key.text, inner.key.place), _values(reader, inner)
        )

    return _together(reader, entry, one)


def _authenticated(reader: Reader, entry: Entry) -> When:
    found: Results = reader.shaped(entry.value, Results)
    parts = tuple(
        NamedTest("authenticated", Word.at(method, entry.key.place), _words(results, entry))
        for method, results in (("spf", found.spf), ("dkim", found.dkim), ("dmarc", found.dmarc))
        if results
    )
    if not parts:
        raise reader.wrong(entry.value, "'authenticated' needs at least one of spf, dkim, dmarc")
    return parts[0] if len(parts) == 1 else Group("all", parts)


def _words(results: tuple[str, ...], entry: Entry) -> tuple[Word, ...]:
    return tuple(Word.at(result, entry.value.place) for result in results)


def _together(reader: Reader, entry: Entry, read: Callable[[Reader, Entry], When]) -> When:
    entries = tuple(reader.entries(entry.value, "names and what to find there"))
    if not entries:
        raise reader.wrong(entry.value, f"{entry.key.text!r} needs at least one name")
    parts = tuple(reader.all_of(entries, lambda inner: read(reader, inner)))
    return parts[0] if len(parts) == 1 else Group("all", parts)


def _inquiries_in(reader: Reader, entry: Entry) -> When:
    found: InquiriesIn = reader.shaped(entry.value, InquiriesIn)
    within = timedelta(days=found.days)
    return CountTest(word="inquiries_in", more_than=found.more_than, within=within)


def _queue_load(reader: Reader, entry: Entry) -> When:
    found: QueueLoad = reader.shaped(entry.value, QueueLoad)
    return CountTest(word="queue_load", more_than=found.waiting_more_than, queue=found.queue)


def _repeated_within(reader: Reader, entry: Entry) -> When:
    return CountTest(word="repeated_within", within=reader.read(entry.value, timedelta))


def _open_inquiry(reader: Reader, entry: Entry) -> When:
    return _yes_or_no(CountTest(word="open_inquiry"), so=reader.read(entry.value, bool))


def _reopened(reader: Reader, entry: Entry) -> When:
    """Read yes, no, or how often at least."""
    test = CountTest(word="reopened")
    if isinstance(entry.value, Scalar) and entry.value.text.isdigit():
        times = reader.read(entry.value, int, {"least": 1})
        return replace(test, more_than=times - 1)
    return _yes_or_no(test, so=reader.read(entry.value, bool))


def _urgency(reader: Reader, entry: Entry) -> When:
    if isinstance(entry.value, Table):
        points: Points = reader.shaped(entry.value, Points)
        return CountTest(word="urgency", more_than=points.more_than)
    if isinstance(entry.value, Scalar) and (number := re.search(r"[0-9]+", entry.value.text)):
        hint = f"write {{more_than: {number[0]}}}"
        raise reader.wrong(entry.value, f"{entry.value.text!r} is no level of urgency", hint)
    reader.read(entry.value, tuple[Priority, ...])
    return Test("urgency", _values(reader, entry))


def _yes_or_no(test: CountTest, *, so: bool) -> When:
    return test if so else Group("not", (test,))


_READERS: Mapping[str, Callable[[Reader, Entry], When]] = {
    **dict.fromkeys(_GROUPS, _group),
    "attachment": _attachment,
    "form": _named,
    "header": _named,
    "customer": _customer,
    "authenticated": _authenticated,
    "inquiries_in": _inquiries_in,
    "queue_load": _queue_load,
    "repeated_within": _repeated_within,
    "open_inquiry": _open_inquiry,
    "reopened": _reopened,
    "urgency": _urgency,
}
WORDS = (*_TEXTS, *_NAMES, *_CHOICES, *_FLAGS, *_READERS)
"""Every word of ``when``."""

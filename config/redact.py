"""Secrets that stand in a file, left out of all that is printed or kept."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import yaml

from config.interpolate import is_reference

HIDDEN = "•••"
_QUOTED = r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*\'"""
_VALUE = rf"""\s*:[ ]+)                     # password:
        (?!["']?\$\{{)                      # ${{file:…}} is none itself
        (?P<value>{_QUOTED}|"""
_SECRET = re.compile(
    rf"""(?P<key>\b\w*(?:password|token|secret)["']?{_VALUE}[^\s,}}#{{\[][^,}}#\n]*)""",
    re.VERBOSE | re.IGNORECASE,
)
_ANYTHING_LIKE_IT = re.compile(
    rf"""(?P<key>\b\w*(?:pas+w(?:or)?d|pwd|token|secret)["']?{_VALUE}
        \[[^\]\n]*\]? | \{{[^}}\n]*\}}? | [^\s,}}#{{\[][^,}}#\n]*)""",
    re.VERBOSE | re.IGNORECASE,
)
_ALONE = re.compile(
    rf"""(?P<key>^[\s-]*\w*(?:pas+w(?:or)?d|pwd|token|secret){_VALUE}[^"'\s{{\[].*)$""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
"""A key with a line of its own: all that follows is its value, commas too."""
_KEY = re.compile(r"\w*(?:password|token|secret)", re.IGNORECASE)
_PLAIN = re.compile(r"message-id|plus")
_IN_ADDRESS = re.compile(r"(?P<before>://[^\s:/@]+:)[^\s@/]+(?=@)")
_IN_QUERY = re.compile(r"(?P<before>://\S+?[?&](?:\w*password|sslkey)=)[^\s&\"',}]+", re.IGNORECASE)
_IN_STORAGE = re.compile(r"(?P<before>://[^\s:/@]*:)\S+(?=@)")
_MARKS = re.compile(r"(?:[&!]\S*\s+)*")
_FREE = frozenset(
    ("rules", "words", "tests", "urgency", "customers", "calendars", "queues", "specialists")
)
"""Sections without secrets, in which a form may ask for a token, and a list be called secret."""

Span = tuple[int, int]


def redacted(text: str) -> str:
    """Return YAML text with ``•••`` where a secret stands; it is YAML still, line for line."""
    try:
        return _exactly(text)
    except yaml.YAMLError:
        return without_passwords(_SECRET.sub(_hidden, text))


def shown(line: str) -> str:
    """Return a line as it may be printed: misspelt keys and lists may hold a secret as well."""
    return without_passwords(_ANYTHING_LIKE_IT.sub(_hidden, _ALONE.sub(_hidden, line)))


@lru_cache(maxsize=4)
def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of a file as they may be printed."""
    return tuple(redacted(text).splitlines())


def without_passwords(text: str) -> str:
    """Return a sentence with ``•••`` for the password of an address in it."""
    return _IN_QUERY.sub(rf"\g<before>{HIDDEN}", _IN_ADDRESS.sub(rf"\g<before>{HIDDEN}", text))


def without_password(address: str) -> str:
    """Return the address of a database without its password, whatever letters that has."""
    return without_passwords(_IN_STORAGE.sub(rf"\g<before>{HIDDEN}", address))


def _hidden(found: re.Match[str]) -> str:
    kept = found["value"] if _PLAIN.fullmatch(found["value"].strip()) else HIDDEN
    return f"{found['key']}{kept}"


def _exactly(text: str) -> str:
    """Leave out what stands under such keys, however it is written, and what comments tell."""
    there: list[Span] = []
    changes: dict[Span, str] = {}
    for value in _scalars(text):
        there.append(value.span)
        if value.section not in _FREE and (other := _changed(value)) is not None:
            changes[value.span] = other
    there.sort()
    for secret in (*_SECRET.finditer(text), *_IN_ADDRESS.finditer(text)):
        if not _within(there, secret.start()):  # then it is a comment
            hidden = _hidden(secret) if "value" in secret.groupdict() else secret["before"] + HIDDEN
            changes[secret.span()] = hidden
    for (start, end), other in sorted(changes.items(), reverse=True):
        text = text[:start] + other + text[end:]
    return text


def _within(spans: Sequence[Span], place: int) -> bool:
    before = bisect_right(spans, place, key=lambda span: span[0]) - 1
    return before >= 0 and place < spans[before][1]


@dataclass(frozen=True, slots=True)
class _Value:
    """A piece of text: where it stands, and under which key; keys have none."""

    written: str
    span: Span
    key: str
    section: str


@dataclass(slots=True)
class _Level:
    """A table or a list while it is read."""

    table: bool
    key: str
    before_key: bool = True


def _scalars(text: str) -> Iterator[_Value]:
    anchors: dict[str, Span] = {}
    above = [_Level(table=False, key="")]
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionEndEvent):
            above.pop()
        if not isinstance(event, yaml.NodeEvent):
            continue
        assert event.start_mark
        assert event.end_mark
        level, span = above[-1], (event.start_mark.index, event.end_mark.index)
        is_key = level.table and level.before_key
        level.before_key = not level.before_key
        if isinstance(event, yaml.CollectionStartEvent):
            table = isinstance(event, yaml.MappingStartEvent)
            above.append(_Level(table=table, key="" if table else level.key))
        elif isinstance(event, yaml.ScalarEvent):
            anchors[event.anchor or ""] = span
            level.key = str(event.value) if is_key else level.key
            yield _Value(text[slice(*span)], span, "" if is_key else level.key, _section(above))
        elif (meant := anchors.get(str(event.anchor))) and not is_key:
            yield _Value(text[slice(*meant)], meant, level.key, _section(above))


def _section(above: Sequence[_Level]) -> str:
    """Return in which section something stands; a file that is a list is one of rules or tests."""
    return above[1].key if len(above) > 1 and above[1].table else "rules"


def _changed(value: _Value) -> str | None:
    """Return what is kept of a value; None if it is all of it."""
    marks = _MARKS.match(value.written)
    before = marks[0] if marks else ""
    secret = value.written[len(before) :]
    if not _KEY.fullmatch(value.key):
        hide = without_password if value.key == "storage" else without_passwords
        other = before + hide(secret)
        return None if other == value.written else other
    if not secret or is_reference(secret) or _PLAIN.fullmatch(secret.strip("'\"")):
        return None
    return before + HIDDEN + "\n" * secret.count("\n")

"""The whole schema: the sections' dataclasses, the words of rules and tests, the kinds of channels.

In the wording of draft 7, which is what editors know; ``$defs`` only points to ``definitions``.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from config import later
from config.asked import FileTest
from config.calendars import CalendarEntry, read_extra
from config.customers import read_attributes, read_organizations
from config.expected import read_expected
from config.opening import read_opening
from config.scalars import Language, Word
from config.schema.texts import HELP, LATER, THEN, WHEN
from config.schema.types import (
    BOOLEAN,
    REFERENCE,
    TEXT,
    Schema,
    Types,
    described,
    one_or_several,
    ref,
)
from config.sections import RuleEntry, Sections, TestEntry, read_table
from config.then import FIELDS, TABLES, read_then
from config.urgency import ImpactEntry, read_signals
from config.when import ALWAYS, InquiriesIn, Points, QueueLoad, Results, read_when
from inquiry.errors import UnusableKind
from inquiry.words import Priority, Trust

Names = Mapping[str, Collection[str]]
"""The names that a file gives, by the kind of thing: ``{"queue": ["first-line"]}``."""
THINGS = (
    *("queue", "specialist", "channel", "word-list", "template"),
    *("calendar", "organization", "form-field"),
)
_HOLDS: Mapping[str, str] = {
    "Queue.members": "specialist",
    "Queue.send_from": "channel",
    "Queue.next": "queue",
    "Given.channel": "channel",
    "Given.queue": "queue",
    "QueueLoad.queue": "queue",
}
_WHEN_NAMES: Mapping[str, str] = {
    "channel": "channel",
    "mentions": "word-list",
    "organization": "organization",
    "during": "calendar",
    "outside": "calendar",
    "queue": "queue",
}
_THEN_NAMES: Mapping[str, str] = {
    "queue": "queue",
    "reply": "template",
    "assign.to": "specialist",
}
_HOURS = r"^(closed|([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-4]):[0-5][0-9])$"
_DAYS = r"^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$"


def make_schema(kinds: Mapping[str, type], names: Names | None = None) -> Schema:
    """Return the schema of a configuration, with the names of one file as completions."""
    types = Types(_readers(), _HOLDS)
    definitions = types.definitions
    definitions["reference"] = {"description": "A value from outside.", **REFERENCE}
    for thing in THINGS:
        definitions[thing] = _named(sorted((names or {}).get(thing, ())))
    definitions["When"] = _when(types)
    definitions["Then"] = _fields(types, THEN, FIELDS)
    definitions["Expect"] = _expected(types)
    definitions["Channel"] = _channel(types, kinds)
    types.table(CalendarEntry)
    definitions["Rules"] = _listed(types.table(RuleEntry))
    definitions["Tests"] = _listed(types.table(TestEntry))
    sections = types.properties(Sections, "Sections")
    sections["properties"].update(_lists_and_tables())
    required = sections.pop("required")
    definitions["Sections"] = sections
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A configuration of deskbridge",
        "description": sections["description"],
        "allOf": [ref("Sections")],
        "if": {"required": ["include"]},  # then the rest may be in other files
        "else": {"required": required},
        "definitions": definitions,
        "$defs": {name: ref(name) for name in ("Rules", "Tests", "Sections")},
    }


def _readers() -> Mapping[Any, Schema]:
    hours = one_or_several({"type": "string", "pattern": _HOURS})
    return {
        read_when: ref("When"),
        read_then: ref("Then"),
        read_expected: ref("Expect"),
        read_table: {"type": "object"},
        read_opening: {
            "anyOf": [{"const": "24/7"}, _table_of(hours, {"pattern": _DAYS})],
        },
        read_extra: _table_of(hours, {"pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
        read_attributes: _table_of(
            {"anyOf": [{"enum": ["boolean", "text"]}, {"type": "array", "items": TEXT}]}
        ),
        read_organizations: _table_of(
            {
                "type": "object",
                "properties": {
                    "domains": described(
                        HELP["Organization.domains"], one_or_several({"type": "string"})
                    )
                },
                "additionalProperties": TEXT,
            }
        ),
        read_signals: {"type": "array", "items": ref("Signal")},
    }


def _table_of(values: Schema, keys: Schema | None = None) -> Schema:
    schema: Schema = {"type": "object", "additionalProperties": values}
    return {**schema, "propertyNames": keys} if keys else schema


def _named(names: list[str]) -> Schema:
    return {"anyOf": [{"enum": names}, ref("reference")]} if names else dict(TEXT)


def _listed(item: Schema) -> Schema:
    """A list that other files may be put into, each at its place."""
    include = {
        "type": "object",
        "properties": {
            "include": described(HELP["Rules.include"], one_or_several({"type": "string"}))
        },
        "required": ["include"],
        "additionalProperties": False,
    }
    return {
        "type": ["array", "null"],
        "items": {"if": {"required": ["include"]}, "then": include, "else": item},
    }


def _lists_and_tables() -> Mapping[str, Schema]:
    schemas = {
        "include": one_or_several({"type": "string"}),
        "rules": ref("Rules"),
        "tests": ref("Tests"),
        "channels": _table_of(ref("Channel")),
        "calendars": _table_of(ref("Calendar")),
    }
    return {key: described(HELP[f"Sections.{key}"], schema) for key, schema in schemas.items()}


def _when(types: Types) -> Schema:
    conditions = {word: described(WHEN.get(word, ""), _condition(types, word)) for word in WHEN}
    for word in later.CONDITIONS:
        conditions[word] = {"description": LATER}
    types.definitions["Signal"] = _signal(types, conditions)
    types.table(ImpactEntry)
    table = {
        "type": "object",
        "properties": conditions,
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {"anyOf": [{"const": ALWAYS}, table]}


def _signal(types: Types, conditions: Mapping[str, Schema]) -> Schema:
    own = {
        "points": types.of(int),
        "name": dict(TEXT),
        "words": one_or_several(ref("word-list")),
    }
    known = {key: described(HELP[f"Signal.{key}"], schema) for key, schema in own.items()}
    return {
        "type": "object",
        "properties": {**conditions, **known},
        "required": ["points"],
        "minProperties": 2,
        "additionalProperties": False,
    }


def _condition(types: Types, word: str) -> Schema:
    if word in _WHEN_NAMES:
        return one_or_several(ref(_WHEN_NAMES[word]))
    wanted: Mapping[str, Any] = {
        "priority": tuple[Priority, ...],
        "trust": tuple[Trust, ...],
        "language": tuple[Language, ...],
        "inquiries_in": InquiriesIn,
        "queue_load": QueueLoad,
        "authenticated": Results,
        "repeated_within": timedelta,
    }
    if word in wanted:
        return types.of(wanted[word])
    special: Mapping[str, Schema] = {
        **dict.fromkeys(("all", "any", "not"), one_or_several(ref("When"))),
        **dict.fromkeys(_FLAGS, types.of(bool)),
        "attachment": {"anyOf": [BOOLEAN, types.table(FileTest, "File")]},
        "reopened": {"anyOf": [BOOLEAN, {"type": "integer", "minimum": 1}]},
        "urgency": {"anyOf": [types.of(tuple[Priority, ...]), types.of(Points)]},
        "form": _questions(ref("form-field")),
        "header": _questions(),
        "customer": _questions(),
    }
    return special.get(word) or one_or_several(TEXT)


_FLAGS = ("auto_generated", "bounce", "mailing_list", "shouting", "known", "open_inquiry")


def _questions(names: Schema | None = None) -> Schema:
    """Return a table of the operator's own names and what to find there."""
    schema: Schema = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": _several_texts(),
    }
    return {**schema, "propertyNames": names} if names else schema


def _several_texts() -> Schema:
    return one_or_several(TEXT)


def _fields(types: Types, texts: Mapping[str, str], known: Mapping[str, Any]) -> Schema:
    """Return the words of ``then``."""
    properties = {
        word: described(texts[word], _field(types, word, wanted)) for word, wanted in known.items()
    }
    for word, inner in TABLES.items():
        values = {
            key: described(texts[f"{word}.{key}"], _field(types, f"{word}.{key}", wanted))
            for key, wanted in (inner or {}).items()
        }
        own = {"type": "object", "properties": values, "additionalProperties": inner is None}
        properties[word] = described(texts[word], own)
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _field(types: Types, word: str, wanted: Any) -> Schema:
    if word in _THEN_NAMES:
        return ref(_THEN_NAMES[word])
    further = {"later": later.ASSIGN_BY} if word == "assign.by" else {}
    return types.of(wanted, further)


def _expected(types: Types) -> Schema:
    known = {
        **{
            word: wanted if wanted is not Word else tuple[Word, ...]
            for word, wanted in FIELDS.items()
        },
        "language": Language,
        "rule": tuple[Word, ...],
        "urgency": Word,
    }
    schema = _fields(types, THEN, known)
    schema["properties"] |= {word: {"description": LATER} for word in later.EXPECTED}
    schema["properties"]["not"] = described(THEN["not"], ref("Expect"))
    return schema


def _channel(types: Types, kinds: Mapping[str, type]) -> Schema:
    """A channel has the keys of its kind; one that extends another, those that any kind has."""
    own = {kind: types.properties(shape, kind) for kind, shape in _usable(kinds)}
    first: Schema = {
        "kind": described("What sort of channel it is.", {"enum": [*kinds, *later.KINDS]}),
        "extends": described("The same as this channel, but for what stands here.", ref("channel")),
    }
    first["was"] = described(HELP["Channel.was"], one_or_several(TEXT))
    first["fallback"] = described(HELP["Channel.fallback"], one_or_several(TEXT))
    for kind, schema in own.items():
        schema["properties"] = {**first, **schema["properties"]}
        types.definitions[f"channel-{kind}"] = schema
    known = sorted({key for schema in own.values() for key in schema["properties"]})
    return {
        "type": "object",
        "properties": first,
        "if": {"required": ["extends"]},
        "then": {"propertyNames": {"enum": known}},
        "else": {"required": ["kind"], "allOf": list(_by_kind(own))},
    }


def _usable(kinds: Mapping[str, type]) -> Iterator[tuple[str, type]]:
    for kind in kinds:
        with suppress(UnusableKind):  # an editor then knows no more than its name
            yield kind, kinds[kind]


def _by_kind(kinds: Iterable[str]) -> Iterable[Schema]:
    for kind in kinds:
        yield {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": ref(f"channel-{kind}"),
        }

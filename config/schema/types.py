"""Type hints into JSON Schema: what the reader takes for each, as an editor has to see it.

An editor reads YAML by version 1.2, so a number or ``true`` may stand where we want text, and every
value may be ``${env:NAME}``.
"""

import ast
import inspect
import textwrap
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from config.later import KEYS
from config.scalars import Language, Size, Word
from config.schema.texts import HELP, LATER

Schema = dict[str, Any]
TEXT: Schema = {"type": ["string", "number", "boolean"]}
_PATTERNS: Mapping[Any, str] = {
    timedelta: r"^[0-9]{1,6}(s|m|h|d)$",
    Size: r"^[0-9]{1,9}(B|KB|MB|GB)$",
    Language: r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
    datetime: r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?.*)?$",
    ZoneInfo: r"^[A-Za-z]+([/_+-][A-Za-z0-9_+-]+)*$",
}
BOOLEAN: Schema = {"enum": [True, False, "yes", "no", "true", "false"]}
REFERENCE: Schema = {"type": "string", "pattern": r"\$\{(env|file|cred):"}


def ref(name: str) -> Schema:
    """Return a pointer to a definition."""
    return {"$ref": f"#/definitions/{name}"}


def or_reference(schema: Schema) -> Schema:
    """Allow ``${env:…}`` and the like as well."""
    return {"anyOf": [schema, ref("reference")]}


def one_or_several(schema: Schema) -> Schema:
    """A list of one may be written without brackets."""
    return {"anyOf": [schema, {"type": "array", "items": schema}]}


def described(text: str, schema: Schema) -> Schema:
    """Give a schema its hover text. In draft 7 nothing beside a ``$ref`` counts."""
    return {"description": text, **({"allOf": [schema]} if "$ref" in schema else schema)}


@dataclass(slots=True)
class Types:
    """Makes schemas; dataclasses become definitions."""

    readers: Mapping[Callable[..., Any], Schema]
    """What the functions read that stand in a field's metadata."""
    names: Mapping[str, str]
    """Which definition lists the names that a key may hold, by ``Class.key``."""
    definitions: dict[str, Schema] = field(default_factory=dict)

    def of(self, wanted: Any, further: Mapping[str, Any] = types.MappingProxyType({})) -> Schema:
        """Return the schema of a type hint and its field's metadata."""
        if "read" in further:
            return self.readers.get(further["read"], {})
        wanted = getattr(wanted, "__supertype__", wanted)
        origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
        if origin in (types.UnionType, typing.Union):
            options = [self.of(each, further) for each in inner if each is not types.NoneType]
            return options[0] if len(options) == 1 else {"anyOf": options}
        if is_dataclass(wanted):
            return self.table(typing.cast("Any", wanted))
        if origin is tuple:
            return one_or_several(self.of(inner[0], further))
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return self._mapping(inner[0], inner[1], further)
        return _scalar(wanted, further)

    def table(self, shape: Any, name: str = "") -> Schema:
        """Return a pointer to the definition of a dataclass. ``name`` is that of its texts."""
        name = name or shape.__name__.removesuffix("Entry")
        if name not in self.definitions:
            self.definitions[name] = {}  # it may contain itself
            self.definitions[name] = self.properties(shape, name)
        return ref(name)

    def properties(self, shape: Any, name: str) -> Schema:
        """Return the keys of a dataclass, those of a later version among them."""
        hints, helps = typing.get_type_hints(shape), docstrings(shape)
        known: dict[str, Schema] = {}
        required = []
        for key, target in _keys(shape):
            listed = self.names.get(f"{name}.{key}")
            kind = _replaced(hints[target.name]) if listed else None
            wanted = _with_names(kind, listed) if listed else None
            schema = wanted or self.of(hints[target.name], target.metadata)
            help_ = HELP.get(f"{name}.{key}") or helps.get(target.name, "")
            known[key] = described(help_, schema)
            if target.default is MISSING and target.default_factory is MISSING:
                required.append(key)
        for key in KEYS.get(shape.__name__, ()):
            known.setdefault(key, {"description": LATER})
        return {
            "type": "object",
            "description": HELP.get(name) or first_sentence(shape),
            "properties": known,
            "required": required,
            "additionalProperties": False,
        }

    def _mapping(self, key: Any, wanted: Any, further: Mapping[str, Any]) -> Schema:
        schema: Schema = {"type": "object", "additionalProperties": self.of(wanted, further)}
        if key is Language:
            schema["propertyNames"] = {"pattern": _PATTERNS[Language]}
        return schema


def _keys(shape: Any) -> Iterator[tuple[str, Field[Any]]]:
    for each in fields(shape):
        key = each.metadata.get("yaml", each.name.rstrip("_"))
        if key.strip():
            yield key, each


def _replaced(hint: Any) -> str:
    """Say whether names stand in a list."""
    options = [o for o in typing.get_args(hint) if o is not types.NoneType]
    several = tuple in (typing.get_origin(hint), *map(typing.get_origin, options))
    return "several" if several else "one"


def _with_names(kind: str | None, listed: str) -> Schema:
    return one_or_several(ref(listed)) if kind == "several" else ref(listed)


def _scalar(wanted: Any, further: Mapping[str, Any]) -> Schema:
    if typing.get_origin(wanted) is Literal:
        return or_reference({"enum": [*typing.get_args(wanted), *further.get("later", ())]})
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return or_reference({"enum": [str(word.value) for word in wanted]})
    if further.get("unit") == "size" or wanted is Size:
        return or_reference({"type": "string", "pattern": _PATTERNS[Size]})
    if wanted is bool:
        return or_reference(BOOLEAN)
    if wanted is int:
        limits = {"minimum": further.get("least"), "maximum": further.get("most")}
        kept = {word: limit for word, limit in limits.items() if limit is not None}
        return or_reference({"type": "integer", **kept})
    if wanted in _PATTERNS:
        return or_reference({"type": "string", "pattern": _PATTERNS[wanted]})
    if wanted is Path or "convert" in further:
        return {"type": "string"}
    return dict(TEXT) if wanted in (str, Word) else {}


@cache
def docstrings(shape: Any) -> Mapping[str, str]:
    """Return the texts that stand below the fields of a dataclass."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(shape))).body[0]
    except (OSError, TypeError, SyntaxError):  # made by hand, or shipped without its source
        return {}
    assert isinstance(tree, ast.ClassDef)
    found: dict[str, str] = {}
    for before, after in zip(tree.body, tree.body[1:], strict=False):
        if (
            isinstance(before, ast.AnnAssign)
            and isinstance(before.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
        ):
            found[before.target.id] = " ".join(after.value.value.replace("``", "").split())
    return found


def first_sentence(shape: Any) -> str:
    """Return the first line of a class's docstring."""
    return (inspect.getdoc(shape) or "").partition("\n\n")[0].replace("``", "").replace("\n", " ")

"""Our values as plain JSON data, and back.

Times are RFC 3339; bytes are left out, since they are kept by their hash.
"""

import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from inquiry.understood import KINDS, Understood

T = TypeVar("T")
_PLAIN = {str, int, float, bool, type(None)}


def as_data(value: object) -> Any:
    """Return what ``json.dumps`` can write. Fields at their default are left out, to stay small."""
    if type(value) in _PLAIN:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {
            name: as_data(found)
            for name, default in _defaults(type(value))
            if (found := getattr(value, name)) != default and not isinstance(found, bytes)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): as_data(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_data(item) for item in value]
    return value


@cache
def _defaults(cls: type) -> tuple[tuple[str, object], ...]:
    """Look up once what each field of a class is when nothing is said; MISSING equals nothing."""
    return tuple(
        (f.name, f.default if f.default_factory is MISSING else f.default_factory())
        for f in fields(typing.cast("Any", cls))
    )


def from_data(wanted: type[T], data: Any) -> T:
    """Build a value of type ``wanted`` from what :func:`as_data` made of one."""
    return typing.cast("T", _build(wanted, data))


def understood_as_text(understood: Understood) -> str:
    """Write down an understood arrival as JSON text."""
    kind = next(word for word, cls in KINDS.items() if type(understood) is cls)
    return json.dumps({"is": kind, **as_data(understood)}, ensure_ascii=False)


def understood_from_text(text: str) -> Understood:
    """Read back what :func:`understood_as_text` wrote."""
    data = json.loads(text)
    return from_data(KINDS[data.pop("is")], data)


def _build(wanted: Any, data: Any) -> Any:
    build = _builder(wanted)
    return data if build is None else build(data)


@cache
def _builder(wanted: Any) -> Callable[[Any], Any] | None:
    """Return what makes a value of this type, None where the data is one already."""
    wanted = getattr(wanted, "__supertype__", wanted)  # a NewType is its base
    origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (types.UnionType, typing.Union):
        (option,) = (each for each in inner if each is not types.NoneType)
        return _optional(_builder(option))
    if origin is not None:
        return _collection(origin, inner)
    if is_dataclass(wanted):
        return _object(typing.cast("Any", wanted))
    if wanted is datetime:
        return datetime.fromisoformat
    if wanted is timedelta:
        return _seconds
    if isinstance(wanted, type) and issubclass(wanted, (Enum, Path)):
        return wanted
    return None


def _object(made: Any) -> Callable[[Any], Any]:
    hints = typing.get_type_hints(made)
    parts = {f.name: _builder(hints[f.name]) for f in fields(made)}

    def build(data: Mapping[str, Any]) -> Any:
        values = {}
        for name, value in data.items():
            if name in parts:
                part = parts[name]
                values[name] = value if part is None else part(value)
        return made(**values)

    return build


def _optional(part: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    if part is None:
        return None
    return lambda data: None if data is None else part(data)


def _seconds(data: float) -> timedelta:
    return timedelta(seconds=data)


def _collection(origin: Any, inner: Sequence[Any]) -> Callable[[Any], Any]:
    if issubclass(origin, Mapping):
        value = _builder(inner[1])
        if value is None:
            return dict
        return lambda data: {key: value(item) for key, item in data.items()}
    part = _builder(inner[0])
    made = {tuple: tuple, frozenset: frozenset}.get(origin, list)
    if part is None:
        return made
    return lambda data: made([part(item) for item in data])

"""Our values as plain JSON data, and back.

Times are RFC 3339; bytes are left out, since they are kept by their hash.
"""

import json
import types
import typing
from collections.abc import Mapping, Sequence
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


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _build(wanted: Any, data: Any) -> Any:
    wanted = getattr(wanted, "__supertype__", wanted)  # a NewType is its base
    origin = typing.get_origin(wanted)
    if origin in (types.UnionType, typing.Union):
        if data is None:
            return None
        (wanted,) = (option for option in typing.get_args(wanted) if option is not type(None))
        return _build(wanted, data)
    if origin is not None:
        return _collection(origin, typing.get_args(wanted), data)
    if is_dataclass(wanted):
        hints = _hints(typing.cast("type", wanted))
        known = {f.name for f in fields(wanted)}
        made = typing.cast("Any", wanted)
        return made(**{k: _build(hints[k], v) for k, v in data.items() if k in known})
    if wanted is datetime:
        return datetime.fromisoformat(data)
    if wanted is timedelta:
        return timedelta(seconds=data)
    if isinstance(wanted, type) and issubclass(wanted, (Enum, Path)):
        return wanted(data)
    return data


def _collection(origin: Any, inner: Sequence[Any], data: Any) -> Any:
    if origin is tuple:
        return tuple(_build(inner[0], item) for item in data)
    if origin is frozenset:
        return frozenset(_build(inner[0], item) for item in data)
    if issubclass(origin, Mapping):
        return {key: _build(inner[1], item) for key, item in data.items()}
    return [_build(inner[0], item) for item in data]

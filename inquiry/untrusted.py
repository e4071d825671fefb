"""Reading JSON of others: what is not there, or of another kind than it should be, is empty."""

import json
from collections.abc import Mapping
from typing import Any

Object = Mapping[str, Any]


def object_of(raw: bytes) -> Object:
    """Return the object that these bytes write down."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def inner(holder: Object, name: str) -> Object:
    """Return an object inside of an object."""
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def objects(holder: Object, name: str, most: int | None = None) -> list[Object]:
    """Return the objects among the first ``most`` of a list inside of an object."""
    value = holder.get(name)
    return [one for one in value[:most] if isinstance(one, dict)] if isinstance(value, list) else []


def size(holder: Object, name: str) -> int:
    """Return a number of bytes inside of an object; 0 where it can be none."""
    value = holder.get(name)
    return value if isinstance(value, int) and 0 < value < 2**50 else 0


def string(holder: Object, name: str) -> str:
    """Return a text inside of an object."""
    value = holder.get(name)
    return value if isinstance(value, str) else ""

"""Reading what stands in an event, whatever types its values have."""

from collections.abc import Mapping
from typing import Any

from normalizer.charsets import clean

Object = Mapping[str, Any]


def inner(holder: Object, name: str) -> Object:
    """Return an object inside another; empty where there is none."""
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def objects(holder: Object, name: str, most: int = 100) -> list[Object]:
    """Return the objects of a list inside another."""
    value = holder.get(name)
    return [one for one in value[:most] if isinstance(one, dict)] if isinstance(value, list) else []


def string(holder: Object, name: str) -> str:
    """Return a text, "" where there is none."""
    value = holder.get(name)
    return clean(value) if isinstance(value, str) else ""

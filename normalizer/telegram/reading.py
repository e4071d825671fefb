"""Reading an update without trusting its shape: what is not there, or of another kind, is empty."""

from collections.abc import Mapping
from typing import Any

Object = Mapping[str, Any]


def full_name(who: Object) -> str:
    """Return what a person is called."""
    return f"{string(who, 'first_name')} {string(who, 'last_name')}".strip()


def inner(holder: Object, name: str) -> Object:
    """Return an object inside of an object."""
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def string(holder: Object, name: str) -> str:
    """Return a text inside of an object."""
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def number(holder: Object, name: str) -> str:
    """Return a number inside of an object, as text: an id is a name."""
    value = holder.get(name)
    return str(value)[:40] if isinstance(value, (int, str)) and not isinstance(value, bool) else ""

"""What stands in several places of an update: names, and numbers that are names."""

from inquiry.untrusted import Object, string


def full_name(who: Object) -> str:
    """Return what a person is called."""
    return f"{string(who, 'first_name')} {string(who, 'last_name')}".strip()


def number(holder: Object, name: str) -> str:
    """Return a number inside of an object, as text: an id is a name."""
    value = holder.get(name)
    return str(value)[:40] if isinstance(value, (int, str)) and not isinstance(value, bool) else ""

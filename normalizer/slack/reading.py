"""Reading the texts of an event, each clean from the start."""

from inquiry import untrusted
from inquiry.untrusted import Object
from normalizer.charsets import clean


def string(holder: Object, name: str) -> str:
    """Return a text, "" where there is none."""
    return clean(untrusted.string(holder, name))

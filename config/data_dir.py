"""Where a desk's data lies, even if the rest of its file is wrong: so a running desk is found."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from config.interpolate import Unresolved, resolve
from config.regular import read_text

ITEM = "-"
"""In place of a key, in a list."""
VALUE_ENDS = (yaml.ScalarEvent, yaml.AliasEvent, yaml.CollectionEndEvent)


def data_dir_in(file: Path, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return ``desk.data_dir`` of one file, None if nothing of the kind can be read.

    Reads until something is no YAML, so a mistake further down does no harm.
    """
    try:
        text = read_text(file)
    except (OSError, UnicodeDecodeError):
        return None
    try:
        for keys, value in _entries(yaml.parse(text, Loader=yaml.SafeLoader)):
            if keys == ("desk", "data_dir"):
                return file.parent / resolve(value, file.parent, environment)
    except (yaml.YAMLError, Unresolved):
        return None
    return None


def _entries(events: Iterator[yaml.Event]) -> Iterator[tuple[tuple[str | None, ...], str]]:
    """Return each single value with the keys that lead to it."""
    keys: list[str | None] = []
    """Of each open table the key whose value comes next, None while a key comes next."""
    for event in events:
        if isinstance(event, yaml.MappingStartEvent):
            keys.append(None)
        elif isinstance(event, yaml.SequenceStartEvent):
            keys.append(ITEM)
        elif isinstance(event, yaml.ScalarEvent) and keys and keys[-1] is None:
            keys[-1] = event.value
        elif isinstance(event, VALUE_ENDS):
            if isinstance(event, yaml.CollectionEndEvent):
                keys.pop()
            else:
                yield tuple(keys), getattr(event, "value", "")
            if keys and keys[-1] is not ITEM:
                keys[-1] = None

"""The names that a file gives to its own things, for the editor to complete."""

from collections.abc import Collection, Mapping
from pathlib import Path

from config.checks.walking import below
from config.files import Files
from config.findings import Findings
from config.nodes import Node, Table
from config.schema.make import Names
from inquiry.errors import ConfigError

_SECTIONS = {
    "queue": "queues",
    "specialist": "specialists",
    "channel": "channels",
    "word-list": "words",
    "calendar": "calendars",
}


def names_in(path: Path, known_templates: Collection[str] = ()) -> Names:
    """Return the names in a file and those it includes, as far as it is YAML at all."""
    files = Files(path, Findings())
    try:
        root = files.root()
    except ConfigError:
        return {}
    found: Mapping[str, Collection[str]] = {
        thing: _keys(root.get(section)) for thing, section in _SECTIONS.items()
    }
    customers = root.get("customers")
    organizations = customers.get("organizations") if isinstance(customers, Table) else None
    return {
        **found,
        "organization": _keys(organizations),
        "form-field": _form_fields(root),
        "template": {*known_templates, *_templates(root, path.parent)},
    }


def _keys(node: Node | None) -> list[str]:
    return [entry.key.text for entry in node.entries] if isinstance(node, Table) else []


def _form_fields(root: Table) -> list[str]:
    channels = root.get("channels")
    tables = [entry.value for entry in channels.entries] if isinstance(channels, Table) else []
    fields = (table.get("fields") for table in tables if isinstance(table, Table))
    return sorted({key for each in fields for key in _keys(each)})


def _templates(root: Table, folder: Path) -> list[str]:
    places = [folder / found.text for found in below(root, "templates")]
    names = (file.name.split(".") for place in places for file in place.glob("*.*.md"))
    return sorted({name for name, *_ in names})

"""Rules of a configuration that was in force once, from the text that was kept of it.

Only what decisions depend on is read: secrets were never kept, and who worked here then or by
which channels mail came in has no say in what the rules would have decided.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from zoneinfo import ZoneInfo

from config.files import Files
from config.findings import Findings
from config.load import calendars_of, rules_of, spliced
from config.nodes import Scalar, Table
from config.reader import Reader, Unreadable
from config.scalars import zone
from config.sections import Deciding
from inquiry.errors import ConfigError
from router.rules import Rules

DECIDING = ("calendars", "customers", "urgency", "words", "rules")


def stored_rules(
    text: str, configuration: str, environment: Mapping[str, str] = os.environ
) -> Rules:
    """Return the rules of a kept text (:attr:`config.files.Files.text`); ``configuration`` is its
    hash.

    Raises:
        ConfigError: this version can't read what another one has kept.
    """
    findings = Findings()
    files = Files.stored(text, findings)
    whole = spliced(files, files.root())
    reader = Reader(findings, environment)
    root = replace(whole, entries=tuple(e for e in whole.entries if e.key.text in DECIDING))
    try:
        sections: Deciding = reader.shaped(root, Deciding)
    except Unreadable:
        raise ConfigError(findings.problems) from None
    calendars = calendars_of(reader, root, files, _zone(whole))
    rules = rules_of(sections, files, root, calendars, findings)
    findings.check()
    return replace(rules, configuration=configuration)


def _zone(root: Table) -> ZoneInfo:
    desk = root.get("desk")
    written = desk.get("timezone") if isinstance(desk, Table) else None
    with suppress(ValueError):
        return zone(written.text if isinstance(written, Scalar) else "UTC")
    return ZoneInfo("UTC")

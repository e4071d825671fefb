"""Rules that somebody proposes: sections in place of those in force, read without the disk.

What is proposed comes from a page: it may refer to nothing outside, neither files nor variables.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from config.checks.lints import check_sense, check_use
from config.checks.walking import scalars
from config.customers import check_customers
from config.files import Files
from config.findings import Findings
from config.interpolate import is_reference
from config.load import calendars_of, organizations_of, rules_of, spliced
from config.nodes import Entry, Listing, Node, Scalar, Table, parse
from config.order import check_default, check_names
from config.reader import Reader, Unreadable
from config.references import check_references
from config.sections import Sections
from config.shadows import check_shadowed
from config.stored import DECIDING
from config.urgency import check_urgency
from inquiry.errors import ConfigError, Place, Problem
from router.customers import Organizations
from router.rules import Rules

FILE = "pasted.yaml"
_PEOPLE = ("version", "specialists", "queues", "channels")
_DESK = ("languages", "timezone")
_MADE_UP = {"name": "-", "url": "http://-", "data_dir": "-"}
"""Of the desk itself, which may refer to files, rules need nothing but its languages and zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What came of it."""

    problems: tuple[Problem, ...]
    rules: Rules | None = None
    """None where something is wrong."""
    organizations: Organizations = field(default_factory=Organizations)


def proposed(
    kept: str,
    pasted: str,
    *,
    templates: Collection[str] = (),
    form_fields: Mapping[str, Collection[str]],
) -> Proposed:
    """Put the rules, words and other sections of a pasted text in place of those of a kept one.

    ``kept`` is the text of the configuration in force (:attr:`config.files.Files.text`).
    """
    findings = Findings()
    try:
        return _proposed(kept, pasted, templates, form_fields, findings)
    except (ConfigError, Unreadable):
        return Proposed(problems=findings.problems)


def _proposed(
    kept: str,
    pasted: str,
    templates: Collection[str],
    form_fields: Mapping[str, Collection[str]],
    findings: Findings,
) -> Proposed:
    files = Files.stored(kept, findings)
    root = spliced(files, _over(files.root(), _pasted(pasted, findings)))
    findings.check()
    reader = Reader(findings, {})
    sections: Sections = reader.shaped(root, Sections)
    calendars = calendars_of(reader, root, files, sections.desk.timezone)
    check_names(sections.rules, findings)
    check_references(sections, templates, form_fields, findings)
    check_customers(sections.customers, findings)
    check_urgency(sections.urgency, root.get("urgency"), findings)
    rules = rules_of(sections, files, root, calendars, findings)
    check_default(sections.rules, root.get("rules"), findings)
    check_shadowed(sections.rules, rules.rules, findings)
    check_sense(sections, {}, root, findings)
    findings.check()
    check_use(sections, root, calendars, findings)
    told = (problem for problem in findings.problems if not problem.notice)
    return Proposed(problems=tuple(told), rules=rules, organizations=organizations_of(sections))


def _pasted(text: str, findings: Findings) -> Mapping[str, Entry]:
    """Return the sections that were pasted; a list is one of rules."""
    file = Path("/stored") / FILE
    found = parse(text, file, findings)
    findings.check()
    for each in scalars(found):
        if is_reference(each.scalar.text):
            told = "nothing outside of the text can be referred to here"
            findings.error(each.scalar.place, "value", told)
    if isinstance(found, Listing):
        return {"rules": Entry(Scalar("rules", found.place), found)}
    entries = found.entries if isinstance(found, Table) else ()
    chosen = {each.key.text: each for each in entries if each.key.text in DECIDING}
    if not chosen:
        told = f"here belong rules, or one of the sections {', '.join(DECIDING)}"
        findings.error(Place(file, 1), "value", told)
    findings.check()
    return chosen


def _over(root: Table, pasted: Mapping[str, Entry]) -> Table:
    kept = {e.key.text: e for e in root.entries if e.key.text in (*_PEOPLE, *DECIDING)}
    desk = next(each for each in root.entries if each.key.text == "desk")
    whole = {**kept, **pasted, "desk": replace(desk, value=_plain(desk.value))}
    return replace(root, entries=tuple(whole.values()))


def _plain(desk: Node) -> Node:
    if not isinstance(desk, Table):
        return desk
    made_up = (Entry(Scalar(key, desk.place), Scalar(v, desk.place)) for key, v in _MADE_UP.items())
    known = (entry for entry in desk.entries if entry.key.text in _DESK)
    return replace(desk, entries=(*known, *made_up))

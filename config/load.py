"""From files to a configuration: shape first, then references and order, then its own tests."""

import gc
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from config.calendars import read_calendars
from config.cases import Case, check_cases, never_reached
from config.channel_table import check_answers, check_fallbacks, read_channels
from config.chats import check_chats
from config.checks.allowances import allowances_in
from config.checks.coverage import check_tested
from config.checks.lints import check_sense, check_use
from config.compiling import Compiler
from config.configuration import ChannelEntry, Configuration
from config.customers import check_customers, values_of
from config.files import Files
from config.findings import Findings
from config.former import Former, former_names
from config.messengers import check_messengers
from config.nodes import Listing, Table
from config.order import check_default, check_names
from config.reader import Reader, Unreadable
from config.references import check_references
from config.renamed import RENAMED, Modernizer, Rename
from config.scalars import duration
from config.sections import Deciding, Sections
from config.shadows import check_shadowed
from config.templates import template_names
from config.then import is_duration
from config.urgency import check_urgency
from inquiry.calendar import Calendar
from inquiry.errors import ConfigError
from inquiry.journey import ChannelName, QueueName, SpecialistName
from router.customers import Organization, Organizations
from router.rules import Rules, compile_rules
from specialists.people import Queue, Specialist


def load(
    path: Path,
    kinds: Mapping[str, type],
    *,
    known_templates: Collection[str] = (),
    run_tests: bool = True,
    environment: Mapping[str, str] = os.environ,
    renames: Sequence[Rename] = RENAMED,
) -> Configuration:
    """Read and check everything; nothing is loaded by halves.

    ``kinds`` maps the word after ``kind:`` to the dataclass of its settings; ``known_templates``
    are the names of those that ship with the product.

    Raises:
        ConfigError: with all problems of this stage, warnings among them.
    """
    with _nothing_collected():
        return _load(path, kinds, known_templates, run_tests, environment, renames)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Keep Python from looking for cycles among what is being built: with thousands of rules that
    takes a third of the time, and there are none.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _load(
    path: Path,
    kinds: Mapping[str, type],
    known_templates: Collection[str],
    run_tests: bool,
    environment: Mapping[str, str],
    renames: Sequence[Rename],
) -> Configuration:
    findings = Findings()
    files = Files(path, findings)
    root = spliced(files, files.root(), renames)
    allowances = allowances_in(files.texts, root)
    findings.allowed = allowances.silence
    reader = Reader(findings, environment)
    sections = _sections(reader, root)
    channels = _channels(reader, root, kinds)
    zone = sections.desk.timezone if sections else ZoneInfo("UTC")
    calendars = calendars_of(reader, root, files, zone)
    findings.check()
    if sections is None:
        raise ConfigError(findings.problems)
    check_names(sections.rules, findings)
    check_names(sections.tests, findings)
    templates = {*known_templates, *template_names(sections.templates, findings)}
    check_references(sections, templates, form_fields_of(channels), findings)
    check_customers(sections.customers, findings)
    check_urgency(sections.urgency, root.get("urgency"), findings)
    rules = rules_of(sections, files, root, calendars, findings)
    former = _former(sections, channels, findings)
    check_answers(channels, findings)
    check_fallbacks(channels, findings)
    check_chats(channels, calendars, findings)
    check_messengers(sections.desk, channels, findings)
    check_default(sections.rules, root.get("rules"), findings)
    check_shadowed(sections.rules, rules.rules, findings)
    check_sense(sections, channels, root, findings)
    findings.check()
    check_use(sections, root, calendars, findings)
    configuration = _configuration(files, sections, channels, calendars, rules)
    if run_tests:
        results = check_cases(configuration, findings)
        findings.check()
        if results:
            check_tested(sections.rules, never_reached(configuration, results), findings)
        allowances.check_used(findings)
    return replace(
        configuration, former=former, warnings=findings.warnings, notices=findings.notices
    )


def spliced(files: Files, root: Table, renames: Sequence[Rename] = RENAMED) -> Table:
    """Put the rules and tests of other files in their places, and present names to old keys."""
    entries = (
        replace(entry, value=files.spliced(entry.value))
        if entry.key.text in ("rules", "tests") and isinstance(entry.value, Listing)
        else entry
        for entry in root.entries
    )
    whole = replace(root, entries=tuple(entries))
    return Modernizer(files.findings, renames).table(whole)


def _sections(reader: Reader, root: Table) -> Sections | None:
    try:
        sections: Sections = reader.shaped(root, Sections)
    except Unreadable:
        return None
    return sections


def _channels(
    reader: Reader, root: Table, kinds: Mapping[str, type]
) -> dict[ChannelName, ChannelEntry]:
    table = root.get("channels")
    return read_channels(reader, table, kinds) if isinstance(table, Table) else {}


def calendars_of(
    reader: Reader, root: Table, files: Files, desk_zone: ZoneInfo
) -> Mapping[str, Calendar]:
    """Return the calendars by name."""
    table = root.get("calendars")
    return read_calendars(reader, table, files, desk_zone) if isinstance(table, Table) else {}


def _former(
    sections: Sections, channels: Mapping[ChannelName, ChannelEntry], findings: Findings
) -> Former:
    specialists = {str(name): entry.was for name, entry in sections.specialists.items()}
    return Former(
        queues=former_names("queue", {str(n): e.was for n, e in sections.queues.items()}, findings),
        specialists=former_names("specialist", specialists, findings),
        channels=former_names("channel", {n: e.was for n, e in channels.items()}, findings),
    )


def form_fields_of(channels: Mapping[ChannelName, ChannelEntry]) -> dict[str, tuple[str, ...]]:
    """Return the operator's own questions, of all forms, with the answers that may be chosen.

    There are none where customers may answer what they like.
    """
    found: dict[str, tuple[str, ...]] = {}
    for entry in channels.values():
        for name, asked in getattr(entry.settings, "fields", {}).items():
            before = found.get(str(name), asked.options)
            found[str(name)] = (*before, *asked.options) if before and asked.options else ()
    return found


def rules_of(
    sections: Deciding,
    files: Files,
    root: Table,
    calendars: Mapping[str, Calendar],
    findings: Findings,
) -> Rules:
    """Return the rules that run; bad patterns and words are noted."""
    compiler = Compiler(files, findings, sections.customers.attributes)
    lists = {
        str(name): [found for words in languages.values() for found in compiler.phrases(words)]
        for name, languages in sections.words.items()
    }
    urgency = root.get("urgency") or root
    return compile_rules(
        [compiler.rule(entry) for entry in sections.rules],
        lists,
        calendars=calendars,
        scale=compiler.scale(sections.urgency, urgency.place),
        durations={
            str(effect.value): duration(effect.value)
            for entry in sections.rules
            for effect in entry.then
            if effect.field == "snooze" and is_duration(effect.value)
        },
        configuration=files.hash,
    )


def _configuration(
    files: Files,
    sections: Sections,
    channels: Mapping[ChannelName, ChannelEntry],
    calendars: Mapping[str, Calendar],
    rules: Rules,
) -> Configuration:
    return Configuration(
        hash=files.hash,
        text=files.text,
        desk=sections.desk,
        web=sections.web,
        channels=channels,
        specialists=_specialists(sections),
        queues=_queues(sections),
        words={str(name): languages for name, languages in sections.words.items()},
        calendars=calendars,
        customers=sections.customers,
        organizations=organizations_of(sections),
        templates=sections.templates,
        rules=rules,
        portal=sections.portal,
        tests=tuple(Case(entry, files.short(entry.name.place)) for entry in sections.tests),
        files=tuple(files.texts),
    )


def organizations_of(sections: Sections) -> Organizations:
    """Return the organizations that the file names."""
    customers = sections.customers
    return Organizations(
        Organization(str(name), tuple(map(str, entry.domains)), values_of(customers, entry))
        for name, entry in customers.organizations.items()
    )


def _specialists(sections: Sections) -> dict[SpecialistName, Specialist]:
    return {
        SpecialistName(str(name)): Specialist(
            name=SpecialistName(str(name)),
            full_name=entry.name,
            email=entry.email,
            languages=tuple(map(str, entry.languages)),
            skills=entry.skills,
            role=entry.role,
        )
        for name, entry in sections.specialists.items()
    }


def _queues(sections: Sections) -> dict[QueueName, Queue]:
    return {
        QueueName(str(name)): Queue(
            name=QueueName(str(name)),
            line=entry.line,
            members=tuple(SpecialistName(str(member)) for member in entry.members),
            assign_by=entry.assign.by,
            send_from=ChannelName(str(entry.send_from)) if entry.send_from else None,
        )
        for name, entry in sections.queues.items()
    }

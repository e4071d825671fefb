"""All lints in two steps: what is surely wrong, and what is looked at once nothing is wrong."""

from collections.abc import Mapping

from config.checks.addresses import check_addresses
from config.checks.contradictions import check_contradictions
from config.checks.early import check_early
from config.checks.literals import check_literals
from config.checks.patterns import check_patterns
from config.checks.queues import check_queues
from config.checks.translations import check_translations
from config.checks.words import check_words
from config.configuration import ChannelEntry
from config.findings import Findings
from config.nodes import Table
from config.sections import Sections
from inquiry.calendar import Calendar
from inquiry.journey import ChannelName


def check_sense(
    sections: Sections,
    channels: Mapping[ChannelName, ChannelEntry],
    root: Table,
    findings: Findings,
) -> None:
    """Note what can't be meant, beside references and the order of the rules."""
    check_patterns(root, sections.desk.languages, findings)
    check_literals(root, findings)
    check_addresses(channels, root, findings)


def check_use(
    sections: Sections, root: Table, calendars: Mapping[str, Calendar], findings: Findings
) -> None:
    """Note what is of no use. A misspelt name would make much seem so: references come first."""
    check_words(sections, root, findings)
    check_queues(sections, root, findings)
    check_contradictions(sections, calendars, findings)
    check_early(sections.rules, findings)
    check_translations(sections, findings)

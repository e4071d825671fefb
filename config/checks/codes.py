"""The codes of all that may be wrong, and the page that tells about each."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "checks.md"
SHAPE = frozenset(
    {
        "file",
        "yaml",
        "yaml-escape",
        "value",
        "unknown-key",
        "missing",
        "duplicate-key",
        "include",
    }
)
"""What is looked at first; the rest only once these are right."""
MEANING = frozenset(
    {
        "reference",
        "pattern",
        "missing-template",
        "template",
        "template-variable",
        "no-default",
        "not-installed",
        "restart-needed",
        "test",
        "unused-allow",
    }
)
LINTS = frozenset(
    {
        "ambiguous-word",
        "ascii-pattern",
        "asked-too-early",
        "calendar-never-open",
        "contradiction",
        "dead-word",
        "deprecated",
        "empty-queue",
        "long-night",
        "loop-address",
        "member-without-language",
        "no-answer",
        "not-a-member",
        "not-yet",
        "orphaned",
        "overlapping-mailboxes",
        "read-as-words",
        "secret-in-file",
        "shadowed",
        "slow-pattern",
        "template-language",
        "unreachable-queue",
        "unspoken-language",
        "untested-rule",
    }
)
"""What may be silenced, be it a warning or an error."""
ELSEWHERE = frozenset({"not-installed", "orphaned", "restart-needed"})
"""Those that the file alone can't show: they need the machine, the database, or what is running."""
CODES = SHAPE | MEANING | LINTS
_SECTION = r"^## {}\n+(.*?)(?=^## |\Z)"


def explained(code: str) -> str:
    """Return what the page tells about a code, "" if there is none of this name."""
    page = PAGE.read_text("utf-8")
    found = re.search(_SECTION.format(re.escape(code)), page, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""

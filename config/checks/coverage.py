"""Rules that no test of the file reaches."""

from collections.abc import Collection, Sequence

from config.findings import Findings
from config.sections import RuleEntry


def check_tested(
    rules: Sequence[RuleEntry], unreached: Collection[str], findings: Findings
) -> None:
    """Mention each rule that no test matches."""
    for rule in rules:
        if rule.name in unreached:
            text = f"no test reaches rule {str(rule.name)!r}"
            findings.notice(rule.name.place, "untested-rule", text, "add one to 'tests'")

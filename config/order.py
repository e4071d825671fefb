"""The last rule takes everything, and every name is there once."""

from collections.abc import Sequence

from config.asked import EVERYTHING
from config.findings import Findings
from config.nodes import Node
from config.sections import RuleEntry, TestEntry
from router.rules import Turn


def check_default(rules: Sequence[RuleEntry], node: Node | None, findings: Findings) -> None:
    """The last rule takes everything and names a queue, so that no message is without one."""
    if not rules:
        if node is not None:
            findings.error(node.place, "no-default", "there are no rules", _DEFAULT)
        return
    last = rules[-1]
    takes_all = last.when == EVERYTHING and (not last.on or Turn.OPENING in last.on)
    if not takes_all or all(effect.field != "queue" for effect in last.then):
        text = f"the last rule, {str(last.name)!r}, does not give every message a queue"
        findings.error(last.name.place, "no-default", text, _DEFAULT)


_DEFAULT = "end with a rule that says 'when: always' and names a queue"


def check_names(named: Sequence[RuleEntry] | Sequence[TestEntry], findings: Findings) -> None:
    """Names are unique: they stand in explanations and figures."""
    first: dict[str, str] = {}
    for entry in named:
        name = str(entry.name)
        if name in first:
            text = f"{name!r} is the name of two"
            findings.error(entry.name.place, "duplicate-key", text, f"first at {first[name]}")
        first.setdefault(name, f"{entry.name.place.file.name}:{entry.name.place.line}")

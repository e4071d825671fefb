"""Values that look like a pattern or like a list, and are looked for as they are written."""

import re
from collections.abc import Iterator

from config.checks.walking import Found, scalars
from config.findings import Findings
from config.nodes import Scalar, Table
from router.patterns import is_pattern

_TEXTS = frozenset({"subject", "body", "text"})
_NAMED = frozenset({"form", "header"})
_PATTERN = re.compile(
    r"""
      \\[bBdDwWsSpP.]            # \b, \d, \w, \.
    | \(\?                      # (?P<order>…), (?i)
    | \.[*+]                    # .*, .+
    | \[[^\]\s]+\][*+?{]        # [0-9]+
    | [\w\])]\{\d+(?:,\d*)?\}   # x{6}
    | \w\|\w                    # one|other
    | \A\^\S | \S\$\Z           # ^Re:
    """,
    re.VERBOSE,
)
_LIST = re.compile(r"\S, *\S")


def check_literals(root: Table, findings: Findings) -> None:
    """Look at what rules search for, and at the word lists."""
    for found in _searched(root):
        if is_pattern(found.scalar.text) or _like_pattern(found.scalar, findings):
            continue
        if found.keys[-1] in _TEXTS:
            _like_list(found.scalar, findings)
    for found in scalars(root.get("words")):
        if not _like_pattern(found.scalar, findings, in_list=True):
            _like_list(found.scalar, findings)


def _searched(root: Table) -> Iterator[Found]:
    for section in ("rules", "urgency"):
        for found in scalars(root.get(section)):
            asked = _TEXTS.intersection(found.keys[-1:]) or _NAMED.intersection(found.keys[-2:-1])
            if asked and "then" not in found.keys:
                yield found


def _like_pattern(scalar: Scalar, findings: Findings, *, in_list: bool = False) -> bool:
    text = scalar.text
    whole = in_list and is_pattern(text)
    if not whole and not _PATTERN.search(text):
        return False
    hint = "write a pattern between slashes: '/…/'"
    if in_list:
        hint = "word lists hold no patterns: ask for this one in a rule, by 'text'"
    elif text.startswith("/"):
        hint = "a pattern has a slash at its end, too: '/…/'"
    told = f"'{text}' looks like a pattern, and is looked for as it is written"
    findings.warn(scalar.place, "read-as-words", told, hint)
    return True


def _like_list(scalar: Scalar, findings: Findings) -> None:
    if _LIST.search(scalar.text):
        told = f"'{scalar.text}' is looked for as one phrase, with its comma"
        findings.warn(scalar.place, "read-as-words", told, "write several in brackets: [ …, … ]")

"""Quoted mails without marks: ``From: … Sent: …`` blocks and ``--- Original message ---`` lines."""

import re
from collections.abc import Sequence

from inquiry.folding import fold
from normalizer.introductions import quoted
from normalizer.phrases import phrases

_LABEL = re.compile(
    r"[ \t\xa0|]*[*_]{0,2}(?P<label>[^\W\d_][^:：<>@*\n]{0,30}?)[*_ \t\xa0]{0,4}[:：]"
)
_RULED = re.compile(r"[\s*>]*[-_=*~]{2,}\s*(?P<words>[^-_=*~\s][^\n]{1,80}?)\s*[-_=*~]{2,}\s*")
_RUN_ON = re.compile(r"\s*-{2,20} (?P<words>[^-\n]{1,80}?) -{2,20}(?P<rest>[^-\s][^\n]{1,80})")
"""A separator with the first label behind it: text made of HTML without its line breaks."""
_RULE = re.compile(r"\s*[-_=*~\u2500]{5,}\s*")
_HASHED = re.compile(r"\s*#{2,}\s?\S[^\n]{5,150}\S\s?#{2,}\s*")
_LINES = 14
_LABELS_ABOVE = 5


def unmarked_quote(lines: Sequence[str]) -> int | None:
    """Return the line from which on everything is an older mail, or None."""
    asking, above = _asks(lines), False
    for at, line in enumerate(lines):
        if not line.strip():
            continue
        if not _tells(line) and not asking:
            pass
        elif not quoted(line) or _RULED.fullmatch(line):
            if _is_separator(lines, at) or _is_header_block(lines, at):
                return _with_rule_above(lines, at)
            if above and _asks_above(line, asking):
                return _with_rule_above(lines, at)
        above = True
    return None


def _tells(line: str) -> bool:
    """Can this line be a separator, a label or a request at all? Most can't."""
    return ":" in line or "##" in line or "：" in line or line.lstrip()[0] in "-_=*~>"


def _with_rule_above(lines: Sequence[str], at: int) -> int:
    """Take in the rule and the blank lines right above."""
    above = at
    while above > 0 and (not lines[above - 1].strip() or _RULE.fullmatch(lines[above - 1])):
        above -= 1
    return above


def with_labels_above(lines: Sequence[str], at: int) -> int:
    """Take in labels right above an introduction, if they stand under a rule."""
    above = at
    while above > 0 and above > at - _LABELS_ABOVE and label(lines[above - 1]):
        above -= 1
    ruled = 0 < above < at and _RULE.fullmatch(lines[above - 1])
    return above - 1 if ruled else at


def _is_separator(lines: Sequence[str], at: int) -> bool:
    line = lines[at]
    ruled = _RULED.fullmatch(line[:200])
    if not ruled and (run_on := _RUN_ON.match(line[:200])) and label(run_on["rest"]):
        return fold(run_on["words"]).startswith(phrases().original)
    if not ruled and not line.rstrip(" *_").endswith((":", "：")):
        return False
    words = fold((ruled["words"] if ruled else line[:80]).strip(" *_:：\t"))
    if ruled:
        return words.startswith(phrases().original) or len(_kinds(lines, at + 1)) >= 3
    return words in phrases().original


def _is_header_block(lines: Sequence[str], at: int) -> bool:
    """Do several labels of a mail header stand here, one below the other?"""
    if not label(lines[at]):
        return False
    kinds = _kinds(lines, at)
    if at > 0 and _RULE.fullmatch(lines[at - 1]) and len(kinds) >= 3 and "from" in kinds:
        return True
    if len(kinds) < 3 or "from" not in kinds or not kinds & {"subject", "sent"}:
        return False
    return kinds >= {"subject", "sent"} or any("@" in line for line in lines[at : at + _LINES])


def _kinds(lines: Sequence[str], at: int) -> set[str]:
    """Return what the labels from here on stand for; wrapped values are stepped over."""
    kinds: set[str] = set()
    since = 0
    for line in lines[at : at + _LINES]:
        found = label(line)
        if found:
            kinds |= found - kinds if len(found) == 1 else set(sorted(found - kinds)[:1])
            since = 0
        elif kinds:
            since += 1
            if since > 2 or (not line.strip() and len(kinds) >= 3):
                break
    return kinds


def label(line: str) -> frozenset[str]:
    """Return what this line of a quoted header may say: ``from``, ``sent``, ``subject`` …"""
    head = line[:60]
    if ":" not in head and "：" not in head:
        return frozenset()
    match = _LABEL.match(head)
    return phrases().labels.get(fold(match["label"].strip()), frozenset()) if match else frozenset()


def _asks(lines: Sequence[str]) -> list[str]:
    """Return the phrases that ask for an answer above them and that stand somewhere here."""
    folded = fold("\n".join(lines))
    return [phrase for phrase in phrases().above if phrase in folded]


def _asks_above(line: str, asking: Sequence[str]) -> bool:
    """Is this the line above which an answer was asked for? It must have something above it."""
    if len(line) > 250:
        return False
    if _HASHED.fullmatch(line):
        return True
    return bool(asking) and any(phrase in fold(line) for phrase in asking)

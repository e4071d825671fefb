r"""Patterns that would miss letters of the desk's languages, or take too long."""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from time import perf_counter, thread_time

import regex

from config.checks.walking import Found, scalars
from config.findings import Findings
from config.nodes import Node, Scalar, Table
from router.patterns import TIMEOUT_SECONDS, is_pattern

_ADDRESSES = ("from", "to")
"""Addresses are made of ASCII letters, so patterns for them may be."""
_ASCII_LANGUAGES = frozenset({"en", "id", "ms", "so", "sw", "xh", "zu"})
_LETTERS = {
    "cs": "ř", "da": "æ", "de": "ü", "es": "ñ", "et": "õ", "fi": "ä", "fr": "é", "hu": "ő",
    "is": "ð", "it": "à", "lt": "ž", "lv": "ķ", "nb": "ø", "nl": "ë", "nn": "ø", "no": "ø",
    "pl": "ł", "pt": "ã", "ro": "ș", "ru": "ж", "sv": "å", "tr": "ğ", "uk": "ї",
}  # fmt: skip
_ANY_LETTER = "é"
_ASCII_FLAG = re.compile(r"\(\?[a-zA-Z]*a[a-zA-Z]*[):-]")
_CLASS = re.compile(
    r"\\.|(?P<class>\[\^?\]?(?:\\.|[^\]\\])*\])(?P<often>[+*]|\{\d+,\})?", re.DOTALL
)
_MORE = re.compile(r"[^\x00-\x7f]|0-9|\\[dwpPu]")
"""What a class with a-z holds if it is for more than ASCII letters, or for codes such as 7f3a."""
_REPEATED = re.compile(r"(?<!\\)(?:[+*]|\{\d+,\}|\{\d*,?\d{2,}\})")
_REPEATED_CHOICE = re.compile(r"\|[^()]*\)(?:[+*]|\{)")
_REPEATED_TWICE = 2
_BACK_REFERENCE = re.compile(r"\(\?P=|\\[1-9]")
_BUDGET_SECONDS = 0.3
"""For all patterns of a configuration: however many there are, it loads in time."""
_SHARE_SECONDS = 0.2
"""For one of them."""
_MOSTLY = 0.8
_LONG = 1_000
_SHORT = 30
_PUMPS = ("a", "A", "0", " ", "-", "_", ".", ",", "\n", "ø", "a ", "a,", "0-", "a.")


def check_patterns(root: Table, languages: Collection[str], findings: Findings) -> None:
    """Look at every pattern in the rules and in the fields of forms."""
    letter = _beyond_ascii(languages)
    until = perf_counter() + _BUDGET_SECONDS
    for found in _patterns(root.get("rules")):
        body, _, flags = found.scalar.text[1:].rpartition("/")
        if letter and not set(_ADDRESSES).intersection(found.keys):
            _check_letters(found.scalar, body, letter, findings, any_case="i" in flags)
        _check_time(found.scalar, body, until, findings)
    for found in scalars(root.get("channels")):
        if found.keys[1:2] == ("fields",) and found.keys[-1] == "pattern":
            _check_time(found.scalar, found.scalar.text, until, findings)


def _patterns(rules: Node | None) -> Iterator[Found]:
    for found in scalars(rules):
        if "when" in found.keys and is_pattern(found.scalar.text):
            yield found


def _beyond_ascii(languages: Collection[str]) -> str:
    """Return a letter that the desk's customers write and that is not ASCII, "" if none is."""
    for language in languages:
        plain = language.partition("-")[0]
        if plain not in _ASCII_LANGUAGES:
            return _LETTERS.get(plain, _ANY_LETTER)
    return ""


def _check_letters(
    scalar: Scalar, body: str, letter: str, findings: Findings, *, any_case: bool
) -> None:
    if _ASCII_FLAG.search(body):
        text = f"(?a) makes \\w and \\b blind to letters such as {letter!r}"
        findings.error(scalar.place, "ascii-pattern", text, "leave the flag away")
        return
    for piece in _CLASS.finditer(body):
        inside = piece["class"] or ""
        large = "A-Z" in inside and (any_case or piece["often"])
        if ("a-z" in inside or large) and not _MORE.search(inside):
            text = f"{inside} does not know letters such as {letter!r}"
            hint = r"write \p{L} for any letter, \w for letters and digits"
            findings.error(scalar.place, "ascii-pattern", text, hint)
            return


def _check_time(scalar: Scalar, body: str, until: float, findings: Findings) -> None:
    if perf_counter() < until and (nasty := slow_on(body)):
        text = f"this pattern takes too long on a text such as {nasty!r}"
        hint = (
            "avoid a repetition inside a repetition, such as (a+)+:"
            " a search that is given up counts as not found"
        )
        findings.warn(scalar.place, "slow-pattern", text, hint)


@lru_cache(maxsize=4096)
def slow_on(body: str) -> str:
    """Return the beginning of a text that the pattern is too slow on, "" if none is known.

    Only patterns with several repetitions are tried, each of their groups as well as the whole,
    and each try is cut off: looking for a slow pattern is never slow itself.
    """
    risky = _REPEATED_CHOICE.search(body) or _BACK_REFERENCE.search(body)
    if len(_REPEATED.findall(body)) < _REPEATED_TWICE and not risky:
        return ""
    # What follows a group is left out, so that a failure right after it is sure to be met.
    groups = (rf"\A(?:{group})[\x00\x01]" for group in _repeated_groups(body))
    until = perf_counter() + _SHARE_SECONDS
    return next(filter(None, (_nasty(part, until) for part in (body, *groups))), "")


def _nasty(part: str, until: float) -> str:
    try:
        compiled = regex.compile(part, regex.IGNORECASE)
    except (regex.error, ValueError):
        return ""
    for pump in dict.fromkeys((*_pieces(part), *_PUMPS)):
        for length in (_SHORT, _LONG):
            if perf_counter() > until:
                return ""
            # With the pattern itself at the end no letter is missing that it would look for first.
            text = f"{(pump * length)[:length]}\x02{part}"
            if _too_long(compiled, text):
                return f"{(pump * _SHORT)[:12]}…"
    return ""


def _pieces(part: str) -> Iterator[str]:
    """Return runs of letters that stand in the pattern, to be repeated."""
    for run in re.findall(r"(?<!\\)\w{1,20}", part):
        yield run
        yield run[0]


def _too_long(compiled: "regex.Pattern[str]", text: str) -> bool:
    """Does the search itself take so long? Time that others had on the machine doesn't count."""
    for patience in (1, 4):
        began = thread_time()
        try:
            compiled.search(text, timeout=patience * TIMEOUT_SECONDS)
        except TimeoutError:
            if thread_time() - began >= _MOSTLY * TIMEOUT_SECONDS:
                return True
        else:
            return thread_time() - began > TIMEOUT_SECONDS
    return False


def _repeated_groups(body: str) -> Iterator[str]:
    """Return each group that is repeated, with its repetition."""
    opened: list[int] = []
    for piece in re.finditer(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()]", body, re.DOTALL):
        if piece[0] == "(":
            opened.append(piece.start())
        elif piece[0] == ")" and opened:
            start = opened.pop()
            if after := _REPEATED.match(body, piece.end()):
                yield body[start : after.end()]

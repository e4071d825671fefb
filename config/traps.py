"""YAML's own traps, and what to write instead."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import yaml

_SPECIAL = "*@`%>&!|"
_COMMENT = "what follows a # is a comment: put the value in quotes"
_STARTS_SPECIAL = re.compile(rf"(?:[:,-]\s+|[\[{{])([{re.escape(_SPECIAL)}])[^\s,]*$")
_PATTERN = re.compile(r"(?::\s+|,\s*|\[\s*)/[^'\"]*$")
_COMMENT_AS_VALUE = re.compile(r"(?::\s+|[\[{,]\s*)#")
_BARE_KEY = re.compile(r"\s*(?:- +)?(?P<key>[\w-]+)(?P<colon>:?)")
_DASH = re.compile(r"\s*-[\w'\"]")


@dataclass(frozen=True, slots=True)
class _Broken:
    """Where reading stopped (line and column from 0), and where began what was being read."""

    said: str
    lines: tuple[str, ...]
    number: int
    column: int
    began: int
    began_column: int

    @property
    def line(self) -> str:
        return self.lines[self.number] if self.number < len(self.lines) else ""

    @property
    def before(self) -> str:
        return self.line[: self.column]

    @property
    def after(self) -> str:
        return self.line[self.column :]


def explain_syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[yaml.Mark | None, str, str]:
    """Say where and why the text is no YAML, and what to write instead."""
    said = error.problem or error.context or "this is no YAML"
    mark = error.problem_mark
    if mark is None:
        return None, said, ""
    if (quote := _long_quote(error, text)) is not None:
        told = "the text in quotes that begins here goes on over several lines"
        return quote, told, "is the quote at its end missing?"
    began = error.context_mark or mark
    if "expected ':'" in said:  # noticed only on the next line
        mark = began
    place = (mark.line, mark.column, began.line, began.column)
    broken = _Broken(said, tuple(text.split("\n")), *place)
    return mark, said, next(filter(None, (hint(broken) for hint in _HINTS)), "")


def _long_quote(error: yaml.MarkedYAMLError, text: str) -> yaml.Mark | None:
    """Return where a text in quotes begins that ends lines below, right before the mistake."""
    if "quoted scalar" in (error.context or "") and "end of stream" in (error.problem or ""):
        return error.context_mark
    found = None
    try:
        for token in yaml.scan(text, Loader=yaml.CSafeLoader):
            if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"'):
                ends, begins = token.end_mark, token.start_mark
                here = error.problem_mark is not None and ends.line == error.problem_mark.line
                found = begins if here and begins.line < ends.line else found
    except yaml.YAMLError:
        pass
    return found


def _blanks(broken: _Broken) -> str:
    for number in range(broken.began, broken.number + 1):
        line = broken.lines[number] if number < len(broken.lines) else ""
        margin = line[: len(line) - len(line.lstrip())]
        if "\t" in margin and number == broken.number:
            return "indent with spaces; YAML allows no tabs there"
        if odd := margin.strip(" \t"):
            return f"line {number + 1} begins with odd blanks (U+{ord(odd[0]):04X}): write spaces"
    return ""


def _apostrophe(broken: _Broken) -> str:
    if re.search(r"\w'$", broken.before) and broken.after[:1].isalnum():
        return "in 'single quotes' an apostrophe is written twice: ''"
    return ""


def _comment(broken: _Broken) -> str:
    until = broken.lines[broken.began : broken.number + 1]
    if "expected ',' or" in broken.said and any(map(_COMMENT_AS_VALUE.search, until)):
        return _COMMENT
    return ""


def _pattern(broken: _Broken) -> str:
    if _PATTERN.search(broken.before):
        return "write a pattern in single quotes: '/…/'"
    return ""


def _special(broken: _Broken) -> str:
    found = _STARTS_SPECIAL.search(broken.before)
    here = broken.after[:1] or " "
    value = broken.line.partition(": ")[2].lstrip()[:1] or here
    if found or here in _SPECIAL or value in _SPECIAL:
        special = found[1] if found else here if here in _SPECIAL else value
        return f"a value that starts with {special} means something to YAML: put it in quotes"
    return ""


def _bracket(broken: _Broken) -> str:
    if "expected ',' or" not in broken.said and "node content" not in broken.said:
        return ""
    if broken.number > broken.began:
        return f"close the bracket of line {broken.began + 1}"
    if broken.after[:1] not in ("}", "]", ""):
        return "a comma stands between two values; put a text with a colon or comma in quotes"
    return "close the bracket; between brackets put a text with a colon or comma in quotes"


def _escape(broken: _Broken) -> str:
    if "unknown escape" in broken.said:
        return "in double quotes a backslash means something to YAML: use single quotes"
    return ""


def _documents(broken: _Broken) -> str:
    return "a file is one document: take --- away" if "another document" in broken.said else ""


def _key(broken: _Broken) -> str:
    """Tell of a key without its colon, or without the blank after it."""
    key = _BARE_KEY.match(broken.line)
    rest = broken.line[key.end() :] if key else ""
    if key and key["colon"] and rest[:1].strip():
        return f"write a space after the colon: '{key['key']}: …'"
    if key and not key["colon"] and "allowed" not in broken.said:
        return f"write a colon and a space after {key['key']!r}"
    return ""


def _dash(broken: _Broken) -> str:
    lines = broken.lines[max(broken.number - 1, 0) : broken.number + 1]
    if any(map(_DASH.match, lines)) and "allowed" in broken.said:
        return "write a space after the dash"
    if broken.after.startswith("- ") and "expected key" in broken.said:
        return "among keys there can be no '- …': a list has a key of its own"
    if "'-' indicator" in broken.said and broken.column == broken.began_column:
        return "among the '- …' of a list there can be no key: indent it, or write it above"
    return ""


def _depth(broken: _Broken) -> str:
    if broken.after[:1] in ("}", "]"):
        return "a bracket is closed here that was never opened"
    if "expected key" in broken.said or "'-' indicator" in broken.said:
        if broken.before.strip(" -"):
            return "put the whole value in quotes"
        return "indent it exactly like the keys that stand beside it"
    if "mapping values" in broken.said:
        if re.fullmatch(r"\s*(?:- +)?[\w-]+", broken.before):
            return "indent it exactly like the keys that stand beside it"
        return "a text with a colon and a space in it: put it in quotes"
    return ""


_HINTS: tuple[Callable[[_Broken], str], ...] = (
    _blanks, _apostrophe, _escape, _comment, _pattern, _special, _documents, _bracket, _dash,
    _key, _depth,
)  # fmt: skip
"""From the surest to the most general."""


def explain_value(found: yaml.ScalarNode, line: str) -> str:
    """Return a hint about what YAML may have made of a scalar, "" if nothing odd was done."""
    column = found.start_mark.column
    if not found.value and not found.style and "#" in line[column:]:
        return "text after # is a comment; put the value in quotes"
    if not found.value and line[column:].startswith("&"):
        return "a value that starts with & means something to YAML: put it in quotes"
    if found.tag.startswith("!"):
        return "a value that starts with ! means something to YAML: put it in quotes"
    if found.style in (">", "|"):
        return f"a value that starts with {found.style} means something to YAML: put it in quotes"
    key, colon, rest = found.value.partition(":")
    if colon and key.isidentifier() and rest and not rest.startswith("/"):
        return f"write a space after the colon: {key}: {rest}"
    return ""

"""YAML's own traps, and what to write instead."""

import yaml

_SPECIAL = "*@`%>&!|"


def explain_syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[str, str]:
    """Say in our words, with a hint, why the text is no YAML."""
    said = error.problem or error.context or "this is no YAML"
    mark = error.problem_mark
    if mark is None:
        return said, ""
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    return said, _hint(line, mark.column, said)


def _hint(line: str, column: int, said: str) -> str:
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces; YAML allows no tabs there"
    here = line[column : column + 1] or " "
    value = line.partition(": ")[2].lstrip()[:1] or here
    if here in _SPECIAL or value in _SPECIAL:
        special = here if here in _SPECIAL else value
        return f"a value that starts with {special} means something to YAML: put it in quotes"
    if "mapping values are not allowed" in said:
        return "a text with a colon and a space in it: put it in quotes"
    if "expected ',' or '}'" in said or "expected ',' or ']'" in said:
        return "close the bracket; between brackets put a text with a colon or comma in quotes"
    if "unknown escape" in said:
        return "in double quotes a backslash means something to YAML: use single quotes"
    return ""


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

"""Problems as people and machines read them."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from config.redact import lines_of, shown
from config.regular import read_bytes
from inquiry.errors import Problem

_LONGEST_LINE = 200


def rendered(problem: Problem) -> str:
    """Return where, what and what instead: the sentence, the line, and a caret with the hint."""
    parts = [str(problem)]
    line = "" if problem.private else _line(problem.place.file, problem.place.line)
    if line.strip():
        parts.append(line[:_LONGEST_LINE])
    if problem.hint:
        indent = problem.place.column - 1 if line.strip() else 4
        parts.append(f"{' ' * min(indent, _LONGEST_LINE)}^ {problem.hint}")
    return "\n".join(parts)


def annotation(problem: Problem) -> str:
    """Return a problem as GitHub shows it beside the line."""
    place = problem.place
    told = f"{problem.text}: {problem.hint}" if problem.hint else problem.text
    file = _escaped(str(_from_here(place.file))).replace(":", "%3A").replace(",", "%2C")
    return (
        f"::{problem.severity} file={file},line={place.line},col={place.column},"
        f"title={problem.code}::{_escaped(told)}"
    )


def _from_here(file: Path) -> Path:
    """Return a file as the repository that is checked calls it."""
    here = Path.cwd()
    return file.relative_to(here) if file.is_absolute() and file.is_relative_to(here) else file


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def as_json(problem: Problem) -> dict[str, Any]:
    """Return a problem as data."""
    return {
        "file": str(problem.place.file),
        "line": problem.place.line,
        "column": problem.place.column,
        "severity": problem.severity,
        "code": problem.code,
        "text": problem.text,
        "hint": problem.hint,
    }


def counted(problems: Sequence[Problem]) -> str:
    """Return ``2 errors, 1 warning``."""
    counts = Counter(problem.severity for problem in problems)
    figures = ((counts[word], word) for word in ("error", "warning", "notice"))
    told = [f"{count} {word}{'s' * (count != 1)}" for count, word in figures if count]
    return ", ".join(told) or "no problems"


def _line(file: Path, number: int) -> str:
    try:
        lines = lines_of(read_bytes(file).decode("utf-8-sig", errors="replace"))
    except OSError:
        return ""
    return shown(lines[number - 1]) if number <= len(lines) else ""

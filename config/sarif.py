"""Problems in SARIF 2.1.0, which code hosts and editors show beside the lines."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from config.checks.codes import explained
from inquiry.errors import Place, Problem

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "notice": "note"}
_ROOT = "%SRCROOT%"


def as_sarif(problems: Sequence[Problem], root: Path, version: str) -> dict[str, Any]:
    """Return one log with one run. Places are relative to ``root`` as far as they are in it."""
    codes = sorted({problem.code for problem in problems})
    driver = {
        "name": "deskbridge",
        "semanticVersion": version,
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, codes.index(problem.code), root) for problem in problems],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    told = explained(code)
    first = told.split("\n\n")[1:2]
    short = " ".join(first[0].split()) if first else code
    return {
        "id": code,
        "shortDescription": {"text": short},
        "help": {"text": told or code, "markdown": told or code},
    }


def _result(problem: Problem, number: int, root: Path) -> dict[str, Any]:
    text = f"{problem.text}: {problem.hint}" if problem.hint else problem.text
    place = problem.place
    return {
        "ruleId": problem.code,
        "ruleIndex": number,
        "level": _LEVELS[problem.severity],
        "message": {"text": text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _location(place, root),
                    "region": {"startLine": place.line, "startColumn": place.column},
                }
            }
        ],
    }


def _location(place: Place, root: Path) -> dict[str, str]:
    file, folder = place.file.resolve(), root.resolve()
    if not file.is_relative_to(folder):
        return {"uri": file.as_uri()}
    return {"uri": quote(file.relative_to(folder).as_posix()), "uriBaseId": _ROOT}

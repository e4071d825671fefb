"""The operator's own templates: named by language, using only what there is to use."""

import re
from pathlib import Path

from config.findings import Findings
from config.regular import read_text
from inquiry.errors import Place

CHAT = ".chat"
"""Ends the name of a short form; the template is the one without."""
_LINE = re.compile(r"line (?P<line>[0-9]+): (?P<told>.*)", re.DOTALL)
_VARIABLE = re.compile(r"(?P<told>no variable '(?P<name>\w+)'); (?P<hint>.*)")


def template_names(folder: Path | None, findings: Findings) -> set[str]:
    """Return the names of the templates in ``folder``; note those that can't be used."""
    if folder is None:
        return set()
    if not folder.is_dir():
        findings.error(Place(folder, 1), "missing-template", "there is no such folder")
        return set()
    files = sorted(folder.glob("*.md"))
    return {name.removesuffix(CHAT) for file in files if (name := _name(file, findings))}


def _name(file: Path, findings: Findings) -> str:
    from outbox.wording import faults

    name, _, language = file.name.removesuffix(".md").rpartition(".")
    if not name:
        hint = f"did you mean {language}.en.md?"
        findings.error(Place(file, 1), "template", "the name of a template has a language", hint)
        return ""
    try:
        text = read_text(file)
    except (OSError, UnicodeDecodeError):
        findings.error(Place(file, 1), "template", "it can't be read as UTF-8 text")
        return name
    for fault in faults(text):
        _note(fault, file, text, findings)
    return name


def _note(fault: str, file: Path, text: str, findings: Findings) -> None:
    """Note a fault where it is in the template."""
    if found := _LINE.fullmatch(fault):
        findings.error(Place(file, int(found["line"])), "template", found["told"])
    elif found := _VARIABLE.fullmatch(fault):
        place = _place(found["name"], file, text)
        findings.error(place, "template-variable", found["told"], found["hint"])
    else:
        findings.error(Place(file, 1), "template", fault)


def _place(name: str, file: Path, text: str) -> Place:
    """Return where a variable stands first."""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := re.search(rf"\b{re.escape(name)}\b", line):
            return Place(file, number, found.start() + 1)
    return Place(file, 1)

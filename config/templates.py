"""The operator's own templates: named by language, using only what there is to use."""

from pathlib import Path

from config.findings import Findings
from inquiry.errors import Place


def template_names(folder: Path | None, findings: Findings) -> set[str]:
    """Return the names of the templates in ``folder``; note those that can't be used."""
    if folder is None:
        return set()
    if not folder.is_dir():
        findings.error(Place(folder, 1), "missing-template", "there is no such folder")
        return set()
    files = sorted(folder.glob("*.md"))
    return {name for file in files if (name := _name(file, findings))}


def _name(file: Path, findings: Findings) -> str:
    from outbox.wording import faults

    name, _, language = file.name.removesuffix(".md").rpartition(".")
    if not name:
        hint = f"did you mean {language}.en.md?"
        findings.error(Place(file, 1), "template", "the name of a template has a language", hint)
        return ""
    try:
        told = faults(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        told = ["it can't be read as UTF-8 text"]
    for fault in told:
        findings.error(Place(file, 1), "template", fault)
    return name

"""Replies that some of the desk's languages have no template for."""

from pathlib import Path

from config.findings import Findings
from config.scalars import Word
from config.sections import Sections


def check_translations(sections: Sections, findings: Findings) -> None:
    """Mention each template once, where a rule first replies by it."""
    replies: dict[str, Word] = {}
    for rule in sections.rules:
        for effect in rule.then:
            if effect.field == "reply":
                replies.setdefault(str(effect.value), effect.value)
    there = _files(sections.templates) if replies else frozenset()
    for name, word in replies.items():
        missing = [tag for tag in sections.desk.languages if f"{name}.{tag}.md" not in there]
        if missing:
            text = f"template {name!r} is missing in {', '.join(missing)}"
            hint = f"another language is taken, unless you write {name}.{missing[0]}.md"
            findings.notice(word.place, "template-language", text, hint)


def _files(own: Path | None) -> frozenset[str]:
    from outbox.wording import SHIPPED

    folders = [folder for folder in (own, SHIPPED) if folder]
    return frozenset(file.name for folder in folders for file in folder.glob("*.md"))

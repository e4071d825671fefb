"""What short texts are taken for: ``python -m tests.normalizer.language_report``."""

from collections import Counter
from functools import cache
from pathlib import Path

from inquiry.understood import Known
from normalizer.language import languages_of

DESK = Known(languages=("nb", "pl", "et", "ru", "en"))
NEIGHBOURS = ("nn", "da", "sv", "fi", "uk")
_TEXTS = Path(__file__).parent / "languages"


@cache
def sentences(language: str) -> tuple[str, ...]:
    """Return what customers wrote in a language, one short text a line."""
    return tuple((_TEXTS / f"{language}.txt").read_text("utf-8").splitlines())


def taken_for(language: str) -> list[tuple[str, tuple[str, str]]]:
    """Return each text with the desk's language it is taken for, and the unrestricted guess."""
    return [(text, languages_of(text, DESK)) for text in sentences(language)]


def report() -> str:
    """Return a table: for each language, how its texts are answered and what they look like."""
    rows = [f"{'':4}{'texts':>6}{'right':>8}  answered in; looks like"]
    for language in (*DESK.languages, *NEIGHBOURS):
        found = [result for _, result in taken_for(language)]
        answered, guessed = (Counter(pair[at] for pair in found) for at in (0, 1))
        right = (answered if language in DESK.languages else guessed)[language] / len(found)
        row = f"{language:4}{len(found):6}{right:8.1%}  {_counted(answered)}; {_counted(guessed)}"
        rows.append(row)
    return "\n".join(rows)


def _counted(counts: Counter[str]) -> str:
    return " ".join(f"{language or '-'}:{count}" for language, count in counts.most_common())


if __name__ == "__main__":
    print(report())

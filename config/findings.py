"""All that is wrong with a configuration, gathered in one run."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches

from config.redact import without_passwords
from inquiry.errors import ConfigError, Place, Problem

_MOST_NAMES = 12
_ONCE = "not-yet"


class Findings:
    """Collects problems; the same one at the same place counts once.

    A word of a later version is told once, where it stands first.
    """

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}
        self.allowed: Callable[[Problem], bool] = lambda _: False
        """Is it one that the operator wants to keep?"""

    def error(self, place: Place, code: str, text: str, hint: str = "") -> None:
        """Note something that has to be corrected."""
        self._note(Problem(place=place, code=code, text=text, hint=hint))

    def warn(self, place: Place, code: str, text: str, hint: str = "") -> None:
        """Note something worth knowing."""
        self._note(Problem(place=place, code=code, text=text, hint=hint, warning=True))

    def notice(self, place: Place, code: str, text: str, hint: str = "") -> None:
        """Note something that needs no correction."""
        self._note(Problem(place=place, code=code, text=text, hint=hint, warning=True, notice=True))

    def _note(self, problem: Problem) -> None:
        self._found[replace(problem, text=without_passwords(problem.text))] = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return all that is not allowed, in the order of the files."""
        told: dict[object, Problem | None] = {}
        for problem in sorted(self._found, key=lambda problem: (problem.place, problem.code)):
            once = problem.text if problem.code == _ONCE else problem
            told.setdefault(once, None if self.allowed(problem) else problem)
        return tuple(problem for problem in told.values() if problem is not None)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(each for each in self.problems if each.warning and not each.notice)

    @property
    def notices(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.notice)

    @property
    def failed(self) -> bool:
        return any(not problem.warning for problem in self.problems)

    def check(self) -> None:
        """Raise ConfigError with everything found, if there is an error among it."""
        if self.failed:
            raise ConfigError(self.problems)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that is most like this one, "" if none is."""
    words = sorted(set(known))
    close = get_close_matches(word, words, n=1) or get_close_matches(
        word.lower(), words, n=1, cutoff=0.5
    )
    return close[0] if close else ""


_ELSEWHERE = {
    "sender": "from",
    "recipient": "to",
    "contains": "text",
    "keywords": "mentions",
    "text": "body",
    "title": "subject",
    "labels": "tags",
    "assignee": "assign",
    "team": "queue",
    "group": "queue",
    "template": "reply",
    "if": "when",
    "conditions": "when",
    "actions": "then",
}
"""What other desks, or other places of the file, call it."""


def did_you_mean(word: str, known: Iterable[str], what: str = "") -> str:
    """Return a hint: the nearest known word, else those that there are."""
    words = sorted(set(known))
    if _ELSEWHERE.get(word) in words:
        return f"did you mean {_ELSEWHERE[word]!r}?"
    if close := nearest(word, words):
        return f"did you mean {close!r}?"
    if what and 0 < len(words) <= _MOST_NAMES:
        return f"{what}: {', '.join(words)}"
    return ""

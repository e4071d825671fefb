"""Finding the words of all lists in a text at once: whole words, without case and accents."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ahocorasick_rs import AhoCorasick

from inquiry.folding import fold

Part = Literal["subject", "body"]
_BETWEEN = " \0 "  # no phrase reaches from the subject into the body


@dataclass(frozen=True, slots=True)
class Phrase:
    """A word or several, as a list or a condition names it."""

    folded: str
    open_end: bool = False
    """Written ``drukar*``: any ending will do."""
    anywhere: bool = False
    """Found inside words too: a piece of a pattern."""
    written: str = field(default="", compare=False)


def phrase(written: str) -> Phrase:
    """Read a phrase as operators write it; a ``*`` at its end stands for any ending."""
    stem = written.removesuffix("*")
    return Phrase(_plain(stem), open_end=stem != written, written=written)


def literal(text: str) -> Phrase:
    """Make a phrase that is found at any place, inside words too."""
    return Phrase(_plain(text), anywhere=True, written=text)


@dataclass(frozen=True, slots=True)
class Hits:
    """What of the words is in one text; the values are what was found, as people read it."""

    lists: Mapping[str, str]
    phrases: Mapping[tuple[Phrase, Part], str]


class Words:
    """An automaton over all phrases, so that a text is read once, however many there are."""

    def __init__(
        self, lists: Mapping[str, Iterable[Phrase]], others: Iterable[Phrase] = ()
    ) -> None:
        self._lists: dict[Phrase, list[str]] = {}
        for name, phrases in lists.items():
            for entry in phrases:
                self._lists.setdefault(entry, []).append(name)
        self._phrases: dict[str, list[Phrase]] = {}
        for entry in dict.fromkeys((*self._lists, *others)):
            self._phrases.setdefault(entry.folded, []).append(entry)
        self._texts = tuple(self._phrases)
        self._automaton = AhoCorasick(self._texts, store_patterns=False)

    def of(self, name: str) -> tuple[str, ...]:
        """Return the words of a list, as they are written."""
        return tuple(entry.written for entry, lists in self._lists.items() if name in lists)

    def find(self, subject: str, body: str) -> Hits:
        """Return every phrase and list that occurs in subject or body."""
        head = _plain(subject)
        text = f"{head}{_BETWEEN}{_plain(body)}"
        lists: dict[str, str] = {}
        phrases: dict[tuple[Phrase, Part], str] = {}
        found = self._automaton.find_matches_as_indexes(text, overlapping=True)
        for index, start, end in found:
            part: Part = "subject" if start < len(head) else "body"
            for entry in self._phrases[self._texts[index]]:
                if (entry, part) in phrases or not _stands_alone(entry, text, start, end):
                    continue
                shown = text[start : _word_end(text, end)] if entry.open_end else entry.written
                phrases[entry, part] = shown
                for name in self._lists.get(entry, ()):
                    lists.setdefault(name, shown)
        return Hits(lists, phrases)


def _plain(text: str) -> str:
    return " ".join(fold(text).split())


def _stands_alone(entry: Phrase, text: str, start: int, end: int) -> bool:
    if entry.anywhere:
        return True
    if start and _is_letter(text[start]) and _is_letter(text[start - 1]):
        return False
    if entry.open_end or end == len(text):
        return True
    return not (_is_letter(text[end - 1]) and _is_letter(text[end]))


def _word_end(text: str, end: int) -> int:
    while end < len(text) and _is_letter(text[end]):
        end += 1
    return end


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.combining(character) > 0

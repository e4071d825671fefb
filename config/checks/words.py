"""Words that are never found by themselves, and words that mean two things."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from config.checks.walking import scalars
from config.findings import Findings
from config.nodes import Table
from config.scalars import Word
from config.sections import Sections
from inquiry.folding import fold
from router.words import Phrase, Words, phrase

_USED_UNDER = ("mentions", "words")
_TWO = 2


def check_words(sections: Sections, root: Table, findings: Findings) -> None:
    """Look at every word list."""
    used = set(_used(root))
    for name, languages in sections.words.items():
        if name not in used:
            text = f"no rule looks for the words of {str(name)!r}"
            hint = f"write 'mentions: {name}' in a rule, or take the list away"
            findings.warn(name.place, "dead-word", text, hint)
        for words in languages.values():
            _check_swallowed(words, findings)
    _check_meanings(sections, findings)


def _used(root: Table) -> Iterator[str]:
    for entry in root.entries:
        if entry.key.text == "words":
            continue
        for found in scalars(entry.value):
            if found.keys and found.keys[-1] in _USED_UNDER:
                yield found.scalar.text


def _check_swallowed(words: Sequence[Word], findings: Findings) -> None:
    """Note words of one language wherever which another of the same list is found as well."""
    if len(words) < _TWO:
        return
    phrases = [phrase(str(word)) for word in words]
    finder = Words({str(number): [each] for number, each in enumerate(phrases)})
    found = [_found_in(finder, each) for each in phrases]
    for number, word in enumerate(words):
        others = [o for o in found[number] if o != number and not _respelt(word, words[o])]
        swallowing = [o for o in others if number not in found[o] or o < number]
        if swallowing:
            first = str(words[swallowing[0]])
            text = f"{str(word)!r} finds nothing that {first!r} does not find"
            findings.warn(word.place, "dead-word", text, "take one of the two away")


def _respelt(one: str, other: str) -> bool:
    """Is it the same word with other accents? To write both does no harm."""
    return one.casefold() != other.casefold() and fold(one) == fold(other)


def _found_in(finder: Words, one: Phrase) -> list[int]:
    # Some ending must not hide that the other word stands for the same beginning.
    text = f"{one.folded}x" if one.open_end else one.folded
    return sorted(map(int, finder.find("", text).lists))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A word, the list in which it stands and the language there."""

    list: str
    language: str
    word: Word


def _check_meanings(sections: Sections, findings: Findings) -> None:
    """Note words that one language has in another list than another language."""
    for entries in _by_word(sections).values():
        for number, entry in enumerate(entries):
            other = next((o for o in entries[:number] if _another(entry, o, entries)), None)
            if other is None:
                continue
            text = (
                f"{str(entry.word)!r} means {entry.list!r} in {entry.language!r}"
                f" and {other.list!r} in {other.language!r}"
            )
            hint = "it is found in both languages: take a longer phrase"
            findings.warn(entry.word.place, "ambiguous-word", text, hint)


def _by_word(sections: Sections) -> dict[str, list[_Entry]]:
    found: dict[str, list[_Entry]] = defaultdict(list)
    for name, languages in sections.words.items():
        for language, words in languages.items():
            for word in words:
                folded = " ".join(fold(str(word).removesuffix("*")).split())
                found[folded].append(_Entry(str(name), str(language), word))
    return {word: entries for word, entries in found.items() if len(entries) > 1}


def _another(one: _Entry, other: _Entry, entries: Sequence[_Entry]) -> bool:
    """Do two languages mean different things? Not where one of them means both."""
    if one.list == other.list or one.language == other.language:
        return False
    lists = {(entry.list, entry.language) for entry in entries}
    return (other.list, one.language) not in lists and (one.list, other.language) not in lists

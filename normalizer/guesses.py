"""Which charset unlabelled bytes are in: letters that make words tell."""

import re
from functools import cache

_NAMES = ("cp1252", "cp1251", "koi8-r", "cp1250", "iso-8859-2", "cp1257", "cp866", "iso-8859-5")
_EAST = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uff60]")
_KANA = re.compile("[\u3041-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_MULTIBYTE = (
    ("cp932", _KANA, 0.2),
    ("euc_jp", _KANA, 0.2),
    ("cp949", _HANGUL, 0.9),
    ("gb18030", _EAST, 0.9),
    ("cp950", _EAST, 0.9),
)
"""Charset, the letters by which its language is told, and their share of any text."""
_SAMPLE = 4_096
_HIGH = re.compile(rb"[\x80-\xff]")
_USUAL = {
    "cp1252": frozenset("æøåäöüõÆØÅÄÖÜÕéèêëàâçîïôûùñáíóúãßœŒžšŽŠ«»„“”‘’–—…€•°§£©®´\xa0¿¡"),
    "cp1250": frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉÍŘŠŤÚŽűŰöüÖÜäÄăâîşţ„”“–—…€\xa0"),
    "iso-8859-2": frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉÍŘŠŤÚŽűŰöüÖÜäÄăâîşţ\xa0"),
    "cp1257": frozenset("õäöüšžÕÄÖÜŠŽāčēģīķļņūąęėįųĀČĒĢĪĶĻŅŪĄĘĖĮŲ„”“–—…€\xa0"),
}
_BY_FREQUENCY = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
_BITS = {letter: 3.2 + at * 0.14 for at, letter in enumerate(_BY_FREQUENCY)}
"""How surprising each Russian letter is, in bits."""
_BITS |= dict.fromkeys("іїєґў", 5.5)
_USUAL_BITS = 4.2
_STRANGE_BITS = 10.0
_RUN = re.compile("[\xc0-\uffff]{2,}")
_INSIDE = re.compile("[а-яёіїєґ](?=[А-ЯЁ])")
_MIXED = re.compile(r"[a-zA-Z][\u0400-\u04ff]|[\u0400-\u04ff][a-zA-Z]")
_IN_WORDS = re.compile(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]")
_NEAR = 0.002
"""A difference of scores that counts for nothing."""
DOUBTED = frozenset({"cp1252", "cp1250", "iso-8859-2", "cp1257", "cp1251", "koi8-r", "iso-8859-5"})
"""Charsets that are often named where another is meant."""


def guess(data: bytes, *, fallback: str, labelled: bool) -> str:
    """Return the charset that makes the likeliest letters of the bytes above 127.

    A label (``labelled``) is doubted only where the evidence is overwhelming.
    """
    sample = data[:_SAMPLE] if len(data) > _SAMPLE else data
    beyond = b"".join(_HIGH.findall(sample))
    if labelled:
        return fallback if len(beyond) < 3 else _doubted(sample, beyond, fallback)
    scores: dict[str, float] = {}
    for name in _NAMES:
        scores[name] = _score(sample, beyond, name, max(scores.values(), default=-9.0) - _NEAR)
    best = _best(scores, fallback)
    if scores[best] < 0.5 and len(beyond) > 4:
        return _eastern(sample, data) or best
    return best


def _best(scores: dict[str, float], fallback: str) -> str:
    return max(scores, key=lambda name: (round(scores[name], 3), name == fallback))


def _doubted(sample: bytes, beyond: bytes, label: str) -> str:
    """Return ``label``, unless letters make words in another charset, and hardly any in this."""
    high, labelled = len(beyond), _score(sample, beyond, label)
    needed = 0.5 if high < 8 else 0.3 if high < 12 else 0.2
    enough = max(0.85, labelled + needed)
    scores = {name: _score(sample, beyond, name, enough - _NEAR) for name in _NAMES}
    best = _best(scores, label)
    if scores[best] <= 0.85 or scores[best] - labelled <= needed:
        return label
    signs = best in _USUAL and len(_IN_WORDS.findall(sample)) < high / 2  # rather than letters
    return label if signs else best


def _eastern(sample: bytes, data: bytes) -> str:
    """Return the multibyte charset in which the bytes are whole characters of a script."""
    for name, usual, share in _MULTIBYTE:
        try:
            text = data.decode(name)
        except UnicodeError:
            continue
        letters = [letter for letter in text[: len(sample)] if letter > "\x7f"]
        whole = sum(map(bool, map(_EAST.match, letters)))
        telling = sum(map(bool, map(usual.match, letters)))
        if letters and whole / len(letters) > 0.9 and telling / len(letters) > share:
            return name
    return ""


def _score(sample: bytes, beyond: bytes, name: str, enough: float = -9.0) -> float:
    """Say how likely a sample is in a charset; ``beyond`` are its bytes above 127.

    What can't come to ``enough`` is not looked at closely: its score is at most what is returned.
    """
    if not beyond:
        return 0.0
    return (_latin if name in _USUAL else _cyrillic)(sample, beyond, name, enough)


def _latin(sample: bytes, beyond: bytes, name: str, enough: float) -> float:
    high = beyond.decode(name, "replace")
    usual = sum(map(_USUAL[name].__contains__, high))
    if usual / len(high) < enough:
        return usual / len(high)
    return (usual - _runs(sample.decode(name, "replace"))) / len(high)


def _runs(text: str) -> int:
    """Count Latin letters with marks that stand beside another: rare in any real word."""
    pairs = sum(len(run) - 1 for run in _RUN.findall(text))
    return int(pairs * 0.8)


def _cyrillic(sample: bytes, beyond: bytes, name: str, enough: float) -> float:
    bits = sum(map(_surprises(name).__getitem__, beyond)) / len(beyond)
    surprise = (bits - _USUAL_BITS) * 0.3
    if 1 - surprise < enough:
        return 1 - surprise
    text, high = sample.decode(name, "replace"), beyond.decode(name, "replace")
    shouted = sum(map(str.isupper, high)) / len(high)
    inside = len(_INSIDE.findall(text))
    mixed = len(_MIXED.findall(text))
    return 1 - surprise - shouted * 0.1 - (inside + mixed) / len(high)


@cache
def _surprises(name: str) -> tuple[float, ...]:
    """Return of each byte how surprising its letter is, in bits."""
    letters = (bytes([byte]).decode(name, "replace").lower() for byte in range(256))
    return tuple(_BITS.get(letter, _STRANGE_BITS) for letter in letters)

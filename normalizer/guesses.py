"""Which charset unlabelled bytes are in: letters that make words tell."""

import re

_CANDIDATES = ("cp1251", "koi8-r", "cp1250", "iso-8859-2", "cp1257", "cp866", "iso-8859-5")
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
DOUBTED = frozenset({"cp1252", "cp1250", "iso-8859-2", "cp1257", "cp1251", "koi8-r", "iso-8859-5"})
"""Charsets that are often named where another is meant."""


def guess(data: bytes, *, fallback: str, labelled: bool) -> str:
    """Return the charset that makes the likeliest letters of the bytes above 127.

    A label (``labelled``) is doubted only where the evidence is overwhelming.
    """
    sample = data[:_SAMPLE] if len(data) > _SAMPLE else data
    beyond = b"".join(_HIGH.findall(sample))
    high = len(beyond)
    if high < 3 and labelled:
        return fallback
    scores = {"cp1252": _latin(sample, beyond, "cp1252")}
    scores |= {name: _score(sample, beyond, name) for name in _CANDIDATES}
    best = max(scores, key=lambda name: (round(scores[name], 3), name == fallback))
    if labelled:
        return best if _overwhelming(sample, scores, best, fallback) else fallback
    if scores[best] < 0.5 and high > 4:
        return _eastern(sample, data) or best
    return best


def _overwhelming(sample: bytes, scores: dict[str, float], best: str, label: str) -> bool:
    """Do the letters make words in ``best``, and hardly any as labelled?"""
    high, inside = len(_HIGH.findall(sample)), len(_IN_WORDS.findall(sample))
    if best in _USUAL and inside < high / 2:
        return False  # signs, not letters
    needed = 0.5 if high < 8 else 0.3 if high < 12 else 0.2
    return scores[best] > 0.85 and scores[best] - scores[label] > needed


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


def _score(sample: bytes, beyond: bytes, name: str) -> float:
    """Say how likely a sample is in a charset; ``beyond`` are its bytes above 127."""
    return _latin(sample, beyond, name) if name in _USUAL else _cyrillic(sample, beyond, name)


def _latin(sample: bytes, beyond: bytes, name: str) -> float:
    high = beyond.decode(name, "replace")
    if not high:
        return 0.0
    usual = sum(map(_USUAL[name].__contains__, high))
    return (usual - _runs(sample.decode(name, "replace"))) / len(high)


def _runs(text: str) -> int:
    """Count Latin letters with marks that stand beside another: rare in any real word."""
    pairs = sum(len(run) - 1 for run in _RUN.findall(text))
    return int(pairs * 0.8)


def _cyrillic(sample: bytes, beyond: bytes, name: str) -> float:
    text, high = sample.decode(name, "replace"), beyond.decode(name, "replace")
    if not high:
        return 0.0
    bits = sum(_BITS.get(letter, _STRANGE_BITS) for letter in map(str.lower, high)) / len(high)
    shouted = sum(map(str.isupper, high)) / len(high)
    inside = len(_INSIDE.findall(text))
    mixed = len(_MIXED.findall(text))
    surprise = (bits - _USUAL_BITS) * 0.3
    return 1 - surprise - shouted * 0.1 - (inside + mixed) / len(high)

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
    "cp1250": frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉÍŘŠŤÚŽőűŐŰöüÖÜäÄ„”“–—…€\xa0"),
    "iso-8859-2": frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉÍŘŠŤÚŽőűŐŰöüÖÜäÄ\xa0"),
    "cp1257": frozenset("õäöüšžÕÄÖÜŠŽāčēģīķļņūąęėįųĀČĒĢĪĶĻŅŪĄĘĖĮŲ„”“–—…€\xa0"),
}
_FREQUENT = frozenset("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфієїґў")
_RUN = re.compile("[\xc0-\uffff]{2,}")
_INSIDE = re.compile("[а-яёіїєґ](?=[А-ЯЁ])")
_MIXED = re.compile(r"[a-zA-Z][\u0400-\u04ff]|[\u0400-\u04ff][a-zA-Z]")
_CAPITALS = frozenset("ОЕАИНТСРВЛКМДПУЯЫЬГЗБЧЙХЖШЮЦЩЭФ")


def guess(data: bytes, *, fallback: str, labelled: bool) -> str:
    """Return the charset that makes the likeliest letters of the bytes above 127.

    A label (``labelled``) is doubted only where the evidence is overwhelming.
    """
    sample = data[:_SAMPLE] if len(data) > _SAMPLE else data
    high = len(_HIGH.findall(sample))
    if high < 3 and labelled:
        return fallback
    scores = {"cp1252": _latin(sample, "cp1252")}
    scores |= {name: _score(sample, name) for name in _CANDIDATES}
    best = max(scores, key=lambda name: (round(scores[name], 3), name == fallback))
    if labelled:
        return best if scores[best] > 0.9 and scores[fallback] < 0.3 else fallback
    if scores[best] < 0.5 and high > 4:
        return _eastern(sample, data) or best
    return best


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


def _score(sample: bytes, name: str) -> float:
    return _latin(sample, name) if name in _USUAL else _cyrillic(sample, name)


def _latin(sample: bytes, name: str) -> float:
    text = sample.decode(name, "replace")
    high = [letter for letter in text if letter > "\x7f"]
    if not high:
        return 0.0
    usual = sum(letter in _USUAL[name] for letter in high)
    return (usual - _runs(text)) / len(high)


def _runs(text: str) -> int:
    """Count Latin letters with marks that stand beside another: rare in any real word."""
    pairs = sum(len(run) - 1 for run in _RUN.findall(text))
    return int(pairs * 0.8)


def _cyrillic(sample: bytes, name: str) -> float:
    text = sample.decode(name, "replace")
    high = [letter for letter in text if letter > "\x7f"]
    if not high:
        return 0.0
    small = sum(letter in _FREQUENT for letter in high)
    large = sum(letter in _CAPITALS for letter in high)
    inside = len(_INSIDE.findall(text))
    mixed = len(_MIXED.findall(text))
    return (small + large * 0.6 - inside - mixed) / len(high)

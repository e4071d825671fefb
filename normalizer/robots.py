"""Programs that say what they are only in words: vacation mail and notices without headers.

A person may use each of these words too. So it counts where they stand: where a subject begins
that goes on as an answer's would, or where a sentence begins, outside quotation marks and not
below a question.
"""

import re
from functools import cache

from inquiry.folding import fold
from normalizer.phrases import AUTOMATIC, phrases

_SUBJECT = 200
_FEW = 3
"""Letters that rule out most subjects."""
_HEAD = 500
_PREFIX = re.compile(r"(?:\s{0,3}[a-z]{1,4}\s{0,2}:\s{0,3}){0,3}")
_REPLY = re.compile(r"(?:re|sv|vs|aw|odp|ha|rv|fwd?|vastus|ответ)(?:\[\d{1,3}\])?\s{0,2}:")
_STRONG = 12
"""Letters of a phrase that nobody begins a subject with by chance."""
_BEFORE_LAST = re.compile(r"(?: is| ist| er| on| jest| ar|[(\[:–—-]) ?$")
"""What stands before a phrase that ends a subject: ``Kari is out of the office``."""
_REMARK = re.compile(r" ?\([^()]{1,60}\)$")
_SENTENCE = re.compile(r"[\n.!*(\[{_=#|~<>•]|-[ -]")
_ASIDE = 25
"""Letters that may stand before a phrase in its sentence: ``Hi,``, ``Please note that``."""
_QUOTATION = re.compile("[\"'«»„“”‘‚:]")
_NOTE = re.compile(r"\s*\w{1,12}(?: \w{1,12})?:\s*")
"""``Note:``, after which no quotation begins."""


def said_so(subject: str, text: str) -> str:
    """Return the words by which a program without manners gives itself away, "" if none did."""
    folded = _plain(subject[:_SUBJECT]).strip()
    if found := _tagged(folded, text) or _named(folded, text) or _noticed(folded, text):
        return found
    if not AUTOMATIC.search(text[:_HEAD].casefold()):
        return ""
    head = _plain(text[:_HEAD])
    return next((each for each in phrases().away_automatic if _begins_sentence(each, head)), "")


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(phrase[:_FEW] for phrase in phrases().automatic)


@cache
def _endings() -> frozenset[str]:
    return frozenset(phrase[-_FEW:] for phrase in phrases().automatic)


def _plain(text: str) -> str:
    return fold(text).replace("\u2019", "'")


def _tagged(folded: str, text: str) -> str:
    """Look for a subject that begins like ``Automatic reply: Your invoice``."""
    whole = folded.lstrip("[(* ")
    found = _PREFIX.match(whole)
    bare = whole[found.end() :] if found else whole
    for subject in dict.fromkeys((whole, bare)):
        if subject[:_FEW] not in _beginnings() or not subject.startswith(phrases().automatic):
            continue
        for phrase in filter(subject.startswith, phrases().automatic):
            rest = subject[len(phrase) :].lstrip()
            if not _ends(phrase, rest) or _asks(rest, text):
                continue
            if subject == whole and _telling(phrase):  # else a person may be answering one
                return phrase
            if away := _away(text):
                return away
    return ""


def _ends(phrase: str, rest: str) -> bool:
    """Does the subject go on, if at all, as that of an answer?"""
    return phrase[-1] == ":" or not rest or rest[0] in ":-–—(])" or _REPLY.match(rest) is not None


def _telling(phrase: str) -> bool:
    return phrase[-1] != ":" and (len(phrase) >= _STRONG or AUTOMATIC.search(phrase) is not None)


def _asks(rest: str, text: str) -> bool:
    """Is it a customer's question about vacation, or about automatic mail?"""
    if "?" not in text[:_HEAD]:
        return False
    return not rest.strip(".!])* ") or (rest.endswith("?") and not _away(text))


def _named(folded: str, text: str) -> str:
    """Look for ``Kari is out of the office (returning 12 October)`` above words of that kind."""
    for subject in dict.fromkeys((folded, _REMARK.sub("", folded))):
        bare = subject.rstrip(".!)]* ")
        if bare[-_FEW:] not in _endings() or "?" in text[:_HEAD]:
            continue
        if bare.endswith(phrases().automatic):
            for phrase in filter(bare.endswith, phrases().automatic):
                if _BEFORE_LAST.search(bare.removesuffix(phrase)) and (away := _away(text)):
                    return away
    return ""


def _noticed(folded: str, text: str) -> str:
    """Look for another desk's ``Ticket 12 has been assigned to you``, in the subject and below."""
    bare = folded.strip(".! ")
    if not bare.startswith(phrases().notices) and not bare.endswith(phrases().notices):
        return ""
    head = _plain(text[:_HEAD])
    return "" if "?" in head else next((each for each in phrases().notices if each in head), "")


def _away(text: str) -> str:
    head = _plain(text[:_HEAD])
    return next((phrase for phrase in phrases().away if phrase in head), "")


def _begins_sentence(phrase: str, head: str) -> bool:
    """Does a sentence begin with this phrase, in the writer's own words?"""
    before, found, _ = head.partition(phrase)
    if not found or "?" in before:
        return False
    aside = _SENTENCE.split(before)[-1]
    if _NOTE.fullmatch(aside):
        return True
    announced = before.rstrip().endswith(":")  # ``Your system writes:``
    return not announced and len(aside) <= _ASIDE and not _QUOTATION.search(aside)

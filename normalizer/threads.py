"""Finding the inquiry a mail belongs to."""

import re
from collections.abc import Iterable, Sequence

from inquiry.tokens import plus_token
from normalizer.limits import REFERENCES

_ANGLED = re.compile(r"<([^<>\s]{1,990})>")
_BARE = re.compile(r"[^\s<>()\",;]{1,900}@[^\s<>()\",;]{1,900}")
_FOLDS = re.compile(r"[\r\n\t ]+")


def message_ids(text: str) -> list[str]:
    """Return the Message-IDs of a field, with angle brackets; bare ones are forgiven."""
    found = _ANGLED.findall(text) or _ANGLED.findall(_FOLDS.sub("", text)) or _BARE.findall(text)
    return [f"<{each}>" for each in dict.fromkeys(found)][-REFERENCES:]


def own_id(text: str) -> str:
    """Return what ``Message-ID`` holds, odd as it may be."""
    text = text.strip()
    found = _ANGLED.search(text)
    if found:
        return found[0]
    bare = _FOLDS.sub("", text).strip("<>")
    return f"<{bare[:990]}>" if bare else ""


def thread_keys(
    recipients: Iterable[str], references: Sequence[str], in_reply_to: Sequence[str]
) -> tuple[str, ...]:
    """Say where a mail may belong, the surest evidence first.

    1. the token of the plus address we asked to be answered at
    2. the Message-IDs it answers, the nearest first

    Looking the keys up, and believing them, is the caller's business.
    """
    tokens = [token for address in recipients if (token := plus_token(address))]
    nearest = (*in_reply_to[:1], *reversed(references), *in_reply_to[1:])
    return tuple(dict.fromkeys((*tokens, *nearest)))

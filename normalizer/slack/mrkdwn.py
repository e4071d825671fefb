"""Slack's markup as text that anybody can read."""

import re
from collections.abc import Mapping

from normalizer.html.nesting import unescaped
from normalizer.limits import TEXT_CHARACTERS

_CODE = re.compile(r"```(?P<block>.{0,40000}?)```|`(?P<piece>[^`\n]{1,4000})`", re.DOTALL)
_LINK = re.compile(r"<(?P<target>[^<>|]{1,4000})(?:\|(?P<words>[^<>]{0,4000}))?>")
_EMPHASIS = tuple(
    re.compile(
        rf"(?<![^\W_])(?<!{mark}){mark}(?=[^\s{mark}])([^{mark}\n]{{1,4000}})(?<!\s){mark}"
        rf"(?![^\W_])(?!{mark})"
    )
    for mark in (r"\*", "_")
)
"""Bold and italic. What is struck out keeps its marks: without them it would say the opposite."""

Names = Mapping[str, str]
"""What people and channels are called, by their ids."""


def readable(text: str, names: Names) -> str:
    """Return what somebody wrote as they saw it, without marks that only a program needs.

    Code stands as it was typed; mentions have names where these are known.
    """
    shown, end = [], 0
    text = text[:TEXT_CHARACTERS]
    for code in _CODE.finditer(text):
        shown += [_prose(text[end : code.start()], names), _code(code, names)]
        end = code.end()
    return unescaped("".join((*shown, _prose(text[end:], names))))


def _code(code: re.Match[str], names: Names) -> str:
    inside = code["block"] if code["block"] is not None else code["piece"]
    return _LINK.sub(lambda link: _told(link, names), inside).strip("\n")


def _prose(text: str, names: Names) -> str:
    links: list[str] = []

    def kept(link: re.Match[str]) -> str:
        links.append(_told(link, names))
        return f"<{len(links) - 1}>"

    text = _LINK.sub(kept, text)
    for marks in _EMPHASIS:
        text = marks.sub(r"\1", text)
    return re.sub(r"<(\d{1,6})>", lambda place: links[int(place[1])], text)


def _told(link: re.Match[str], names: Names) -> str:
    target, words = link["target"], link["words"] or ""
    if target.startswith("!date^"):
        return words
    if target[0] in "@#!":
        named = words or names.get(target[1:], "") or target[1:].rpartition("^")[2]
        return f"{'#' if target[0] == '#' else '@'}{named.lstrip('@#')}"
    if words and words not in target:
        return f"{words} <{target}>"
    return target.removeprefix("mailto:").removeprefix("tel:")

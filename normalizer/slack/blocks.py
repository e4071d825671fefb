"""Slack's blocks: the words of a message that has no text of its own, and its emoji as letters."""

from collections.abc import Iterator

from inquiry.untrusted import Object, inner, objects
from normalizer.slack.mrkdwn import Names, readable
from normalizer.slack.reading import string

DEPTH = 6
"""How deep lists, quotes and sections stand inside one another."""
MOST = 500
"""Blocks, and pieces of one, that are read."""


def with_emoji(text: str, message: Object) -> str:
    """Return the text with the letters that its writer saw, in place of ``:names:``."""
    if ":" not in text:
        return text
    found: dict[str, str] = {}
    for block in objects(message, "blocks", MOST):
        found |= _emoji_in(block, DEPTH)
    for name, letters in sorted(found.items(), key=lambda one: -len(one[0])):
        text = text.replace(name, letters)
    return text


def words_in_blocks(message: Object, names: Names, name: str = "blocks") -> str:
    """Return what stands in the blocks of a message, a line for each section and entry."""
    told = (_told(block, names, DEPTH) for block in objects(message, name, MOST))
    return "\n".join(filter(None, told))


def shared_words(shared: Object, names: Names) -> str:
    """Return the words of a message that somebody shares."""
    if words := string(shared, "text") or string(shared, "fallback"):
        return readable(words, names)
    inside = (inner(one, "message") for one in objects(shared, "message_blocks", 20))
    return "\n".join(filter(None, (words_in_blocks(one, names) for one in inside)))


def _emoji_in(block: Object, depth: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for piece in objects(block, "elements", MOST) if depth else ():
        if piece.get("type") == "emoji":
            tone = piece.get("skin_tone")
            name = f":{string(piece, 'name')}:"
            name += f":skin-tone-{tone}:" if isinstance(tone, int) else ""
            if letters := _letters(piece):
                found[name] = letters
        else:
            found |= _emoji_in(piece, depth - 1)
    return found


def _letters(emoji: Object) -> str:
    """Return the letters of an emoji; "" of one that a workspace has made."""
    codes = string(emoji, "unicode")[:80].split("-")
    try:
        return "".join(chr(int(code, 16)) for code in codes)
    except (ValueError, OverflowError):
        return ""


def _told(block: Object, names: Names, depth: int) -> str:
    kind = string(block, "type")
    if depth == 0:
        return ""
    if kind == "rich_text_list":
        return "\n".join(_entries(block, names, depth))
    if "elements" in block:
        between = "\n" if kind == "rich_text" else ""
        pieces = objects(block, "elements", MOST)
        words = between.join(_told(piece, names, depth - 1) for piece in pieces)
        quoted = kind == "rich_text_quote"
        return "\n".join(f"> {line}" for line in words.splitlines()) if quoted else words
    return _piece(kind, block, names)


def _entries(block: Object, names: Names, depth: int) -> Iterator[str]:
    ordered = string(block, "style") == "ordered"
    for number, entry in enumerate(objects(block, "elements", MOST), start=1):
        yield f"{f'{number}.' if ordered else '-'} {_told(entry, names, depth - 1)}"


def _piece(kind: str, piece: Object, names: Names) -> str:
    match kind:
        case "text":
            return string(piece, "text")
        case "emoji":
            return _letters(piece) or f":{string(piece, 'name')}:"
        case "link":
            url, words = string(piece, "url"), string(piece, "text")
            return f"{words} <{url}>" if words and words not in url else url
        case "broadcast":
            return f"@{string(piece, 'range')}"
        case "date":
            return string(piece, "fallback")
        case "user" | "usergroup" | "channel":
            known = string(piece, f"{kind}_id")
            return f"{'#' if kind == 'channel' else '@'}{names.get(known, known)}"
        case "section" | "header":
            return readable(string(inner(piece, "text"), "text"), names)
    return ""

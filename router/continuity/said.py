"""What a message may prove, and what it says of its writer's other addresses. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from inquiry.claims import Claim
from inquiry.codes import plain, started
from inquiry.understood import Message
from inquiry.words import Audience, Automated, ClaimSource, Trust

_LINK = re.compile(r"/s/(?P<token>[0-9a-f-]{36}\.[a-z2-7]{16})(?![a-z0-9])\S*", re.IGNORECASE)
_START = re.compile(r"/start(?:@\w+)?\s+(?P<word>\S+)\s*")
_ADDRESS = re.compile(
    r"(?:/mail\s+)?(?P<address>[^\s@<>,;:]{1,64}@[^\s@<>,;:]{1,180}\.[^\s@<>,;:]{2,63})\.?"
)
_DASHED = re.compile(r"\w{4}[-–]\w{4}", re.ASCII)
_WITHIN = re.compile(r"(?<![\w/@.–-])(?P<code>[0-9A-Za-z]{4}[-–]?[0-9A-Za-z]{4})(?![\w/@–-]|\.\w)")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
INTRODUCING = frozenset(
    {
        *("my", "the", "code", "is", "here", "here's", "it's", "hi", "hello", "please"),
        *("koden", "kode", "min", "er", "her", "hei"),
        *("mój", "kod", "to", "oto", "jest", "dzień", "dobry", "proszę"),
        *("minu", "kood", "on", "siin", "tere", "palun"),
        *("мой", "код", "это", "вот", "здравствуйте", "пожалуйста"),
    }
)
"""Words that say nothing beside a code."""
PHONES = ("phone", "telephone", "mobile")
LEFT = "…"
YES = frozenset({"yes", "ja", "tak", "jah", "да"})
NO = frozenset({"no", "nei", "nie", "ei", "нет"})
"""In the languages of our templates; each in all of them, since people answer in their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What may be a proof in a message, or asks for one."""

    link: str = ""
    """The token of a status link."""
    code: str = ""
    meant: bool = False
    """Is it surely meant as a code? Else a wrong one is taken for a word."""
    address: str = ""
    """A mail address that is all of the message."""
    rest: str = ""
    """What the message says besides."""


def offered(message: Message) -> Offered | None:
    """Return what a message offers as proof; None for nearly all messages."""
    text = message.new_text.strip()
    if message.automated is not Automated.NONE or len(text) > 10_000:
        return None
    if found := _LINK.search(text):
        rest = f"{_without_last_word(text[: found.start()])}{LEFT}{text[found.end() :]}"
        return Offered(link=found["token"].lower(), rest="" if rest == LEFT else rest)
    if (word := _START.fullmatch(text)) and (code := started(word["word"])):
        return Offered(code=code, meant=True)
    if plain(text):
        return Offered(code=text, meant=bool(_DASHED.fullmatch(text)))
    if named := _ADDRESS.fullmatch(text):
        return Offered(address=named["address"])
    return _within(text)


def _without_last_word(text: str) -> str:
    """Cut off what stands at the end without a blank. A pattern needs a second for a long one."""
    last = text.split()[-1] if text and not text[-1].isspace() else ""
    return text.removesuffix(last)


def _within(text: str) -> Offered | None:
    """Return the one string in a text that may be a code; None where there are several.

    It may as well be an order's number: nobody is told that it is no code.
    """
    found = [one for one in _WITHIN.finditer(text) if _may_be_a_code(one["code"])]
    if len(found) != 1 or text.startswith("/"):  # several, or a command
        return None
    (one,) = found
    rest = f"{text[: one.start()]}{LEFT}{text[one.end() :]}"
    words = {word.casefold() for word in _WORD.findall(rest)}
    says_more = words - INTRODUCING or any(letter.isdigit() for letter in rest)
    return Offered(code=one["code"], rest=rest if says_more else "")


def _may_be_a_code(word: str) -> bool:
    """Tell a code from a word: as it is shown it is in capitals, and most have a digit."""
    dashed, digits = not word.isalnum(), any(letter.isdigit() for letter in word)
    letters = any(letter.isalpha() for letter in word)
    return bool(plain(word)) and ((digits and letters) or (dashed and (digits or word.isupper())))


def agreed(message: Message) -> bool | None:
    """Is it a yes, or a no, and nothing else? None for nearly all messages."""
    if message.automated is not Automated.NONE or message.attachments:
        return None
    word = message.new_text.strip(" \n.!").casefold()
    return True if word in YES else False if word in NO else None


def between_two(message: Message) -> bool:
    """Is it said to the desk alone, where nobody else reads what is answered?"""
    who, where = message.sender.address if message.sender else "", message.conversation
    # Whoever writes in a group's own name is called as the group is.
    if not who or not where or message.audience is not Audience.ALONE:
        return False
    # A private chat is called after the person; a webhook's after theirs in the other system; in
    # Slack direct messages have ids of their own, and threads are in channels.
    direct = where.startswith("D") and "/" not in where and who[:1] in ("U", "W")
    return where == who or who.endswith(f":{where}") or direct


def without_link(message: Message, rest: str) -> Message:
    """Return the message without the link that it showed as proof."""
    return replace(message, text=rest, new_text=rest, html="")


def claims_in(message: Message, contact: str) -> Iterator[Claim]:
    """Yield what a message says of its writer besides the address it came from, but for its words.

    Text is never looked at: anybody's address may stand in it.
    """
    verified = message.trust is Trust.VERIFIED
    source = {"web-chat": ClaimSource.CHAT, "webhook": ClaimSource.WEBHOOK}.get(
        contact, ClaimSource.FORM
    )
    if contact == "slack" and (email := message.headers.get("email")):
        yield Claim(sort="email", value=email, source=ClaimSource.PROFILE, verified=True)
    if contact != "mail" and (email := message.form.get("email", "")):
        yield Claim(sort="email", value=email, source=source, verified=verified)
    for name in PHONES:
        if number := message.form.get(name, ""):
            told = source is not ClaimSource.FORM and verified
            yield Claim(sort="phone", value=number, source=source, verified=told)
    if contact == "telegram" and (number := message.headers.get("phone", "")):
        own = message.headers.get("phone-of") == "sender"
        yield Claim(sort="phone", value=number, source=ClaimSource.CONTACT, verified=own)


def half_hidden(address: str) -> str:
    """Return an address so that its owner knows it, and nobody learns it."""
    name, at, domain = address.rpartition("@")
    if not at:
        return f"{address[:2]}{LEFT}"
    return f"{name[:2] if len(name) > 2 else name[:1]}{LEFT}@{domain}"

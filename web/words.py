"""The texts of the console. English stands in the templates, marked ``_("…")``; other languages
follow by a table here."""

import re
from collections.abc import Callable, Mapping, Sequence

from babel import Locale, UnknownLocaleError

from storage.history import CUSTOMER, DESK, RULES, Event, specialist

CONSOLE: Mapping[str, Mapping[str, str]] = {}
"""By language, then by the English text. A text that isn't here is shown in English."""

ERRORS: Mapping[int, tuple[str, str]] = {
    400: ("That did not work", "The page did not understand what was sent. Please go back."),
    403: ("Not for you", "You may not do this, or the form came from another page."),
    404: ("There is nothing here", "The page does not exist, or the link is no longer valid."),
    405: ("That did not work", "This address can't be used in this way."),
    409: (
        "Somebody was faster",
        "It is no longer as the page showed it. Please go back and reload.",
    ),
    413: ("Too large", "What was sent is larger than this desk takes."),
    429: ("Too many attempts", "Please wait a quarter of an hour and try again."),
    500: ("Something went wrong", "It is our fault and has been written down. Please try again."),
    503: ("Not now", "Nothing was stored. Please try again in a minute."),
}

SENTENCES: Mapping[str, str] = {
    "opened": "{who} opened the inquiry",
    "followed-up": "{who} wrote again",
    "joined-in": "{to} joined in, reading along where it is talked about",
    "in-one-breath": "what follows was begun within two minutes, in the same place: one request",
    "automatic-mail": "automatic mail came in",
    "kept-aside": "a message was kept beside the inquiry",
    "forwarded": "{to} forwarded it for the customer",
    "also-came": "the same message came to {to} too",
    "edited": "{who} changed a message",
    "deleted": "{who} withdrew a message",
    "reopened": "{who} reopened the inquiry",
    "woken": "the inquiry was woken up",
    "assigned": "{who} assigned it to {to}",
    "taken": "{who} took it",
    "unassigned": "{who} took the assignee away",
    "moved": "{who} moved it to {to}",
    "state": "{who} set the state to {to}",
    "resolved": "{who} resolved the inquiry",
    "closed": "{who} closed the inquiry",
    "priority": "{who} set the priority to {to}",
    "tagged": "{who} changed the tags to {to}",
    "answered": "{who} answered",
    "withdrawn": "{who} took an answer back",
    "acknowledged": "the customer was told that the message has come in",
    "noted": "{who} wrote a note",
    "works": "{who} says that it works now",
    "not-yet": "{who} says that it does not work yet",
    "dead": "a message could not be delivered",
    "doubtful": "nobody knows whether a message has arrived",
    "delayed": "a message is delayed on its way",
    "bounced": "a message came back",
    "held": "{who} held a message",
    "related": "it may have to do with {to}",
    "released": "{who} released a message",
    "cancelled": "{who} stopped a message",
    "retried": "{who} let a message be sent again",
    "confirmed-sent": "{who} says that a message has arrived",
    "not-acknowledged": "no automatic answer was sent",
    "not-answered": "an answer was not sent",
    "continued-by-mail": "nobody saw an answer in the chat: it goes by mail to {to}",
    "joined": "{who} joined {to} as one person, {way}",
    "parted": "{who} undid that {to} are one person",
    "continued": "{who} goes on by {to}",
    "not-continued": "somebody was asked whether to go on here by {to}, and said no",
    "fell-back": "it could not be sent there, so it went by {to} instead",
    "confirmed": "{who} confirmed that a message belongs here",
    "refused": "{who} refused a message kept aside",
}
"""What stands in the history, by kind."""

TOLD: Mapping[str, str] = {
    "go-on-here": "a chat was asked whether it goes on here",
    "joined": "a chat was told that it belongs here",
    "joined-elsewhere": "the customer was told where we knew them of a join, and how to undo it",
    "wrong-code": "a chat was told that its code is not good",
    "code": "a code was sent to prove an address",
    "code-sent": "a chat was told that a code is on its way",
}
"""What was said by a program besides an acknowledgement, by its template."""

WAYS: Mapping[str, str] = {
    "specialist": "by hand",
    "code": "by a code from the status page",
    "link": "by the status link",
    "mail-code": "by a code sent to the address",
}
"""What joins two contact points."""
CONTACTS: Mapping[str, str] = {
    "mail": "E-mail",
    "telegram": "Telegram",
    "slack": "Slack",
    "web-chat": "Web chat",
    "webhook": "Another system",
}
"""Sorts of contact points; one from outside is called what its adapter calls it."""
SOURCES: Mapping[str, str] = {
    "address": "writes from it",
    "form": "given in a form",
    "chat": "given in a chat",
    "profile": "in the messenger's profile",
    "contact": "shared as a contact",
    "webhook": "told by another system",
    "customer file": "in the customer file",
}
"""Where an address or a number was said."""
ACTORS = {CUSTOMER: "the customer", RULES: "a rule", DESK: "deskbridge"}
TARGETS = ("to", "reference")
OUR_WORDS = {"moved", "state", "priority"}
"""Kinds whose target is a hyphened word of ours."""


GUEST = re.compile(r"visitor-(\w{4})\w+")
_GUEST_WITHIN = re.compile(r"(?:\bweb-chat )?\bvisitor-(\w{4})\w{4,}")
_BETWEEN = {"joined": " and ", "parted": " and "}


def say(text: str, language: str = "en") -> str:
    """Return a text of the console in ``language``."""
    return CONSOLE.get(language, {}).get(text, text)


def plain(word: str) -> str:
    """Return one of our hyphened words as people read it: ``first line``."""
    return say(str(word).replace("-", " ").replace("_", " "))


def reached(address: str, contact: str) -> str:
    """Return an address as people read it: that of a chat's guest says nothing to anybody."""
    guest = contact == "web-chat" and GUEST.fullmatch(address)
    return f"{say('Visitor')} {guest[1]}" if guest else address


def called(name: str, address: str, contact: str) -> str:
    """Return what people call a contact point: of all but mail, the name that was given."""
    return address if contact == "mail" else name or reached(address, contact)


def without_guests(text: str) -> str:
    """Return a text in which addresses of a chat's guests stand as people read them."""
    return _GUEST_WITHIN.sub(lambda found: f"{say('Visitor')} {found[1]}", text)


def sentence(event: Event, full_name: Callable[[str], str]) -> str:
    """Tell an event in one sentence; ``full_name`` knows what a specialist is called."""
    who = ACTORS.get(event.actor) or full_name(event.actor.removeprefix("specialist:"))
    target = next((event.data[key] for key in TARGETS if event.data.get(key)), "")
    to = (
        _BETWEEN.get(event.kind, ", ").join(map(str, target))
        if isinstance(target, (list, tuple))
        else str(target)
    )
    if event.kind == "decided":
        return decided(event.data.get("winners", ()))
    own = event.kind == "assigned" and event.actor == specialist(to)
    template = SENTENCES["taken"] if own else _template(event.kind)
    if event.kind == "acknowledged":
        template = TOLD.get(event.data.get("template", ""), template)
    if event.kind in OUR_WORDS:
        to = plain(to)
    elif event.kind == "assigned":
        to = full_name(to)
    to = without_guests(to)
    told = say(template).format(who=who, to=to, way=say(WAYS.get(event.data.get("way", ""), "")))
    reason = event.data.get("reason") or event.data.get("error")
    told = f"{told}: {reason}" if reason else told
    return told[:1].upper() + told[1:]


def _template(kind: str) -> str:
    return SENTENCES.get(kind, "{who}: " + plain(kind))


def decided(winners: Sequence[Mapping[str, str]]) -> str:
    """Tell what rules decided: ``Queue printers by rule “printers”``; "" if they left it all."""
    by_rule: dict[str, list[str]] = {}
    for winner in winners:
        words = f"{plain(winner['field'].replace('.', ' '))} {plain(winner['value'])}"
        by_rule.setdefault(winner["rule"], []).append(words)
    told = "; ".join(
        say("{what} by rule “{rule}”").format(what=", ".join(what), rule=rule)
        for rule, what in by_rule.items()
    )
    return told[:1].upper() + told[1:]


def language(code: str) -> str:
    """Return a language's name in English; a code that nobody knows stays as it is."""
    try:
        return Locale.parse(code, sep="-").get_language_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code

"""Mail that no person wrote: told by its headers (RFC 3834 and what programs do instead)."""

import re
from collections.abc import Mapping

from inquiry.folding import fold
from inquiry.journey import Envelope
from inquiry.understood import Known
from inquiry.words import Automated
from normalizer.headers import Headers
from normalizer.phrases import AUTOMATIC, phrases

_OWN_ID = re.compile(r"<[0-9]{1,19}\.[a-z2-7]{16,26}\.[a-z2-7]{16}@", re.IGNORECASE)
_HOPS = 50
"""Received lines of a mail that has been going round."""
_LOOP_MARKS = ("x-loop", "x-deskbridge-loop")
_TELLING: Mapping[str, re.Pattern[str]] = {
    "x-deskbridge-loop": re.compile(r"."),  # another desk's: relays that drop the rest leave it
    "x-autoreply": re.compile(r"(?!no$)."),
    "x-autorespond": re.compile(r"."),
    "x-autoresponder": re.compile(r"."),
    "x-auto-reply": re.compile(r"(?!no$)."),
    "x-mail-autoreply": re.compile(r"."),
    "x-auto-response-suppress": re.compile(r"all|autoreply|oof|dr|rn|nrn"),
    "x-fc-machinegenerated": re.compile(r"true"),
    "x-post-messageclass": re.compile(r".{0,9}autoresponder"),
    "x-ms-exchange-inbox-rules-loop": re.compile(r"."),
    "x-vacation": re.compile(r"."),
    "delivered-to": re.compile(r"autoresponder$"),
    "precedence": re.compile(r"list|auto_reply|auto-reply"),
}
"""Headers that only programs write, and the values that tell."""
_LISTS = ("list-id", "list-post", "list-help", "list-unsubscribe", "list-subscribe", "mailing-list")
_PREFIX = re.compile(r"(?:\s{0,3}[a-z]{1,4}\s{0,2}:\s{0,3}){0,3}")
_STRONG = 12
"""Letters of a phrase that nobody begins a subject with by chance."""


def is_loop(headers: Headers, sender: str, message_id: str, known: Known) -> str:
    """Say why this is our own mail coming back, or "" if it is not."""
    own = {address.lower() for address in known.own_addresses}
    if message_id and message_id in known.own_message_ids:
        return "Message-ID: one of ours"
    if sender.lower() in own and _OWN_ID.match(message_id):
        return "Message-ID: made by us"
    for name in _LOOP_MARKS:
        if any(value.strip().lower() in own for value in headers.texts(name)[:20]):
            return f"{name}: one of our addresses"
    if sender and sender.lower() in own:
        return "From: one of our addresses"
    if len(headers.fields.get("received", ())) > _HOPS:
        return f"Received: more than {_HOPS} times"
    return ""


def automated(
    headers: Headers, envelope: Envelope, subject: str, text: str, known: Known
) -> tuple[Automated, str]:
    """Return the kind of automatic mail, bounces and loops aside, and what gave it away."""
    submitted = headers.text("auto-submitted").lower().strip()
    if submitted and not submitted.startswith("no"):
        return Automated.AUTO_REPLY, f"Auto-Submitted: {submitted[:60]}"
    if b"disposition-notification" in headers.raw("content-type").lower():
        return Automated.AUTO_REPLY, "Content-Type: disposition-notification"
    if is_list(headers, known):
        return Automated.LIST, next(name for name in _LISTS if headers.raw(name))
    for name in filter(headers.fields.__contains__, _TELLING):
        value = headers.text(name).strip()
        if value and _TELLING[name].match(value.lower()):
            return Automated.AUTO_REPLY, f"{name}: {value[:60]}"
    if headers.text("precedence").lower().strip() in ("bulk", "junk"):
        replying = headers.raw("in-reply-to") or headers.raw("references")
        return (Automated.AUTO_REPLY if replying else Automated.LIST), "Precedence: bulk"
    if phrase := _said_so(subject, text):
        return Automated.AUTO_REPLY, f"says: {phrase}"
    if null_sender(headers, envelope):
        return Automated.BOUNCE, "Return-Path: <>"
    return Automated.NONE, ""


def is_list(headers: Headers, known: Known) -> bool:
    """Did a mailing list that is not our own address send this (RFC 2369, 2919)?"""
    if headers.fields.keys().isdisjoint(_LISTS) or not any(map(headers.raw, _LISTS)):
        return False
    about = f"{headers.text('list-id')} {headers.text('list-post')}".lower()
    return not any(
        address.lower() in about or address.lower().replace("@", ".") in about
        for address in known.own_addresses
    )


def null_sender(headers: Headers, envelope: Envelope) -> bool:
    """Was it sent from ``<>``, so that nobody may answer it?"""
    if envelope.mail_from is not None:
        return envelope.mail_from == ""
    return headers.raw("return-path").strip() == b"<>"


def _said_so(subject: str, text: str) -> str:
    """Return the phrase by which a vacation program without manners gives itself away."""
    folded = fold(subject[:200])
    match = _PREFIX.match(folded)
    bare = folded[match.end() :] if match else folded
    tables = phrases()
    for whole in {folded, bare}:
        if not whole.startswith(tables.automatic):
            continue
        for phrase in tables.automatic:
            if not whole.startswith(phrase):
                continue
            rest = whole[len(phrase) :].lstrip()
            ends = not rest or rest[0] in ":-–—("
            told = len(phrase) >= _STRONG or AUTOMATIC.search(phrase)
            if ends and told and whole == folded:  # else a person may be answering one
                return phrase
            if ends and (away := _away(text)):
                return away[0]
    head = text[:500].casefold()
    if not AUTOMATIC.search(head):
        return ""
    head = fold(head)
    return next((phrase for phrase in tables.away_automatic if phrase in head), "")


def _away(text: str) -> list[str]:
    head = fold(text[:500])
    return [phrase for phrase in phrases().away if phrase in head]

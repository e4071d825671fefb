"""When a program must not answer (RFC 3834), and to whom it says nothing of what it was told."""

from collections.abc import Collection

from inquiry.journey import FORM
from inquiry.understood import Report
from inquiry.words import Automated, Trust
from storage.answers import Waiting

GROUPS = ("telegram", "-")
"""The numbers of groups and broadcast channels there begin with a minus sign."""


def reason_for_silence(answer: Waiting, own_addresses: Collection[str]) -> str:
    """Say why this automatic answer must not be given; "" if it may."""
    if answer.address.casefold() in own_addresses:
        return "the sender is this desk"
    if answer.envelope is not None and answer.envelope.mail_from == "":
        return "the sender is the null sender"
    if (answer.contact, answer.conversation[:1]) == GROUPS:
        return "a group would read it, and with it one person's status link"
    if isinstance(answer.understood, Report):
        return "it answers a delivery report"
    message = answer.answered
    if message is None:
        return ""
    if message.automated is not Automated.NONE:
        return f"it answers automatic mail ({message.automated})"
    if message.mailing_list:
        return "it answers a mailing list"
    if message.trust is Trust.UNVERIFIED and answer.media_type != FORM:
        return "the sender can't be read without doubt"
    return ""


def is_stranger(answer: Waiting) -> bool:
    """May the address belong to somebody who never wrote to us?

    Anybody may type anybody's address into a form or a From line: what a program says there holds
    none of their words. A specialist has read what they answer.
    """
    message = answer.answered
    if message is None:
        return bool(answer.template)
    return message.trust is Trust.UNVERIFIED or (
        bool(answer.template) and message.trust is not Trust.VERIFIED
    )

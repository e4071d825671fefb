"""Ordinary commands of an ordinary client, answered where their bytes arrive.

To wake the conversation's task for each of them costs more than to carry them out. Whatever is not
exactly ordinary is left to the conversation: two commands at once, odd addresses, wrong order.
"""

import re
from typing import Protocol

_ADDRESS = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,180}"
_MAIL = re.compile(
    rb"MAIL FROM:<(" + _ADDRESS + rb")?>(?: SIZE=([0-9]{1,12}))?(?: BODY=8BITMIME)?\r\n",
    re.IGNORECASE,
)
_RCPT = re.compile(rb"RCPT TO:<(" + _ADDRESS + rb")>\r\n", re.IGNORECASE)
DATA = b"DATA\r\n"


class Conversation(Protocol):
    """Who carries them out; each says False if something speaks against it."""

    def begin_mail(self, sender: str, size: int) -> bool: ...
    def add_recipient(self, address: str) -> bool: ...
    def invite(self) -> bool: ...


def answered_at_once(conversation: Conversation, data: bytes) -> bool:
    """Carry out ``data`` if it is one ordinary command; False if nothing was done."""
    if found := _RCPT.fullmatch(data):
        return conversation.add_recipient(found[1].decode("ascii"))
    if found := _MAIL.fullmatch(data):
        sender = found[1].decode("ascii") if found[1] else "<>"
        return conversation.begin_mail(sender, int(found[2] or 0))
    return data == DATA and conversation.invite()

"""What a client says of a mail before its bytes come, and whether we take such a mail."""

import re
from collections.abc import Callable, Sequence

from channels.mail.addresses import LONGEST, is_plain
from channels.smtp.delivery import TOO_BIG, Route

MOST_RECIPIENTS = 100
LONGEST_PATH = 2 * LONGEST
"""Characters; nobody need parse what is longer."""
NEEDS_UTF8 = "553 5.6.7 An address beyond ASCII needs SMTPUTF8"

_PATH = re.compile(r"\s*<([^<>\s]*)>\s*(.*)", re.DOTALL)


class Announced:
    """One mail in the making: how large it will be, and for whom it is."""

    __slots__ = ("recipients", "size")

    def __init__(self) -> None:
        self.size = 0
        """As declared in bytes; 0 where nothing is said."""
        self.recipients: list[tuple[str, Route]] = []

    def sender(self, address: str, options: Sequence[str], *, utf8: bool) -> str:
        """Take note of MAIL. Returns a refusal, "" if nothing speaks against it."""
        if not address.isascii() and not utf8:
            return NEEDS_UTF8
        sizes = [option[5:] for option in options if option.startswith("SIZE=")]
        self.size = int(sizes[0]) if sizes else 0
        return ""

    def recipient(
        self, address: str, route_for: Callable[[str], Route | None], *, utf8: bool
    ) -> str:
        """Take note of RCPT. Returns a refusal, "" if nothing speaks against it."""
        if len(self.recipients) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        if not address.isascii() and not utf8:
            return NEEDS_UTF8
        route = route_for(address)
        if route is None:
            return "550 5.1.1 No such mailbox here"
        if self.size > route.max_size:
            return TOO_BIG
        self.recipients.append((address, route))
        return ""


def plain_path(arg: str) -> tuple[str, str] | None:
    """Read ``<address> options`` of an ordinary address, which are nearly all."""
    if (found := _PATH.fullmatch(arg)) and is_plain(found[1]):
        return found[1], found[2]
    return None

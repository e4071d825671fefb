"""Is an address dead, or was it only this mail or this day?"""

import re

_PASSING = re.compile(
    r"quota|(?:mailbox|mailfolder|mail folder|inbox|disk|account|storage).{0,40}(?:full|exceed)"
    r"|full mailbox|insufficient (?:disk|storage|system)|spam|blacklist|blocklist|block list"
    r"|blocked|\bdmarc\b|\bspf\b|\bdkim\b|\brbl\b|reputation|content rejected|policy"
    r"|relay(?:ing)? (?:access )?denied|unable to relay|rate limit|too many|greylist|graylist"
    r"|temporar|try (?:again )?later|timed? ?out|connection refused|expired|end of data"
    r"|mailbox unavailable|over the maximum|virus|not accepted from",
    re.IGNORECASE | re.DOTALL,
)
"""Reasons that lie in this mail, in the sender or in the hour, not in the address."""
_GONE = re.compile(
    r"user unknown|unknown user|no such (?:user|recipient|address|mailbox)|does ?n.t exist"
    r"|does not exist|invalid recipient|recipient ?not ?found|unknown (?:recipient|address|e-mail)"
    r"|address (?:not|wasn.t) found|no mailbox|host (?:unknown|not found)|domain not found",
    re.IGNORECASE,
)
_CONTENT = re.compile(r"end of data", re.IGNORECASE)
_UNAVAILABLE = re.compile(r"mailbox unavailable", re.IGNORECASE)
"""What RFC 5321 says of every 550, whatever the reason."""
_SOFT = ("5.2.2", "5.2.3", "5.3.1", "5.3.4", "5.4.7", "5.4.5", "5.7.")


def is_permanent(action: str, status: str, diagnostic: str, *, final: bool) -> bool:
    """Will mail to this address never arrive? ``final``: the report says that it gives up."""
    if action not in ("failed", ""):
        return False
    text = diagnostic[:2000]
    if _CONTENT.search(text):  # it was the content that was refused
        return False
    if status == "5.2.1":  # the mailbox is there, and takes nothing now
        return False
    if status.startswith("5.1.") or (_GONE.search(text) and not status.startswith("4.")):
        return not _UNAVAILABLE.search(text)
    if status.startswith(_SOFT) or _PASSING.search(text):
        return False
    return final or not status.startswith("4.")

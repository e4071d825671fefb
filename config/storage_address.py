"""Where a desk's database is: ``sqlite``, or the address of a PostgreSQL, and what it keeps secret.

What is wrong with an address is said without repeating it: its password may be in any part of it.
"""

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, unquote_plus, urlsplit

_SCHEMES = ("postgresql://", "postgres://")
_HOST = re.compile(r"(\[[0-9A-Za-z:.%]+\]|[^\s:\[\]]+)(:(?P<port>[0-9]{1,5}))?")
_HIGHEST_PORT = 65535
_SECRET = re.compile(r"\w*password|sslkey", re.IGNORECASE)
_CHOICES = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "target_session_attrs": (
        *("any", "primary", "standby", "read-write", "read-only", "prefer-standby"),
    ),
}
_ESCAPES = "in a password write " + ", ".join(f"{c} as {quote(c, safe='')}" for c in "/:@?#%")


def storage_address(text: str) -> str:
    """Return the address, which is one that can be understood. Raises ValueError."""
    if text == "sqlite":
        return text
    if not text.startswith(_SCHEMES):
        raise ValueError(f"{text!r} is neither sqlite nor an address postgresql://…")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError(f"this is no address of a PostgreSQL; {_ESCAPES}") from None
    if wrong := _fault(parts):
        raise ValueError(f"this is no address of a PostgreSQL: {wrong}")
    return text


def passwords_in(address: str) -> set[str]:
    """Return what of an address has to stay secret, as it is written and as it is meant."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return set()
    written = [parts.netloc.rpartition("@")[0].partition(":")[2]]
    for pair in re.split("[&;]", parts.query):
        name, _, value = pair.partition("=")
        written += [value] if _SECRET.fullmatch(unquote_plus(name)) else []
    meant = (form for one in written for form in (one, unquote(one), unquote_plus(one)))
    return {one for one in meant if one}


def _fault(parts: SplitResult) -> str:
    """Say what is wrong with an address, "" if nothing is."""
    if "@" in parts.path or parts.fragment:
        return _ESCAPES
    hosts = parts.netloc.rpartition("@")[2]
    for host in hosts.split(",") if hosts else ():
        found = _HOST.fullmatch(host)
        if found is None or int(found["port"] or 0) > _HIGHEST_PORT:
            return f"a host and its port are written db.example:5432; {_ESCAPES}"
    for name, value in parse_qsl(parts.query):
        if name == "port" and not re.fullmatch(r"[0-9]{1,5}(,[0-9]{1,5})*", value):
            return "the port is a number"
        if name in _CHOICES and value not in _CHOICES[name]:
            return f"{name} is one of {', '.join(_CHOICES[name])}"
    return ""

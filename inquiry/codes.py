"""Codes that people read from one screen and type on another: short, and good once."""

import hashlib
import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Nothing that is easily taken for something else: no I, L, O, U."""
LENGTH = 8
_HALF = LENGTH // 2
_MEANT = str.maketrans("OIL", "011")
MARK = "code"
_DASHED = re.compile(r"\w{4}[-–]\w{4}", re.ASCII)
_SHAPE = re.compile(r"[0-9A-Z]{4}[- –]?[0-9A-Z]{4}")


def new_code() -> str:
    """Return 40 random bits as they are shown: ``K7QX-M2RD``."""
    made = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{made[:_HALF]}-{made[_HALF:]}"


def plain(text: str) -> str:
    """Return what two ways to write a code have in common, "" if it can't be one."""
    wanted = text.strip().upper()
    if (not wanted.isascii() and "–" not in wanted) or not _SHAPE.fullmatch(wanted):
        return ""
    letters = re.sub(r"[- –]", "", wanted).translate(_MEANT)
    return letters if set(letters) <= set(ALPHABET) else ""


def started(word: str) -> str:
    """Return the code in what a link lets a messenger say, ``code-K7QXM2RD``; "" if it is none."""
    mark, _, code = word.partition("-")
    if mark == MARK and plain(code):
        return code
    return word if _DASHED.fullmatch(word) else ""


def to_start(code: str) -> str:
    """Return a code as a link may carry it: letters, digits and one hyphen."""
    return f"{MARK}-{plain(code)}"


def hashed(code: str) -> bytes:
    """Return what is kept of a code that :func:`plain` has read."""
    return hashlib.sha256(f"code\0{code}".encode()).digest()

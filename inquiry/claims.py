"""What somebody says of themselves, or their channel of them: it suggests, and proves nothing."""

from dataclasses import dataclass
from typing import Literal

from inquiry.words import ClaimSource

Sort = Literal["email", "phone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """``jan@kunde.example`` in a chat's form, or a number in a contact that was shared."""

    sort: Sort
    value: str
    source: ClaimSource
    verified: bool
    """Does the channel vouch for it?"""

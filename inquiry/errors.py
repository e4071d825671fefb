"""The few ways in which things fail, each with one meaning for whoever has to act on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path


class BridgeError(Exception):
    """Base of all of them, for the outermost ``except``; never raised itself."""


class TemporaryFailure(BridgeError):
    """Not now: the same attempt may well succeed later."""

    def __init__(
        self,
        reason: str,
        *,
        retry_after: timedelta = timedelta(0),
        went: Sequence[str] = (),
        whole_channel: bool = False,
    ) -> None:
        """``went``: ids of those parts of a long message that have arrived already.

        ``whole_channel``: it is no matter of this message; others would meet with the same.
        """
        super().__init__(reason)
        self.retry_after = retry_after
        self.went = tuple(went)
        self.whole_channel = whole_channel


class PermanentFailure(BridgeError):
    """Not ever: the other side understood, and refused."""

    def __init__(self, reason: str, *, code: str = "") -> None:
        """``code``: a word by which another way may be found, such as one of ``Unfit``."""
        super().__init__(reason)
        self.code = code


class OutcomeUnknown(BridgeError):
    """The link broke between sending and hearing back: it may have arrived."""

    def __init__(self, reason: str, *, went: Sequence[str] = ()) -> None:
        """``went``: ids of the parts of a long message that have arrived without doubt."""
        super().__init__(reason)
        self.went = tuple(went)


class UnusableKind(BridgeError):
    """A kind of channel from outside that is installed, and yet no desk can have one."""

    def __init__(self, reason: str, hint: str) -> None:
        """``hint``: what to do about it."""
        super().__init__(reason)
        self.hint = hint


class NotFound(BridgeError):
    """There is no such inquiry, message, dispatch, specialist."""


class Conflict(BridgeError):
    """The thing is not (or no longer) in the state that the act expects."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in the operator's files: line and column count from 1."""

    file: Path
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something the operator has to correct: where, what, and how. All are shown in one run."""

    place: Place
    code: str
    text: str
    hint: str = ""
    warning: bool = False
    notice: bool = False
    """A warning that nobody has to act on."""
    private: bool = False
    """Is its line about people, and never shown?"""

    @property
    def severity(self) -> str:
        """Return ``error``, ``warning`` or ``notice``."""
        if self.notice:
            return "notice"
        return "warning" if self.warning else "error"

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}[{self.code}]: {self.text}"


class ConfigError(BridgeError):
    """The configuration has problems; the old one, if any, stays in force."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)

"""``${env:NAME}``, ``${file:/run/secrets/x}`` and ``${cred:x}`` in values; ``$${`` is literal."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from config.regular import read_text

_REFERENCE = re.compile(
    r"\$\$\{|\$\{(?P<how>env|file|cred):(?P<name>[^}]*?)(?::-(?P<else>[^}]*))?\}"
)
_UNKNOWN = re.compile(r"(?<!\$)\$\{(?!(?:env|file|cred):)[^}]*\}?")


class Unresolved(ValueError):
    """Something that a value refers to isn't there; says what."""


def is_reference(text: str) -> bool:
    """Does the text take something from outside the file?"""
    return any(found["how"] for found in _REFERENCE.finditer(text))


def resolve(text: str, folder: Path, environment: Mapping[str, str] = os.environ) -> str:
    """Return ``text`` with all that it refers to put in. Raises Unresolved."""
    if "${" not in text:
        return text
    if unknown := _UNKNOWN.search(text):
        raise Unresolved(f"{unknown[0]!r} is none of ${{env:…}}, ${{file:…}}, ${{cred:…}}")

    def found(match: re.Match[str]) -> str:
        if not match["how"]:
            return "${"
        return _look_up(match["how"], match["name"], match["else"], folder, environment)

    return _REFERENCE.sub(found, text)


def _look_up(
    how: str, name: str, otherwise: str | None, folder: Path, environment: Mapping[str, str]
) -> str:
    if how == "env":
        value = environment.get(name, otherwise)
        if value is None:
            raise Unresolved(f"the environment has no variable {name!r}")
        return value
    if how == "cred":
        credentials = environment.get("CREDENTIALS_DIRECTORY")
        if credentials is None and otherwise is None:
            raise Unresolved(f"no credential {name!r}: CREDENTIALS_DIRECTORY is not set")
        folder = Path(credentials or folder)
    try:
        return read_text(folder / name).rstrip("\r\n")
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, or no name of a file
        if otherwise is not None:
            return otherwise
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Unresolved(f"cannot read {str(folder / name)!r}: {reason}") from error

"""Files inside JSON: objects with ``filename``, ``content_type`` and ``content`` in Base64."""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from inquiry.understood import Attachment
from normalizer.encoded_words import one_line
from normalizer.names import file_name

MOST = 100


def files_in(listed: object) -> Iterator[Attachment]:
    """Return the files of a list; what is none of them is passed over."""
    for number, file in enumerate(listed[:MOST] if isinstance(listed, list) else [], 1):
        if isinstance(file, dict):
            yield _file(file, number)


def _file(file: Mapping[str, Any], number: int) -> Attachment:
    content = _decoded(_string(file, "content"))
    return Attachment(
        filename=file_name(_string(file, "filename")) or f"attachment-{number}.bin",
        content_type=one_line(_string(file, "content_type"))[:200] or "application/octet-stream",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def _decoded(text: str) -> bytes:
    """Return the file; what is no base64 is kept as it stands rather than lost."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode("utf-8", "replace")


def _string(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""

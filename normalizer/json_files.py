"""Fields inside JSON, and files: ``filename``, ``content_type`` and ``content`` in Base64."""

import base64
import binascii
import hashlib
from collections.abc import Iterator

from inquiry.understood import Attachment
from inquiry.untrusted import Object, string
from normalizer.charsets import clean
from normalizer.encoded_words import one_line
from normalizer.names import file_name

MOST = 100


def fields_in(fields: Object) -> dict[str, str]:
    """Return the fields of a form as texts of names and values, as many as somebody may read."""
    some = list(fields.items())[:MOST]
    return {one_line(str(name))[:100]: clean(str(value))[:10_000] for name, value in some}


def files_in(listed: object) -> Iterator[Attachment]:
    """Return the files of a list; what is none of them is passed over."""
    for number, file in enumerate(listed[:MOST] if isinstance(listed, list) else [], 1):
        if isinstance(file, dict):
            yield _file(file, number)


def _file(file: Object, number: int) -> Attachment:
    content = _decoded(string(file, "content"))
    return Attachment(
        filename=file_name(string(file, "filename")) or f"attachment-{number}.bin",
        content_type=one_line(string(file, "content_type"))[:200] or "application/octet-stream",
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

"""The files that a Slack message names; their bytes are fetched afterwards."""

from collections.abc import Iterator

from inquiry.understood import Attachment
from inquiry.untrusted import Object, objects, size
from normalizer.encoded_words import one_line
from normalizer.names import file_name
from normalizer.slack.reading import string

LONGEST = 500
"""Letters of an id; they are about 11."""
MOST = 100
"""Files of one message."""
ELSEWHERE = ("external", "remote", "tombstone", "hidden_by_limit")
"""Modes of files whose bytes Slack does not have, or no longer gives."""


def files_of(event: Object) -> Iterator[Attachment]:
    """Yield the files that Slack keeps for a message."""
    for file in objects(event, "files", MOST):
        reference = string(file, "id") or string(file, "url_private")
        if not _is_elsewhere(file) and 0 < len(reference) <= LONGEST:
            yield Attachment(
                filename=file_name(string(file, "name") or string(file, "title")) or "file.bin",
                content_type=one_line(string(file, "mimetype"))[:100] or "application/octet-stream",
                size=size(file, "size"),
                sha256="",
                remote=reference,
                content_id=string(file, "id")[:LONGEST],
            )


def told(event: Object) -> Iterator[str]:
    """Yield a line for each file, so that whoever reads only the words knows of it."""
    for file in objects(event, "files", MOST):
        name = one_line(string(file, "name") or string(file, "title"))[:200]
        if _is_elsewhere(file):
            yield f"[file] {name} {one_line(string(file, 'url_private'))[:2000]}".rstrip()
        elif not string(event, "text"):
            yield f"[file] {name}".rstrip()


def _is_elsewhere(file: Object) -> bool:
    return file.get("is_external") is True or string(file, "mode") in ELSEWHERE

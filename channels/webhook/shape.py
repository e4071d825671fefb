"""What another system may say to us, and what is wrong where it says something else."""

import binascii
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

SAYING = ("message.created", "message.edited", "message.deleted")
REPORTING = {"message.delivered": "delivered", "message.read": "read", "message.failed": "failed"}
TYPES = (*SAYING, *REPORTING)
LONGEST_NAME = 200
LONGEST_TEXT = 1_000_000
LONGEST_SUBJECT = 500
MOST_FILES = MOST_FIELDS = 100


_TEXTS = {"subject": LONGEST_SUBJECT, "text": LONGEST_TEXT, "language": LONGEST_NAME}
_NAME = f"at most {LONGEST_NAME} letters, without line ends or blanks around"


class Malformed(Exception):
    """It is signed, and yet nothing that can be taken: one sentence for each mistake."""

    def __init__(self, *mistakes: str) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


def read(body: bytes) -> tuple[str, Mapping[str, Any]]:
    """Return the type of an event and its data. Raises Malformed."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is no JSON") from None
    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
        raise Malformed("an event is an object with 'type' and 'data'")
    kind = event.get("type")
    if kind not in TYPES:
        raise Malformed(f"'type' is none of {', '.join(TYPES)}")
    data: Mapping[str, Any] = event["data"]
    if mistakes := tuple(_mistakes(kind, data)):
        raise Malformed(*mistakes)
    return kind, data


def _mistakes(kind: str, data: Mapping[str, Any]) -> Iterator[str]:
    if kind in REPORTING:
        number = data.get("dispatch")
        if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**63:
            yield "'dispatch' is the number that came with the message"
        return
    who = data.get("from")
    if not isinstance(who, dict) or not _name(who.get("id")):
        yield f"'from' is an object with the 'id' of who writes, such as a number: {_NAME}"
    if not _name(data.get("id")):
        yield f"'id' is the message's own, the same when it is edited or deleted: {_NAME}"
    for name in ("conversation", "in_reply_to"):
        if data.get(name, "") != "" and not _name(data[name]):
            yield f"'{name}' is a name: {_NAME}"
    if kind != "message.deleted" and not (_text(data.get("text")) or data.get("attachments")):
        yield "there is neither 'text' nor an attachment"
    for name, most in _TEXTS.items():
        if not isinstance(data.get(name, ""), str) or len(data.get(name, "")) > most:
            yield f"'{name}' is a text of at most {most} letters"
    yield from _further(data)


def _further(data: Mapping[str, Any]) -> Iterator[str]:
    if "sent_at" in data and not _time(data["sent_at"]):
        yield "'sent_at' is a time such as 2026-11-22T09:30:00Z"
    fields = data.get("fields", {})
    texts = isinstance(fields, dict) and all(isinstance(v, str) for v in fields.values())
    if not texts or len(fields) > MOST_FIELDS:
        yield f"'fields' is an object of at most {MOST_FIELDS} texts"
    files = data.get("attachments", [])
    if not isinstance(files, list) or len(files) > MOST_FILES or not all(map(_is_file, files)):
        yield (
            f"'attachments' are at most {MOST_FILES} objects with 'filename', 'content_type', "
            "'content' (Base64)"
        )


def _is_file(file: object) -> bool:
    names = ("filename", "content_type", "content")
    if not isinstance(file, dict) or not all(isinstance(file.get(name), str) for name in names):
        return False
    try:
        binascii.a2b_base64(file["content"], strict_mode=True)
    except ValueError:
        return False
    return True


def _name(value: object) -> bool:
    """Is it a name that stays as it is? What was cut or mended might become somebody else's."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_NAME:
        return False
    return value.isprintable() and value == value.strip()


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _time(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False

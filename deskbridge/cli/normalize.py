"""``deskbridge normalize``: show what is made of a message, without a desk."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from inquiry.understood import Message, Report, Understood

_TYPES = {
    "mail": "message/rfc822",
    "text": "text/plain",
    "html": "text/html",
    "telegram": "application/vnd.telegram.update+json",
    "slack": "application/vnd.slack.event+json",
}


@click.command("normalize")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--kind", type=click.Choice(list(_TYPES)), default="mail", help="What the files are.")
@click.option("--jsonl", is_flag=True, help="One JSON object per line; the default is indented.")
@click.option(
    "--languages", default="all", help="Languages to choose from, such as nb,pl,en; or all."
)
def normalize(files: tuple[Path, ...], kind: str, jsonl: bool, languages: str) -> None:
    """Understand FILES and print the result as JSON. "-" reads standard input."""
    chosen = () if languages == "all" else tuple(filter(None, languages.split(",")))
    failed = False
    for file in files:
        try:
            raw = sys.stdin.buffer.read() if str(file) == "-" else _content(file)
        except OSError as error:
            failed = True
            shown: Mapping[str, Any] = _unreadable(file, error.strerror or "cannot be read")
        else:
            shown = _understood(file, _TYPES[kind], raw, chosen)
        click.echo(json.dumps(shown, ensure_ascii=False, indent=None if jsonl else 2))
    if failed:
        raise SystemExit(1)


def _content(file: Path) -> bytes:
    from config.regular import LARGEST_MAIL, read_bytes

    return read_bytes(file, LARGEST_MAIL, pipe=True)


def _unreadable(file: Path, problem: str) -> dict[str, Any]:
    return {"file": str(file), "ok": False, "problem": problem}


def _understood(
    file: Path, media_type: str, raw: bytes, languages: tuple[str, ...]
) -> Mapping[str, Any]:
    from inquiry.journey import Envelope
    from inquiry.understood import Known
    from normalizer.normalize import normalize as understand

    found = understand(media_type, raw, Envelope(), Known(languages=languages))
    return {"file": str(file), "ok": True, **_shown(found)}


def _shown(found: "Understood") -> dict[str, Any]:
    from inquiry.understood import Command, Deletion, Edit, Message, Moved, Press, Report

    match found:
        case Message():
            return _message(found)
        case Edit():
            return {**_message(found.message), "edits": found.remote_id}
        case Report():
            return {
                **_message(found.message),
                "automated": found.kind.value,
                "bounce": _bounce(found),
            }
        case Deletion():
            return {"conversation": found.conversation, "deletes": found.remote_id}
        case Press():
            return {
                "contact_point": found.sender.address,
                "conversation": found.conversation,
                "text": found.value,
            }
        case Command():
            return {
                "contact_point": found.sender.address,
                "conversation": found.conversation,
                "command": found.name,
            }
        case Moved():
            return {"conversation": found.conversation, "moves_to": found.to}
        case _:
            return {}


def _message(message: "Message") -> dict[str, Any]:
    sender, thread = message.sender, message.thread or message.remote_id
    return {
        "problem": message.too_complex,
        "subject": message.subject,
        "from": {"address": sender.address, "name": sender.name} if sender else None,
        "trust": message.trust.value,
        "to": [party.address for party in message.to],
        "cc": [party.address for party in message.cc],
        "message_id": message.message_id or message.remote_id,
        "in_reply_to": message.in_reply_to,
        "references": list(message.references),
        "sent_at": message.sent_at.isoformat() if message.sent_at else None,
        "text": message.text,
        "new_text": message.new_text,
        "quoted_text": message.quoted_text,
        "signature": message.signature,
        "html": message.html,
        "language": message.language,
        "language_guess": message.language_guess,
        "thread_keys": list(message.thread_keys),
        "automated": message.automated.value,
        "automated_because": message.automated_because,
        "bounce": None,
        "attachments": [
            {
                "filename": attachment.filename,
                "content_type": attachment.content_type,
                "size": attachment.size,
                "sha256": attachment.sha256,
                "inline": attachment.inline,
            }
            for attachment in message.attachments
        ],
        "contact_point": sender.address if sender else "",
        "conversation": message.conversation.removesuffix(f"/{thread}"),
        "thread": message.thread,
    }


def _bounce(report: "Report") -> dict[str, Any] | None:
    recipients = [
        {"address": each.address, "status": each.status, "permanent": each.permanent}
        for each in report.recipients
    ]
    return {"recipients": recipients} if recipients else None


if __name__ == "__main__":
    normalize()

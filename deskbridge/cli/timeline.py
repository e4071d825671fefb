"""One entry of an inquiry's timeline, as the command line tells it."""

from deskbridge.cli.printing import one_line, paragraphs, when
from storage.history import Event
from storage.inquiries.shown import Entry, Sending, ShownAside, ShownMessage, ShownNote

INDENT = " " * 16
SILENT = frozenset({"opened", "followed-up", "answered", "noted", "acknowledged", "kept-aside"})
"""Events beside which the message or note itself stands in the timeline."""


def told(entry: Entry) -> str:
    """Return one line, and under it what was said."""
    if isinstance(entry, ShownMessage):
        return f"{_head(entry)}\n{paragraphs(entry.new_text or entry.text, INDENT)}"
    if isinstance(entry, ShownNote):
        return f"  {when(entry.at)}  ✎ {entry.specialist}: note\n{paragraphs(entry.text, INDENT)}"
    if isinstance(entry, ShownAside):
        from web.words import without_guests

        who = one_line(without_guests(entry.sender))
        head = f"  {when(entry.at)}  ? {who}: kept aside ({entry.state})"
        return f"{head}\n{paragraphs(entry.text, INDENT)}"
    return f"  {when(entry.at)}  ⚙ {_what(entry)}"


def _head(message: ShownMessage) -> str:
    sign = "✉" if message.incoming else "↩"
    files = f"  ({len(message.files)} files)" if message.files else ""
    sending = f"  {_sent(message.sending)}" if message.sending else ""
    gone = "  withdrawn" if message.deleted_at else ""
    who = _writer(message) if message.incoming else message.specialist or "automatic answer"
    return (
        f"  {when(message.at)}  {sign} {one_line(who)} by {message.channel}{files}{sending}{gone}"
    )


def _writer(message: ShownMessage) -> str:
    from web.words import reached

    return message.who or reached(message.address, message.contact)


def _sent(sending: Sending) -> str:
    return "went another way" if sending.instead else str(sending.state)


def _what(event: Event) -> str:
    """Return the sentence of the console; specialists have their short names here."""
    from web.words import plain, sentence

    return one_line(sentence(event, str) or plain(event.kind), 500)

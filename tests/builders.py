"""Valid values to change: a test names only what it is about."""

from typing import Any

from inquiry.journey import ChannelName, Dispatch, DispatchId, Reference


def a_dispatch(**changes: Any) -> Dispatch:
    """An answer by mail to a customer."""
    values: dict[str, Any] = {
        "id": DispatchId(7),
        "channel": ChannelName("support-mail"),
        "recipient": "kari@fjell.example",
        "reference": Reference("NL-2026-00001"),
        "subject": "Re: My printer is on fire",
        "text": "Please turn it off.",
        "language": "en",
        "message_id": "<7.abcdefghijklmnop.qrstuvwxyz234567@desk.example>",
        "envelope_id": "7",
    }
    return Dispatch(**{**values, **changes})

"""What a web chat names that stands elsewhere: a calendar, and a channel that sends mail."""

from collections.abc import Collection, Mapping
from typing import Any

from config.configuration import ChannelEntry
from config.findings import Findings, did_you_mean
from inquiry.journey import ChannelName

KIND = "web-chat"


def check_chats(
    channels: Mapping[ChannelName, ChannelEntry], calendars: Collection[str], findings: Findings
) -> None:
    """Note calendars that nobody has, and channels by which no mail can go on."""
    senders = [str(name) for name, entry in channels.items() if _sends(entry.settings)]
    for entry in channels.values():
        if entry.kind != KIND:
            continue
        calendar = entry.settings.calendar
        if calendar and calendar not in calendars:
            hint = did_you_mean(calendar, calendars, "calendars")
            place = entry.place_of("calendar")
            findings.error(place, "reference", f"no calendar {calendar!r}", hint)
        by_mail = entry.settings.by_mail
        if by_mail is not None and by_mail.channel not in senders:
            text = f"no channel {by_mail.channel!r} that sends mail"
            hint = did_you_mean(by_mail.channel, senders, "channels that send mail")
            findings.error(entry.place_of("by_mail.channel"), "reference", text, hint)


def _sends(settings: Any) -> bool:
    return getattr(settings, "send", None) is not None

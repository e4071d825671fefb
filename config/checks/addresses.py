"""Addresses that two channels take mail for, and addresses of ours to which we would write."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from config.checks.walking import scalars
from config.configuration import ChannelEntry
from config.findings import Findings
from config.nodes import Table
from inquiry.journey import ChannelName

_PEOPLE = ("specialists", "on_call")


def check_addresses(
    channels: Mapping[ChannelName, ChannelEntry], root: Table, findings: Findings
) -> None:
    """Look at the addresses of all channels and people."""
    _check_mailboxes(channels, findings)
    _check_shared(channels, findings)
    _check_loops(channels, root, findings)


def _check_mailboxes(channels: Mapping[ChannelName, ChannelEntry], findings: Findings) -> None:
    """Two channels that fetch from one folder take each other's mail away."""
    seen: dict[object, str] = {}
    for name, entry in channels.items():
        settings = entry.settings
        if entry.kind != "imap":
            continue
        for folder in getattr(settings, "folders", ("INBOX",)):
            box = (settings.host.lower(), settings.user, folder)
            if box in seen:
                text = f"{name!r} fetches {folder} of {settings.user}, as {seen[box]!r} does"
                hint = "each mail would go to one of them by chance"
                findings.error(entry.place, "overlapping-mailboxes", text, hint)
            seen.setdefault(box, name)


def _check_shared(channels: Mapping[ChannelName, ChannelEntry], findings: Findings) -> None:
    seen: dict[str, str] = {}
    for name, entry in channels.items():
        for address in dict.fromkeys(each.lower() for each in entry.addresses):
            if address in seen:
                text = f"{address!r} is an address of {seen[address]!r} and of {name!r}"
                hint = "one mail may come in through both: give each its own 'addresses'"
                findings.warn(entry.place, "overlapping-mailboxes", text, hint)
            seen.setdefault(address, name)


def _check_loops(
    channels: Mapping[ChannelName, ChannelEntry], root: Table, findings: Findings
) -> None:
    for found in (found for key in _PEOPLE for found in scalars(root.get(key))):
        if found.keys[-1:] != ("email",):
            continue
        address = found.scalar.text.lower()
        for name, entry in channels.items():
            if any(fnmatchcase(address, own.lower()) for own in entry.addresses):
                text = f"{found.scalar.text!r} is an address of channel {str(name)!r}"
                hint = "what we write to this person would come back as an inquiry"
                findings.error(found.scalar.place, "loop-address", text, hint)
                break

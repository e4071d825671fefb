"""From a configuration to the plain arguments that each stage takes."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from channels.contract import Premises
from config.configuration import Configuration
from config.storage_address import passwords_in
from deskbridge.kinds import kind
from inquiry.journey import ChannelName
from inquiry.tokens import KeyRing
from normalizer.stage import Knowledge
from outbox import wording
from outbox.desk import Desk as OutboxDesk
from outbox.route import Outlet
from router.stage.desk import Desk as RouterDesk


def contacts(configuration: Configuration) -> dict[ChannelName, str]:
    """Return the sort of contact point that each channel brings."""
    return {name: kind(entry.kind).contact for name, entry in configuration.channels.items()}


def confirms(configuration: Configuration) -> bool:
    """Is there a channel that sends mail, and a rule that replies at once?"""
    entries = configuration.channels.values()
    replies = any(
        effect.field == "reply" for rule in configuration.rules.rules for effect in rule.then
    )
    return replies and any(getattr(entry.settings, "send", None) for entry in entries)


def knowledge(configuration: Configuration) -> Knowledge:
    """Return what understanding needs to know."""
    desk = configuration.desk
    return Knowledge(
        languages=tuple(map(str, desk.languages)),
        language_fallback=_fallback(configuration),
        own_addresses=configuration.own_addresses,
        specialist_addresses=frozenset(
            person.email.casefold() for person in configuration.specialists.values()
        ),
        contacts=contacts(configuration),
        trusted_hosts={name: entry.trusted_hosts for name, entry in configuration.channels.items()},
    )


def checked_channels(configuration: Configuration) -> frozenset[ChannelName]:
    """Return the channels whose senders we check ourselves."""
    return frozenset(
        name
        for name, entry in configuration.channels.items()
        if getattr(entry.settings, "check_senders", False)
    )


def router_desk(configuration: Configuration, ring: KeyRing) -> RouterDesk:
    """Return what deciding needs to know."""
    return RouterDesk(
        rules=configuration.rules,
        reference_format=configuration.desk.reference_format,
        key_ring=ring,
        contacts=contacts(configuration),
        own_addresses=configuration.own_addresses,
        organizations=configuration.organizations,
        sends_mail=any(one.contact == "mail" for one in outlets(configuration)),
    )


def outbox_desk(configuration: Configuration, ring: KeyRing) -> OutboxDesk:
    """Return what composing needs to know."""
    return OutboxDesk(
        name=configuration.desk.name,
        url=configuration.desk.url,
        key_ring=ring,
        outlets=outlets(configuration),
        templates=wording.load(
            configuration.templates,
            languages=tuple(map(str, configuration.desk.languages)),
            language_fallback=_fallback(configuration),
        ),
        specialists={name: who.full_name for name, who in configuration.specialists.items()},
        queues_send_from={
            name: queue.send_from for name, queue in configuration.queues.items() if queue.send_from
        },
        own_addresses=configuration.own_addresses,
        link_valid_for=configuration.portal.link_valid_for,
    )


def outlets(configuration: Configuration) -> tuple[Outlet, ...]:
    """Return the channels that can send."""
    found = []
    for name, entry in configuration.channels.items():
        what = kind(entry.kind)
        address = entry.sends_from
        if what.contact != "mail" or address:
            found.append(
                Outlet(
                    name=name,
                    contact=what.contact,
                    address=address,
                    plus_address=getattr(entry.settings, "reply_token", "") == "plus",
                    subject=what.limits.subject or what.contact == "mail",
                    files=what.limits.files,
                    file_size=what.limits.file_size,
                    fallback=entry.fallback,
                )
            )
    return tuple(found)


def undo_times(configuration: Configuration) -> dict[ChannelName, timedelta]:
    """Return how long an answer by each channel can be taken back."""
    hold = configuration.desk.hold
    return {
        name: hold.mail if contact == "mail" else hold.chat
        for name, contact in contacts(configuration).items()
    }


def premises(configuration: Configuration) -> Premises:
    """Return what the machine offers a channel."""
    return Premises(
        spool=configuration.desk.data_dir / "spool",
        languages=tuple(map(str, configuration.desk.languages)),
        desk=configuration.desk.name,
        url=configuration.desk.url,
        secrets=configuration.desk.data_dir / "secrets",
    )


def secrets(configuration: Configuration) -> set[str]:
    """Return everything that must not appear in a log line."""
    found = {
        value
        for entry in configuration.channels.values()
        for value in _hidden(entry.settings)
        if value
    }
    passwords = passwords_in(configuration.desk.storage)
    return {one for one in (*found, *passwords, configuration.web.operator_token) if one}


def _fallback(configuration: Configuration) -> Mapping[str, tuple[str, ...]]:
    found = configuration.desk.language_fallback
    return {str(language): tuple(map(str, others)) for language, others in found.items()}


def _hidden(settings: Any) -> set[str]:
    """Return the values of fields that are not shown, also of settings inside settings."""
    found: set[str] = set()
    for field in fields(settings):
        value = getattr(settings, field.name)
        if is_dataclass(value):
            found |= _hidden(value)
        elif isinstance(value, (str, Path, tuple)) and not field.repr:
            found |= set(map(str, value if isinstance(value, tuple) else (value,)))
    return found

"""A mail that names several of our addresses but came only once: what the rules say to each."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from inquiry.decision import Decision, Facts
from inquiry.journey import QueueName
from inquiry.understood import Message, Party
from router.decide import decide
from router.rules import Rules
from router.text import Text

MOST = 10
"""Addresses of ours that are looked at; a mail to more of them is for nobody in particular."""


def other_queues(
    rules: Rules, text: Text, facts: Facts, decided: Decision, own_addresses: Collection[str]
) -> Sequence[tuple[str, QueueName]]:
    """Return our addresses whose mail the rules bring elsewhere than ``decided``, and where.

    ``own_addresses`` in lower case.
    """
    named = _named(text.message, own_addresses)
    found: dict[QueueName, str] = {}
    for party in named if len(named) > 1 else ():
        alone = text.rewritten(replace(text.message, to=(party,), cc=()))
        queue = decide(rules, alone.message, facts, alone).queue
        if queue and queue != decided.queue:
            found.setdefault(queue, party.address)
    return [(address, queue) for queue, address in found.items()]


def _named(message: Message, own_addresses: Collection[str]) -> Sequence[Party]:
    """Return those of us that it names; a plus address counts as the one before the plus."""
    found: dict[str, Party] = {}
    for party in (*message.to, *message.cc):
        local, _, domain = party.address.casefold().rpartition("@")
        plain = f"{local.partition('+')[0]}@{domain}"
        if plain in own_addresses or f"{local}@{domain}" in own_addresses:
            found.setdefault(plain, party)
    return list(found.values())[:MOST]

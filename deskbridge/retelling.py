"""Decisions told again: what is stored of them, and the rules of the configuration that made them.

Reading old rules and reading all rules over takes time: not for the event loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from config.configuration import Configuration
from config.stored import stored_rules
from inquiry.data import understood_from_text
from inquiry.errors import ConfigError, NotFound
from inquiry.journey import ArrivalId, InquiryId, Reference
from router.retold import InForce, Retold, retold
from router.rules import Rules
from router.why_not import Wish
from storage import decisions
from storage.database import Transaction
from storage.decisions import Recorded
from storage.inquiries.transitions import by_reference

KEPT = 4
"""Old configurations whose rules stay at hand."""


@dataclass(frozen=True, slots=True)
class Past:
    """A stored decision, and the text of the configuration that made it."""

    recorded: Recorded
    text: str | None
    """None where it is not kept any more."""


async def past_of_inquiry(tx: Transaction, inquiry: InquiryId) -> list[Past]:
    """Return all decisions about an inquiry, oldest first."""
    return await _with_texts(tx, await decisions.of_inquiry(tx, inquiry))


async def past_of(tx: Transaction, name: str) -> list[Past]:
    """Return the decisions that are meant by a reference, a Message-ID or ``arrival 12``.

    Raises:
        NotFound: there is nothing of this name, or no rule was ever asked about it.
    """
    number = name.lower().removeprefix("arrival").strip(" :")
    if number != name and number.isdecimal():
        found = await decisions.of_arrival(tx, ArrivalId(int(number)))
    elif "@" in name:
        found = await decisions.of_message_id(tx, name)
    else:
        found = await decisions.of_inquiry(tx, await by_reference(tx, Reference(name)))
    if not found:
        raise NotFound(f"no decision is recorded for {name}")
    return await _with_texts(tx, found)


def retell(configuration: Configuration, past: Past, wished: Wish | None = None) -> Retold:
    """Tell a stored decision by its own rules, and what those of ``configuration`` would say."""
    recorded = past.recorded
    return retold(
        understood_from_text(recorded.understood),
        recorded.facts,
        recorded.decision,
        _rules(configuration, recorded.decision.configuration, past.text),
        InForce(rules=configuration.rules, organizations=configuration.organizations),
        wished,
    )


async def _with_texts(tx: Transaction, found: Sequence[Recorded]) -> list[Past]:
    hashes = dict.fromkeys(one.decision.configuration for one in found)
    texts = {each: await decisions.configuration_text(tx, each) for each in hashes}
    return [Past(one, texts[one.decision.configuration]) for one in found]


def _rules(configuration: Configuration, hash_: str, text: str | None) -> Rules | str:
    if hash_ == configuration.hash:
        return configuration.rules
    if text is None:
        return f"the text of configuration {hash_[:6]} is not kept"
    return _read(text, hash_)


@lru_cache(KEPT)
def _read(text: str, hash_: str) -> Rules | str:
    try:
        return stored_rules(text, hash_)
    except ConfigError as wrong:
        return f"this version can't read configuration {hash_[:6]} any more: {wrong.problems[0]}"

"""What pages ask about decisions: why it came so, and what would come of a message tried out.

Nothing is stored and nothing is sent. Untrusted mail is read in a worker process, rules are read on
a thread, one question after the other: whoever waits for an answer holds up nobody's mail.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from config.case_message import case_of, mail_of
from config.configuration import Configuration
from config.sections import Given
from deskbridge.bridge import Bridge
from deskbridge.proposing import propose
from deskbridge.retelling import Past, past_of, past_of_inquiry, retell
from inquiry.data import understood_from_text
from inquiry.journey import MAIL, ChannelName, Envelope, InquiryId
from inquiry.understood import Known, Message, Report
from normalizer.scan import scan
from normalizer.stage import Knowledge
from normalizer.workers import Task, WorkerDied
from router.customers import with_organization
from router.retold import Retold, ruled_on_in, tried
from router.why_not import Wish
from web.desk import Asked, CannotTell, Told, Trial

MOST = 10
"""Decisions about one inquiry that a page tells: the first, and the newest."""
LONGEST_MAIL = 1_000_000


class Explainer:
    """Answers the pages of one desk."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._one_at_a_time = asyncio.Lock()

    async def explain(self, inquiry: InquiryId, wished: Wish | None) -> Sequence[Told]:
        """Tell the decisions about an inquiry, oldest first."""
        found = await self._bridge.db.read(lambda tx: past_of_inquiry(tx, inquiry))
        configuration = self._bridge.configuration
        shown = found if len(found) <= MOST else [found[0], *found[1 - MOST :]]

        def work() -> Sequence[Told]:
            return [Told(one.recorded, retell(configuration, one, wished)) for one in shown]

        async with self._one_at_a_time:
            return await asyncio.to_thread(work)

    async def try_out(self, asked: Asked) -> Retold:
        """Tell what the rules in force make of a message. Raises CannotTell, NotFound."""
        by = self._bridge.in_force
        if asked.stored:
            past = await self._bridge.db.read(lambda tx: past_of(tx, asked.stored))
            async with self._one_at_a_time:
                return await asyncio.to_thread(_by_todays_rules, by.configuration, past[0], asked)
        if len(asked.mail) > LONGEST_MAIL:
            raise CannotTell(f"that is longer than {LONGEST_MAIL:,} letters")
        given = Given(
            from_=asked.sender, subject=asked.subject, body=asked.text, at=datetime.now(UTC)
        )
        raw = asked.mail.encode(errors="replace") if asked.mail else mail_of(given)
        ruled_on = await self._understood(raw, asked.channel, by.knowledge)
        only = Given(at=given.at, from_="" if asked.mail else asked.sender)
        return await self._tried(by.configuration, only, asked, ruled_on)

    async def propose(self, pasted: str) -> Trial:
        """Tell what pasted rules would change; they are never put in force. Raises CannotTell."""
        by = self._bridge.in_force
        async with self._one_at_a_time:
            names = sorted(by.composing.templates.names())
            return await propose(self._bridge.db, by.configuration, names, pasted)

    async def _tried(
        self, configuration: Configuration, given: Given, asked: Asked, ruled_on: Message | Report
    ) -> Retold:
        def work() -> Retold:
            case = case_of(given, configuration, asked.channel, ruled_on)
            return tried(configuration.rules, case.message, case.facts, asked.wished)

        async with self._one_at_a_time:
            return await asyncio.to_thread(work)

    async def _understood(
        self, raw: bytes, channel: ChannelName, knowledge: Knowledge
    ) -> Message | Report:
        known = Known(
            languages=knowledge.languages,
            language_fallback=knowledge.language_fallback,
            own_addresses=knowledge.own_addresses,
            sender_is_specialist=_writer(raw) in knowledge.specialist_addresses,
            trusted_hosts=knowledge.trusted_hosts.get(channel, frozenset()),
        )
        task = Task(media_type=MAIL, raw=raw, envelope=Envelope(), known=known)
        outcome = await self._bridge.workers.alone(task)
        if isinstance(outcome, WorkerDied):
            raise CannotTell(f"that can't be understood: {outcome}")
        ruled_on = ruled_on_in(understood_from_text(outcome.text))
        if ruled_on is None:
            raise CannotTell("no rule is asked about this sort of mail")
        return ruled_on


def _writer(raw: bytes) -> str:
    sender = scan(MAIL, raw, Envelope()).sender
    return sender.address.casefold() if sender else ""


def _by_todays_rules(configuration: Configuration, past: Past, asked: Asked) -> Retold:
    ruled_on = ruled_on_in(understood_from_text(past.recorded.understood))
    if ruled_on is None:
        raise CannotTell("no rule is asked about this sort of message")
    facts = with_organization(past.recorded.facts, configuration.organizations)
    return tried(configuration.rules, ruled_on, facts, asked.wished)

"""Does a replay find nothing where nothing is different, and exactly what is where something is?"""

import random
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from config.configuration import Configuration
from config.load import load
from config.stored import stored_rules
from deskbridge.kinds import SettingsByKind
from deskbridge.replay import Judge, Summary, replay
from deskbridge.wiring import router_desk
from inquiry.data import understood_as_text
from inquiry.errors import ConfigError
from inquiry.journey import MAIL, Arrival, ChannelName, Envelope
from inquiry.understood import Attachment, Edit, Message, Party, Report, Understood
from inquiry.words import ArrivalState, Automated, Trust
from router.stage.step import step
from storage import arrivals, decisions
from storage.database import Database, Transaction
from storage.intake import Intake
from tests.inquiries import MINUTE
from tests.router.test_stage import RING, proof
from tests.rows import rows

MONDAY = datetime(2026, 1, 5, 6, tzinfo=UTC)
HEAD = """\
version: 1
desk: {name: Nordlys, url: http://127.0.0.1:8080, data_dir: data, languages: [en, pl, nb]}
channels:
  support-mail: {kind: smtp, listen: 127.0.0.1:2525, addresses: [support@nordlys.example]}
  sales-mail: {kind: smtp, listen: 127.0.0.1:2525, addresses: [sales@nordlys.example]}
  bot: {kind: telegram, token: '123456:${env:TOKEN:-abc}'}
specialists:
  ola: {name: Ola Hansen, email: ola@nordlys.example, languages: [nb, en, pl]}
queues:
  first-line: {members: [ola]}
  second-line: {line: 2, members: [ola]}
calendars:
  office: {timezone: Europe/Oslo, open: {mon-fri: 08:00-16:00}, holidays: {country: NO}}
customers:
  attributes: {vip: boolean, contract: [basic, gold], region: text}
  organizations:
    acme: {domains: [acme.example], contract: gold, vip: yes}
    wonka: {domains: [wonka.example], region: north}
words:
  outage: {en: [down, outage], pl: [nie działa], nb: [nede]}
  printer: {en: [printer*], pl: [drukar*], nb: [skriver*]}
"""
URGENCY = """\
urgency:
  signals:
    - {words: outage, points: 40}
    - {customer: {vip: yes}, points: 20}
    - {repeated_within: 24h, points: 20}
  levels: {high: 40, urgent: 60}
"""
LAST = "{name: rest, when: always, then: {category: other, queue: first-line, reply: ack}}"
WHENS = [
    *("{mentions: outage}", "{mentions: [outage, printer]}", "{not: {mentions: printer}}"),
    *("{channel: sales-mail}", "{from: acme.example}", "{to: sales@nordlys.example}"),
    *("{customer: {vip: yes}}", "{customer: {contract: gold}}", "{customer: {region: 'n*'}}"),
    *("{organization: acme}", "{known: yes}", "{known: no}", "{bounce: yes}", "{trust: verified}"),
    *("{auto_generated: yes}", "{open_inquiry: yes}", "{last_category: [outage, other]}"),
    *("{inquiries_in: {days: 30, more_than: 1}}", "{repeated_within: 24h}", "{reopened: yes}"),
    *("{queue_load: {queue: first-line, waiting_more_than: 2}}", "{during: office}"),
    *("{outside: office}", "{urgency: [high, urgent]}", "{urgency: {more_than: 30}}"),
    *("{queue: second-line}", "{priority: [high, urgent]}", "{tags: a}", "{category: outage}"),
    *("{language: pl}", "{attachment: {extension: pdf}}", "{header: {x-priority: '1*'}}"),
    *("{authenticated: {dmarc: pass}}", "{shouting: yes}", "{mailing_list: no}"),
    "{any: [{text: 'help*'}, {subject: '/ORD-(?P<order>[0-9]+)/i'}]}",
]
THENS = [
    *("{queue: second-line}", "{category: outage}", "{priority: high, category: invoice}"),
    *("{priority_at_least: urgent}", "{tags: [a, b]}", "{tags: c, priority: low}"),
    *("{attachments: block}", "{snooze: 2h}", "{set: {kind: x, more: y}}", "{assign: {to: ola}}"),
    *("{handle: quarantine, reason: automatic mail}", "{assign: {by: pull}, reply: busy-ack}"),
]
FILE = Attachment(filename="a.pdf", content_type="application/pdf", size=9, sha256="00" * 32)
TEXTS = [
    "It is down",
    "The printer",
    "Drukarka nie działa",
    "Please help",
    "ORD-12",
    "WHERE ARE YOU NOW",
    "thanks",
]
SENDERS = ["jan@acme.example", "eve@x.wonka.example", "ola@kunde.example"]


def a_configuration(folder: Path, text: str) -> Configuration:
    file = folder / "desk.yaml"
    file.write_text(text, "utf-8")
    return load(file, SettingsByKind(), known_templates={"ack", "busy-ack"})


def with_rules(*rules: str, head: str = HEAD, urgency: str = URGENCY) -> str:
    return f"{head}{urgency}rules:\n" + "".join(f"  - {rule}\n" for rule in (*rules, LAST))


def random_rules(rng: random.Random) -> str:
    whens = rng.sample(WHENS, 8)
    turns = ["", "", ", on: [follow-up]", ", on: [opening, follow-up]", ", stop: yes"]
    lines = [
        f"{{name: r{number}, when: {when}, then: {rng.choice(THENS)}{rng.choice(turns)}}}"
        for number, when in enumerate(whens)
    ]
    blanks = "{set: {order: '{order}'}, tags: ['ORD {order}']}"
    order = f"{{name: order, when: {{text: '/ORD-(?P<order>[0-9]+)/i'}}, then: {blanks}}}"
    return with_rules(order, *lines)


def a_random_configuration(folder: Path, rng: random.Random) -> Configuration:
    """Make one that may be loaded: in some a rule is shadowed."""
    while True:
        try:
            return a_configuration(folder, random_rules(rng))
        except ConfigError as wrong:
            if {problem.code for problem in wrong.problems} - {"shadowed", "not-yet"}:
                raise


def a_mail(number: int, rng: random.Random) -> Message:
    text = " ".join(rng.sample(TEXTS, 2))
    return Message(
        sender=Party(rng.choice(SENDERS), "Jan"),
        to=(Party(rng.choice(["support@nordlys.example", "sales@nordlys.example"])),),
        subject=rng.choice(TEXTS),
        text=text,
        new_text=rng.choice([text, ""]),
        language=rng.choice(["en", "pl", ""]),
        message_id=f"<{number}@kunde.example>",
        automated=rng.choice([Automated.NONE] * 5 + [Automated.AUTO_REPLY, Automated.LIST]),
        trust=rng.choice(list(Trust)),
        authentication=rng.choice([{}, {"dmarc": "pass"}]),
        headers=rng.choice([{}, {"x-priority": "1 (Highest)"}]),
        attachments=rng.choice([(), (FILE,)]),
    )


class World:
    """A desk at which random things arrive."""

    def __init__(self, db: Database, configuration: Configuration, now: datetime = MONDAY) -> None:
        self.db, self.configuration = db, configuration
        self.desk = router_desk(configuration, RING)
        self.now = now
        self._intake = Intake(db)
        self._count = 0

    async def comes(self, understood: Understood, channel: str = "support-mail") -> None:
        """Let something arrive, be understood, and be placed some hours after the last."""
        self._count += 1
        self.now += timedelta(hours=3)
        arrival = Arrival(
            channel=ChannelName(channel),
            remote_id=str(self._count),
            media_type=MAIL,
            raw=f"raw {self._count}".encode(),
            envelope=Envelope(),
            received_at=self.now,
        )
        await self._intake.inlet(arrival.channel).accept(arrival)
        await self.db.write(partial(self._understand, understood))
        assert await step(self.db, self.desk, now=self.now)

    async def _understand(self, understood: Understood, tx: Transaction) -> None:
        made = self.configuration
        await decisions.remember_configuration(tx, made.hash, made.text, self.now)
        (claimed,) = await arrivals.claim(tx, ArrivalState.WAITING, limit=1, lease=MINUTE)
        assert await arrivals.understood(tx, claimed, understood_as_text(understood), "1")

    async def anything_comes(self, number: int, rng: random.Random) -> None:
        """Let a mail come, an answer to what is there, a copy, a report, or an edit."""
        mail = a_mail(number, rng)
        there = await rows(self.db, "SELECT id FROM inquiries ORDER BY id")
        match rng.choice(["mail", "mail", "answer", "copy", "report", "chat", "edit"]):
            case "answer" if there:
                await self.comes(replace(mail, **proof(rng.choice(there)["id"])))
                await self.close_some(rng)
            case "copy":
                await self.comes(mail)
                await self.comes(mail, "sales-mail")
            case "report":
                await self.comes(Report(kind=Automated.BOUNCE, message=mail))
            case "chat":
                await self.comes(in_chat(mail, number), "bot")
            case "edit":
                changed = in_chat(mail, number - rng.choice([0, 1, 2]))
                edit = Edit(remote_id=changed.remote_id, conversation="777", message=changed)
                await self.comes(edit, "bot")
            case _:
                await self.comes(mail, rng.choice(["support-mail", "sales-mail"]))

    async def close_some(self, rng: random.Random) -> None:
        """Resolve what is there, so that some answers reopen it."""
        if rng.random() < 0.5:
            at = int(self.now.timestamp() * 1_000_000)
            await rows(self.db, f"UPDATE inquiries SET state = 'resolved', resolved_at = {at}")

    async def replayed(self, configuration: Configuration, **changes: Any) -> Summary:
        """Judge everything by a configuration."""
        judge = Judge(changes.pop("rules", configuration.rules), configuration.organizations, 1)
        try:
            return await replay(self.db, judge, since=datetime(2026, 1, 1, tzinfo=UTC), **changes)
        finally:
            judge.close()


def in_chat(mail: Message, number: int) -> Message:
    who = Party("777", "Jan")
    return replace(
        mail, sender=who, to=(), conversation="777", remote_id=str(number), message_id=""
    )


@pytest.mark.parametrize("seed", range(4))
async def test_the_same_rules_decide_the_same(
    database: Database, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    world = World(database, a_random_configuration(tmp_path, rng))
    for number in range(30):
        await world.anything_comes(number, rng)
    told: list[tuple[int, int]] = []
    summary = await world.replayed(
        world.configuration, progress=lambda done, whole: told.append((done, whole))
    )
    assert summary.different == []
    assert summary.untold == {}
    assert summary.messages >= 25
    assert told[-1] == (summary.messages, summary.messages)
    kept = stored_rules(world.configuration.text, world.configuration.hash, {})
    assert (await world.replayed(world.configuration, rules=kept)).different == []


BOTH = "{name: first, when: {mentions: outage}, then: {queue: second-line, tags: [down]}}"
OTHER = "{name: second, when: {mentions: printer}, then: {queue: first-line, category: printer}}"
URGENT = "{name: high, when: {urgency: [high, urgent]}, then: {reply: busy-ack}}"
SAID = ["It is down", "The printer", "The printer is down", "nothing", "outage", "printers"]


def about(*words: str) -> set[str]:
    """Return the references of the messages that say one of these words, by their numbers."""
    return {f"R-{n:05}" for n, text in enumerate(SAID * 2, 1) if any(w in text for w in words)}


@pytest.mark.parametrize(
    ("mistake", "expected", "changed"),
    [
        pytest.param(
            ((BOTH, "- §"), (OTHER, BOTH), ("- §", OTHER)),
            about("printer is down"),
            {("queue", "second-line", "first-line", "second")},
            id="rules in another order",
        ),
        pytest.param(
            (("down, outage", "down"),),
            about("outage"),
            {
                ("queue", "second-line", "first-line", "rest"),
                ("tags", "down", "", "first"),
                ("priority", "high", "normal", "urgency"),
                ("reply", "busy-ack", "ack", "rest"),
            },
            id="a word less",
        ),
        pytest.param(
            (("levels: {high: 40", "levels: {high: 50"),),
            about("down", "outage"),
            {("priority", "high", "normal", "urgency"), ("reply", "busy-ack", "ack", "rest")},
            id="another threshold",
        ),
    ],
)
async def test_a_planted_mistake_is_found_with_all_that_it_concerns(
    database: Database,
    tmp_path: Path,
    mistake: Collection[tuple[str, str]],
    expected: set[str],
    changed: set[tuple[str, str, str, str]],
) -> None:
    head = HEAD.replace("data_dir: data", "data_dir: data, reference_format: 'R-{seq:05}'")
    text = with_rules(BOTH, OTHER, URGENT, head=head)
    world = World(database, a_configuration(tmp_path, text))
    for number, said in enumerate(SAID * 2):
        sender = Party(f"{number}@kunde.example")
        await world.comes(
            Message(sender=sender, subject=said, text=said, message_id=f"<{number}@k.example>")
        )
    for old, new in mistake:
        assert text.count(old) == 1
        text = text.replace(old, new)
    summary = await world.replayed(a_configuration(tmp_path, text))
    assert {one.name for one in summary.different} == expected
    assert summary.messages == len(SAID) * 2
    found = {(c.field, c.was, c.now, c.rule) for c, _ in summary.by_change()}
    assert found == changed


async def test_a_fact_that_nobody_recorded_is_told_and_matches_nothing(
    database: Database, tmp_path: Path
) -> None:
    """A count that ended where the rules of then knew enough says nothing of a higher one."""
    asking = "{{name: often, when: {{repeated_within: 24h}}, then: {then}}}"
    now, then = asking.format(then="{tags: [again]}"), "{tags: [x]}"
    world = World(database, a_configuration(tmp_path, with_rules(now, urgency="")))
    for number in range(3):
        await world.comes(Message(sender=Party("a@k.example"), text="x", message_id=f"<{number}>"))
    waiting = "{queue_load: {queue: first-line, waiting_more_than: 1}}"
    more = [
        f"{{name: loaded, when: {waiting}, then: {then}}}",
        f"{{name: free, when: {{not: {{inquiries_in: {{days: 9, more_than: 7}}}}}}, then: {then}}}",
    ]
    summary = await world.replayed(a_configuration(tmp_path, with_rules(now, *more, urgency="")))
    assert summary.different == []
    assert summary.untold == {"waiting first-line": 3, "inquiries 777600s": 3}

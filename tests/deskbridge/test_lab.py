"""Does a running desk tell why, count its rules, and try messages out without a trace?"""

import asyncio
import json
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deskbridge.bridge import Bridge
from deskbridge.cli.main import deskbridge
from deskbridge.lab import LONGEST_MAIL, MOST, Explainer
from inquiry.errors import NotFound
from inquiry.journey import MAIL, Arrival, ChannelName, InquiryId
from router.why_not import wish
from tests.deskbridge.running_desk import running_desk
from tests.inquiries import NOW
from tests.rows import rows
from tests.servers.ports import free_port
from web.desk import Asked, CannotTell

CHANNEL = ChannelName("support-mail")
TEXT = """\
version: 1
desk: {name: Nordlys, url: "http://127.0.0.1:WEB", data_dir: DATA, timezone: Europe/Oslo}
web: {listen: "127.0.0.1:WEB"}
channels:
  support-mail: {kind: smtp, listen: "127.0.0.1:SMTP", addresses: [support@nordlys.example]}
specialists:
  ola: {name: Ola Hansen, email: ola@nordlys.example}
queues:
  first-line: {line: 1, members: [ola], assign: {by: pull}}
  second-line: {line: 2, members: [ola], assign: {by: pull}}
customers:
  attributes: {vip: boolean}
  organizations: {acme: {domains: [acme.example], vip: yes}}
words:
  outage: {en: [down, outage]}
rules:
  - {name: outage, when: {mentions: outage}, then: {queue: second-line}}
  - {name: gold, when: {customer: {vip: yes}}, then: {tags: [gold]}}
  - {name: everything-else, when: always, then: {queue: first-line}}
"""


@pytest.fixture
def text(tmp_path: Path) -> str:
    ports = {"SMTP": str(free_port()), "WEB": str(free_port()), "DATA": str(tmp_path / "data")}
    made = TEXT
    for word, value in ports.items():
        made = made.replace(word, value)
    return made


def mail(subject: str, **headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = "jan@acme.example"
    message["To"] = "support@nordlys.example"
    message["Subject"] = subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Please help.")
    return message.as_bytes()


async def arrived(bridge: Bridge, raw: bytes, remote_id: str = "1") -> None:
    """Let a mail come in, and wait until rules have decided about it and were counted."""
    before = len(await rows(bridge.db, "SELECT id FROM decisions"))
    arrival = Arrival(
        channel=CHANNEL, remote_id=remote_id, media_type=MAIL, raw=raw, received_at=NOW
    )
    await bridge.intake.inlet(CHANNEL).accept(arrival)
    async with asyncio.timeout(20):
        while len(await rows(bridge.db, "SELECT id FROM decisions")) == before:
            await asyncio.sleep(0.02)


async def tables(bridge: Bridge) -> dict[str, int]:
    """Count what is stored."""
    names = ("arrivals", "inquiries", "messages", "decisions", "answers", "history", "customers")
    return {name: len(await rows(bridge.db, f"SELECT 1 FROM {name}")) for name in names}


async def test_a_mail_is_tried_out_without_a_trace(tmp_path: Path, text: str) -> None:
    async with running_desk(tmp_path / "desk.yaml", text) as desk:
        explainer, before = Explainer(desk.bridge), await tables(desk.bridge)
        asked = Asked(channel=CHANNEL, mail=mail("All is down").decode(), wished=wish("tags=x"))
        told = await explainer.try_out(asked)
        assert told.decision.queue == "second-line"
        assert (told.facts.organization, told.decision.tags) == ("acme", ("gold",))
        assert told.why_not
        assert told.why_not.known == ("gold",)
        plain = Asked(channel=CHANNEL, sender="+4722334455", subject="Hello", text="there")
        told = await explainer.try_out(plain)
        assert told.decision.queue == "first-line"
        assert told.message
        assert told.message.sender
        assert told.message.sender.address == "+4722334455"
        assert await tables(desk.bridge) == before


async def test_what_cannot_be_tried_is_said(tmp_path: Path, text: str) -> None:
    async with running_desk(tmp_path / "desk.yaml", text) as desk:
        explainer = Explainer(desk.bridge)
        with pytest.raises(CannotTell, match="longer than 1,000,000 letters"):
            await explainer.try_out(Asked(channel=CHANNEL, mail="a" * (LONGEST_MAIL + 1)))
        with pytest.raises(NotFound, match="there is no inquiry 2026-00099"):
            await explainer.try_out(Asked(channel=CHANNEL, stored="2026-00099"))


async def test_the_past_is_told_by_the_rules_of_then_after_a_reload(
    tmp_path: Path, text: str
) -> None:
    async with running_desk(tmp_path / "desk.yaml", text) as desk:
        await arrived(desk.bridge, mail("All is down", Message_ID="<1@acme.example>"))
        explainer = Explainer(desk.bridge)
        changed = text.replace("[down, outage]", "[outage]").replace("name: outage", "name: out")
        assert (await desk.reload(changed))["applied"]
        (told,) = await explainer.explain(InquiryId(1), wish("queue=first-line"))
        retold = told.retold
        assert retold.trace
        assert retold.trace.rules[0].rule.name == "outage"
        assert retold.trace.decision == retold.decision
        assert retold.today
        assert [(c.field, c.was, c.now, c.rule) for c in retold.today.changes] == [
            ("queue", "second-line", "first-line", "everything-else")
        ]
        assert retold.why_not
        assert retold.why_not.kept[0].too_late.startswith("queue was already decided by 'outage'")
        by_id = await explainer.try_out(Asked(channel=CHANNEL, stored="<1@acme.example>"))
        assert by_id.decision.queue == "first-line"


async def test_of_many_messages_the_first_and_the_newest_are_told(
    tmp_path: Path, text: str
) -> None:
    async with running_desk(tmp_path / "desk.yaml", text) as desk:
        bridge = desk.bridge
        await arrived(bridge, mail("All is down"))
        copies = "SELECT arrival, inquiry, decided_at + 1, configuration, normalizer, decision"
        await bridge.db.script(
            "INSERT INTO decisions "
            "(arrival, inquiry, decided_at, configuration, normalizer, decision, facts) "
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12) "
            f"{copies}, facts FROM decisions, n;"
        )
        told = await Explainer(bridge).explain(InquiryId(1), None)
        moments = [one.recorded.decided_at for one in told]
        assert len(moments) == MOST
        assert moments[0] < moments[1] == moments[-1]


async def test_the_desk_counts_its_rules_while_it_runs(tmp_path: Path, text: str) -> None:
    file = tmp_path / "desk.yaml"
    async with running_desk(file, text) as desk:
        zone = desk.bridge.configuration.desk.timezone
        await arrived(desk.bridge, mail("All is down"))
        async with asyncio.timeout(20):
            while await rule_counts_of(desk.bridge) == []:
                await asyncio.sleep(0.05)
        assert str(zone) == "Europe/Oslo"
    data = json.loads((await report(file, "--json")).stdout)
    assert data["uncounted"] == 0
    assert [(one["rule"], one["matched"], one["in_force"]) for one in data["rules"]] == [
        ("outage", 1, True),
        ("gold", 1, True),
        ("everything-else", 1, True),
    ]
    assert [one["decided"] for one in data["rules"]] == [1, 0, 0]
    assert len(data["rules"][0]["weeks"]) == 12
    file.write_text(text.replace("name: gold", "name: golden"))
    lines = (await report(file, "--weeks", "2")).stdout.splitlines()
    found = {line.split("  ")[0]: line.split() for line in lines}
    assert found["outage"][1:3] == ["1", "·█"]
    assert found["outage"][-4:] == ["0%", "(0", "of", "1)"]
    assert found["golden"] == ["golden", "0", "··", "never", "–"]
    assert "gold (no rule now)" in found


async def rule_counts_of(bridge: Bridge) -> list[dict[str, Any]]:
    return await rows(bridge.db, "SELECT rule FROM rule_weeks WHERE matched > 0")


async def report(file: Path, *options: str) -> Any:
    words = ["report", "rules", "-c", str(file), *options]
    result = await asyncio.to_thread(CliRunner().invoke, deskbridge, words)
    assert result.exit_code == 0, result.output
    return result

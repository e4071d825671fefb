"""Does the command line show what is waiting to go out, and let people decide about it?"""

from pathlib import Path

import pytest

from inquiry.errors import PermanentFailure
from inquiry.retry import RetryPolicy
from outbox.stage import compose_step
from specialists.acts import answering
from storage import credentials
from storage.database import Database
from tests.deskbridge.command_desk import CommandDesk
from tests.inquiries import KASIA, NOW, OLA, Inquiries
from tests.outbox.senders import DESK, Says
from tests.outbox.steps import send_step
from tests.rows import rows


@pytest.fixture
async def desk(tmp_path: Path) -> CommandDesk:
    """A desk with one dispatch that is dead and one that waits."""
    desk = CommandDesk(tmp_path)
    await desk.migrate()
    async with desk.database() as db:
        await fill(db)
    return desk


async def fill(db: Database) -> None:
    opened = await Inquiries(db).opened()
    for text in ("Hei", "Hallo"):
        await answering.answer(db, inquiry=opened.id, specialist=KASIA, text=text, now=NOW)
        await compose_step(db, DESK, now=NOW)
    await send_step(db, Says(PermanentFailure("550 no such user")), RetryPolicy(), now=NOW)


async def test_a_list_for_people(desk: CommandDesk) -> None:
    result = await desk.run("outbox", "list")
    assert result.exit_code == 0
    title, waiting, dead = [line.split() for line in result.stdout.splitlines()]
    assert title == ["ID", "TO", "INQUIRY", "STATE", "TRIES", "NEXT", "REASON"]
    assert waiting[:5] == ["2", "support-mail", "jan@kunde.example", "NL-2026-00001", "waiting"]
    assert dead[:5] == ["1", "support-mail", "jan@kunde.example", "NL-2026-00001", "dead"]
    assert dead[-4:] == ["550", "no", "such", "user"]


async def test_a_list_for_programs(desk: CommandDesk) -> None:
    (dead,) = await desk.json("outbox", "list", "--state", "dead")
    assert (dead["id"], dead["last_error"]) == (1, "550 no such user")
    lines = await desk.run("outbox", "list", "--jsonl")
    assert lines.stdout.count("\n") == 2


async def test_nothing_waits(desk: CommandDesk) -> None:
    result = await desk.run("outbox", "list", "--state", "held")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith("nothing is waiting\n")


async def test_one_dispatch(desk: CommandDesk) -> None:
    result = await desk.run("outbox", "show", "1")
    assert result.stdout.splitlines() == [
        "dispatch 1 of NL-2026-00001: dead",
        "  to       Jan Kowalski <jan@kunde.example> by support-mail",
        "  purpose  answer",
        "  tries    1",
        "  reason   550 no such user",
        "  subject  Re: Drukarka [NL-2026-00001]",
        "",
        "  Hei",
    ]
    assert (await desk.json("outbox", "show", "2"))["state"] == "waiting"


@pytest.mark.parametrize("service", [True, False], ids=["the service runs", "no service runs"])
async def test_people_decide(desk: CommandDesk, service: bool) -> None:
    async def decide() -> None:
        for words, said in (
            (("retry", "1"), "dispatch 1 is waiting"),
            (("hold", "1"), "dispatch 1 is held"),
            (("release", "1"), "dispatch 1 is waiting"),
            (("cancel", "1", "--yes"), "dispatch 1 is cancelled"),
        ):
            result = await desk.run("outbox", *words)
            assert (result.exit_code, result.stdout) == (0, f"{said}\n"), result.stderr

    if not service:
        await decide()
        return
    async with desk.service() as rung:
        await decide()
        assert rung == ["outbox"] * 4


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("show", "9"), 4, "there is no dispatch 9"),
        (("retry", "9"), 4, "there is no dispatch 9"),
        (("release", "1"), 1, "dispatch 1 is dead: it can't be released"),
        (("cancel", "1"), 2, "nobody to ask: add --yes"),
    ],
)
async def test_what_can_not_be_done(
    desk: CommandDesk, words: tuple[str, ...], code: int, sentence: str
) -> None:
    result = await desk.run("outbox", *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.endswith(f"{sentence}\n")


class TestSpecialists:
    """Passwords are set here; people stand in the configuration."""

    async def test_a_password(self, desk: CommandDesk) -> None:
        result = await desk.run("specialist", "passwd", "ola", "--stdin", stdin="correct horse\n")
        assert (result.exit_code, result.stdout) == (0, "ola has a new password\n"), result.stderr
        async with desk.database() as db:
            assert await credentials.holds_password(db, OLA, "correct horse", now=NOW)
        people = await desk.json("specialist", "list")
        assert [(who["name"], who["password"]) for who in people] == [
            ("ola", True),
            ("kasia", False),
        ]

    async def test_the_service_sets_it(self, desk: CommandDesk) -> None:
        async with desk.service():
            done = await desk.run("specialist", "passwd", "ola", "--stdin", stdin="correct horse\n")
        assert done.exit_code == 0

    @pytest.mark.parametrize(
        ("words", "stdin", "sentence"),
        [
            (("ola", "--stdin"), "short\n", "a password has at least 10 characters"),
            (("eve", "--stdin"), "correct horse\n", "no specialist 'eve'; there are kasia, ola"),
            (("ola",), "correct horse\n", "nobody to ask: add --stdin"),
        ],
    )
    async def test_a_wrong_one(
        self, desk: CommandDesk, words: tuple[str, ...], stdin: str, sentence: str
    ) -> None:
        result = await desk.run("specialist", "passwd", *words, stdin=stdin)
        assert result.exit_code == 2
        assert result.stderr.endswith(f"{sentence}\n")
        assert "correct horse" not in result.output

    async def test_a_table(self, desk: CommandDesk) -> None:
        result = await desk.run("specialist", "list")
        assert result.stdout.splitlines()[1].split() == [
            *("ola", "Ola", "Hansen", "ola@nordlys.example", "nb", "specialist", "–")
        ]


@pytest.mark.parametrize("service", [True, False], ids=["the service runs", "no service runs"])
async def test_many_are_told_first_and_then_done(desk: CommandDesk, service: bool) -> None:
    async def decide() -> None:
        words = ("outbox", "decide", "send-again", "--reason", "no such USER")
        told = await desk.run(*words)
        assert told.exit_code == 0
        lines = told.stdout.splitlines()
        assert lines[0] == "1 will be tried again from the beginning, for two days"
        assert lines[1].split() == ["ID", "CHANNEL", "STATE", "SINCE", "REASON"]
        assert lines[2].split()[:3] == ["1", "support-mail", "dead"]
        assert told.stderr.endswith("nothing was done: add --do\n")
        assert (await desk.json("outbox", "show", "1"))["state"] == "dead"
        done = await desk.run(*words, "--by", "ola", "--do")
        assert done.stdout.splitlines()[-1] == "send-again: 1 done"
        assert (await desk.json("outbox", "show", "1"))["state"] == "waiting"

    if not service:
        await decide()
        return
    async with desk.service() as rung:
        await decide()
    assert rung == ["outbox"]


async def test_many_for_programs(desk: CommandDesk) -> None:
    words = ("outbox", "decide", "give-up", "--all")
    would = await desk.json(*words)
    assert would == {
        "decision": "give-up",
        "would": [{"number": 1, "what": "never sent; the customer does not see it"}],
        "dispatches": [1],
        "not_possible": [],
        "later": 0,
        "done": [],
        "left_alone": [],
    }
    assert (await desk.json(*words, "--do"))["done"] == [1]
    assert (await desk.json("outbox", "show", "1"))["state"] == "cancelled"
    async with desk.database() as db:
        (told,) = await rows(db, "SELECT actor FROM history WHERE kind = 'cancelled'")
    assert told["actor"] == "operator"


async def test_what_cannot_be_decided_so_is_told(desk: CommandDesk) -> None:
    result = await desk.run("outbox", "decide", "arrived", "1", "--do")
    assert result.stdout.splitlines() == [
        "1 stay as they are, dead: it was refused or given up",
        "arrived: 0 done",
    ]
    assert (await desk.json("outbox", "show", "1"))["state"] == "dead"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param((), 2, "say which: numbers, --channel, --state,", id="none named"),
        pytest.param(("99",), 4, "nothing that waits for a person matches", id="no such one"),
        pytest.param(("--channel", "bot"), 4, "nothing that waits", id="no such channel"),
        pytest.param(("--newer", "1m"), 4, "nothing that waits", id="none so new"),
        pytest.param(("1", "--by", "nobody", "--do"), 2, "no specialist 'nobody'", id="no one"),
        pytest.param(("1", "--older", "soon"), 2, "is not a time such as", id="no time"),
    ],
)
async def test_what_makes_no_sense_is_told(
    desk: CommandDesk, words: tuple[str, ...], code: int, said: str
) -> None:
    result = await desk.run("outbox", "decide", "send-again", *words)
    assert result.exit_code == code
    assert said in result.stderr
    assert (await desk.json("outbox", "show", "1"))["state"] == "dead"


GUEST = "visitor-ibh22p6g7kq4m2x5ra3tz6wyce"


@pytest.mark.parametrize(
    ("name", "listed", "shown"),
    [
        pytest.param("", "Visitor ibh2", " <Visitor ibh2>", id="nobody said a name"),
        pytest.param("Ewa", "Ewa", "Ewa <Visitor ibh2>", id="a name was said"),
    ],
)
async def test_people_read_no_long_numbers(
    desk: CommandDesk, name: str, listed: str, shown: str
) -> None:
    async with desk.database() as db:
        await rows(
            db,
            f"UPDATE contact_points SET contact = 'web-chat', address = '{GUEST}', name = '{name}'",
        )
    for words in (("list",), ("show", "1"), ("decide", "give-up", "1")):
        result = await desk.run("outbox", *words)
        assert GUEST not in result.stdout + result.stderr
    assert f"support-mail {listed}" in (await desk.run("outbox", "list")).stdout
    assert f"  to       {shown} by support-mail" in (await desk.run("outbox", "show", "1")).stdout
    cancelled = await desk.run("outbox", "cancel", "1", "--yes")
    assert f"the message to {listed} will never be sent" in cancelled.stderr
    assert (await desk.json("outbox", "show", "2"))["address"] == GUEST

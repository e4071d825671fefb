"""Can an inquiry be read and worked from the command line, whether or not the service runs?"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from inquiry.journey import InquiryId
from inquiry.understood import Party
from outbox.stage import compose_step
from storage import history
from tests.deskbridge.command_desk import CommandDesk
from tests.inquiries import NOW, Inquiries, a_message
from tests.outbox.senders import DESK

REF = "NL-2026-00001"


@pytest.fixture
async def desk(tmp_path: Path) -> CommandDesk:
    desk = CommandDesk(tmp_path)
    await desk.migrate()
    async with desk.database() as db:
        await Inquiries(db).opened()
    return desk


async def kinds(desk: CommandDesk) -> list[str]:
    async with desk.database() as db:
        events = await db.read(lambda tx: history.of(tx, InquiryId(1)))
        return [event.kind for event in events]


class TestReading:
    """Reads look into the database themselves."""

    async def test_a_list_for_people(self, desk: CommandDesk) -> None:
        result = await desk.run("inquiry", "list")
        assert result.exit_code == 0
        title, line = result.stdout.splitlines()
        assert title.split() == [
            *("REFERENCE", "STATE", "PRIORITY", "QUEUE"),
            *("ASSIGNEE", "UPDATED", "FROM", "SUBJECT"),
        ]
        assert line.startswith(f"{REF}  new    normal    first-line  –")
        assert line.endswith("Jan Kowalski  Drukarka")

    async def test_a_list_for_programs(self, desk: CommandDesk) -> None:
        (found,) = await desk.json("inquiry", "list", "queue:first-line")
        assert (found["reference"], found["state"]) == (REF, "new")
        lines = await desk.run("inquiry", "list", "--jsonl")
        assert lines.stdout.count("\n") == 1

    async def test_nothing_found_is_no_failure(self, desk: CommandDesk) -> None:
        result = await desk.run("inquiry", "list", "is:closed")
        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr.endswith("nothing found\n")

    async def test_a_wrong_query_is_wrong_usage(self, desk: CommandDesk) -> None:
        result = await desk.run("inquiry", "list", "queu:first-line")
        assert result.exit_code == 2
        assert "there is no operator queu" in result.stderr

    async def test_one_inquiry(self, desk: CommandDesk) -> None:
        result = await desk.run("inquiry", "show", REF.lower())
        assert result.exit_code == 0
        head, who, *timeline = result.stdout.splitlines()
        assert head == f"{REF}  Drukarka    new · normal · first-line · unassigned"
        assert who == "Jan Kowalski <jan@kunde.example> · pl · support-mail"
        assert any(line.endswith("nie działa") for line in timeline)

    async def test_one_inquiry_for_programs(self, desk: CommandDesk) -> None:
        found = await desk.json("inquiry", "show", REF)
        assert found["reference"] == REF
        assert found["event"] > 0
        assert found["timeline"]

    @pytest.mark.parametrize("command", ["show", "resolve"])
    async def test_no_such_inquiry(self, desk: CommandDesk, command: str) -> None:
        more = ("--as", "ola") if command == "resolve" else ()
        result = await desk.run("inquiry", command, "NL-2026-99999", *more)
        assert result.exit_code == 4
        assert result.stderr.endswith("there is no inquiry NL-2026-99999\n")

    async def test_a_desk_that_has_never_run(self, tmp_path: Path) -> None:
        result = await CommandDesk(tmp_path).run("inquiry", "list")
        assert result.exit_code == 4
        assert f"nothing is in {tmp_path / 'data'} yet: deskbridge run or" in result.stderr

    async def test_a_database_without_tables(self, tmp_path: Path) -> None:
        desk = CommandDesk(tmp_path)
        async with desk.database():
            pass
        result = await desk.run("inquiry", "list")
        assert result.exit_code == 5
        assert result.stderr.endswith("the database is not ready: run deskbridge migrate\n")

    async def test_a_customer_can_not_steer_the_terminal(self, desk: CommandDesk) -> None:
        async with desk.database() as db:
            attack = a_message(
                subject="\x1b[2J\x07gone",
                new_text="one\x1b]0;title\x07\ntwo",
                sender=Party("eve@other.example", "\x1b[31mEve"),
                message_id="",
            )
            await Inquiries(db).opened(attack)
        for words in (("list",), ("show", "NL-2026-00002")):
            result = await desk.run("inquiry", *words)
            assert result.exit_code == 0
            assert "\x1b" not in result.stdout
            assert "\x07" not in result.stdout


class TestActing:
    """Acts go to the service if it runs; without one the command takes its place."""

    @pytest.fixture(params=["the service runs", "no service runs"])
    async def acting(
        self, request: pytest.FixtureRequest, desk: CommandDesk
    ) -> AsyncIterator[CommandDesk]:
        if request.param == "no service runs":
            yield desk
        else:
            async with desk.service():
                yield desk

    async def test_a_whole_case(self, acting: CommandDesk) -> None:
        for words, said in (
            (("assign", REF, "me", "--as", "kasia"), "assigned to kasia"),
            (("note", REF, "--as", "ola", "--text", "Same printer"), "noted"),
            (("priority", REF, "high", "--as", "ola"), "priority is high"),
            (("answer", REF, "--as", "kasia", "--text", "Hei", "--at-once"), "answered"),
            (("resolve", REF, "--as", "kasia"), f"{REF} is resolved"),
            (("reopen", REF, "--as", "kasia"), f"{REF} is open"),
            (("close", REF, "--as", "kasia"), f"{REF} is closed"),
        ):
            result = await acting.run("inquiry", *words)
            assert (result.exit_code, result.stdout) == (0, f"{said}\n"), result.stderr
        assert await kinds(acting) == [
            *("opened", "assigned", "state", "noted", "priority", "answered"),
            *("resolved", "reopened", "closed"),
        ]

    async def test_the_text_may_come_from_elsewhere(self, acting: CommandDesk) -> None:
        result = await acting.run("inquiry", "answer", REF, "--as", "kasia", stdin="Hei\n\nKasia\n")
        assert (result.exit_code, result.stdout) == (
            0,
            "answered; it leaves when the undo time has passed\n",
        )
        async with acting.database() as db:
            assert await compose_step(db, DESK, now=NOW)
        (dispatch,) = await acting.json("outbox", "list")
        assert dispatch["text"] == "Hei\n\nKasia"

    async def test_a_channel_that_reaches_nobody_is_refused(self, desk: CommandDesk) -> None:
        desk.file.write_text(
            desk.file.read_text().replace(
                "specialists:", "  bot: {kind: telegram, token: '7:abc'}\nspecialists:", 1
            )
        )
        result = await desk.run(
            "inquiry", "answer", REF, "--as", "ola", "--text", "Hei", "--channel", "bot"
        )
        assert result.exit_code == 1
        assert result.stderr.endswith(
            f"bot reaches nobody of {REF}: there is no telegram address\n"
        )
        assert await kinds(desk) == ["opened"]

    async def test_a_channel_of_ones_choice_reaches_who_wrote(self, desk: CommandDesk) -> None:
        result = await desk.run(
            "inquiry", "answer", REF, "--as", "ola", "--text", "Hei", "--channel", "support-mail"
        )
        assert result.exit_code == 0
        it = await desk.json("inquiry", "show", REF)
        assert [one["address"] for one in it["timeline"] if one.get("text") == "Hei"] == [
            it["people"][0]["address"]
        ]

    @pytest.mark.parametrize(
        ("words", "code", "sentence"),
        [
            pytest.param(
                ("assign", REF, "kasja", "--as", "ola"),
                2,
                "no specialist 'kasja'; did you mean 'kasia'?",
                id="a slip",
            ),
            pytest.param(
                ("assign", REF, "x", "--as", "ola"),
                2,
                "no specialist 'x'; there are kasia, ola",
                id="nobody",
            ),
            pytest.param(
                ("resolve", REF, "--as", "eve"),
                2,
                "no specialist 'eve'; there are kasia, ola",
                id="a stranger",
            ),
            pytest.param(
                ("move", REF, "third-line", "--as", "ola"),
                2,
                "no queue 'third-line'; did you mean 'first-line'?",
                id="no such queue",
            ),
            pytest.param(
                ("answer", REF, "--as", "ola", "--text", "Hei", "--then", "resolve"),
                2,
                "no state 'resolve'; did you mean 'resolved'?",
                id="no such state",
            ),
            pytest.param(
                ("answer", REF, "--as", "ola", "--text", "Hei", "--channel", "fax"),
                2,
                "no channel 'fax'; there are support-mail",
                id="no such channel",
            ),
            pytest.param(
                ("answer", REF, "--as", "ola", "--text", "  "),
                2,
                "there are no words: give --text or standard input",
                id="no words",
            ),
            pytest.param(
                ("answer", REF, "--as", "ola", "--text", "Hei", "--seen", "0"),
                1,
                "something newer has happened to this inquiry: read it first",
                id="overtaken",
            ),
            pytest.param(
                ("reopen", REF, "--as", "ola"),
                1,
                f"{REF} is new: there is nothing to reopen",
                id="not resolved",
            ),
            pytest.param(
                ("note", "NL-1", "--as", "ola", "--text", "Hei"),
                4,
                "there is no inquiry NL-1",
                id="no such inquiry",
            ),
        ],
    )
    async def test_what_can_not_be_done_has_a_code_and_a_sentence(
        self, acting: CommandDesk, words: tuple[str, ...], code: int, sentence: str
    ) -> None:
        if "--seen" in words:
            await acting.run("inquiry", "note", REF, "--as", "kasia", "--text", "Wait")
        result = await acting.run("inquiry", *words)
        assert (result.exit_code, result.stdout) == (code, "")
        assert result.stderr.endswith(f"{sentence}\n")

    async def test_the_service_is_woken(self, desk: CommandDesk) -> None:
        async with desk.service() as rung:
            await desk.run("inquiry", "answer", REF, "--as", "kasia", "--text", "Hei")
            assert rung == ["answers"]

    async def test_who_acts_may_stand_in_the_environment(
        self, desk: CommandDesk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DESKBRIDGE_SPECIALIST", "ola")
        assert (await desk.run("inquiry", "resolve", REF)).exit_code == 0

    async def test_somebody_has_to_act(self, desk: CommandDesk) -> None:
        result = await desk.run("inquiry", "resolve", REF)
        assert result.exit_code == 2
        assert "Missing option '--as'" in result.stderr

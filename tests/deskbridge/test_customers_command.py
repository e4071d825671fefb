"""Do ``deskbridge customers`` and ``check`` say what is known, and what is wrong with a file?"""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from inquiry.understood import Party
from storage import records
from tests.deskbridge.command_desk import CommandDesk
from tests.people import SHOP, People
from tests.rows import rows

CUSTOMERS = """\
customers:
  attributes: {vip: boolean, contract: [basic, gold]}
  import: {file: customers.csv, match_on: [email, phone, domain]}
  organizations:
    acme: {domains: [acme.example], contract: gold}
"""
FILE = """\
email;phone;domain;organization;vip
jan@acme.example;+48 22 333 44 55;;;yes
;;fjell.example;Fjell;no
"""


@pytest.fixture
async def desk(tmp_path: Path) -> CommandDesk:
    """A desk with a file of customers that nobody has read yet."""
    made = CommandDesk(tmp_path)
    made.file.write_text(made.file.read_text() + CUSTOMERS)
    (tmp_path / "customers.csv").write_text(FILE)
    await made.migrate()
    return made


async def test_the_configured_file_is_imported_without_a_service(desk: CommandDesk) -> None:
    result = await desk.run("customers", "import")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("imported 2 lines of customers.csv in ")
    shown = await desk.json("customers", "show", "jan@acme.example")
    assert shown == {
        "address": "jan@acme.example",
        "written_before": False,
        "organization": {"name": "acme", "from": "its domain"},
        "attributes": {
            "contract": {"value": "gold", "from": "organization acme"},
            "vip": {"value": "yes", "from": "customers.csv:2"},
        },
        "contact_points": [],
        "joins": [],
        "suggestions": [],
    }


async def test_it_is_imported_by_the_service_that_runs(desk: CommandDesk) -> None:
    async with desk.service():
        result = await desk.run("customers", "import")
        assert result.exit_code == 0, result.stderr
        shown = await desk.json("customers", "show", "0048 22-333-44-55")
        assert shown["attributes"] == {"vip": {"value": "yes", "from": "customers.csv:2"}}


async def test_what_holds_for_a_domain_is_shown_with_its_line(desk: CommandDesk) -> None:
    await desk.run("customers", "import")
    result = await desk.run("customers", "show", "eva@mail.fjell.example")
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["eva@mail.fjell.example", "·", "has", "never", "written"],
        ["WHAT", "IS", "FROM"],
        ["vip", "no", "customers.csv:3", "(domain", "fjell.example)"],
        ["organization", "Fjell", "customers.csv:3", "(domain", "fjell.example)"],
    ]
    shown = await desk.json("customers", "show", "fjell.example")
    assert shown["organization"]["name"] == "Fjell"


async def test_of_nobody_nothing_is_known(desk: CommandDesk) -> None:
    result = await desk.run("customers", "show", "nobody@far.example")
    assert result.exit_code == 4
    assert "nothing is known of nobody@far.example" in result.stderr


@pytest.mark.parametrize("running", [False, True], ids=["directly", "by the service"])
async def test_a_wrong_file_is_refused_by_its_places(desk: CommandDesk, running: bool) -> None:
    wrong = desk.file.parent / "wrong.csv"
    wrong.write_text("email,vip\nSecret Person,perhaps\nola@fjell.example,yes\n")
    if running:
        async with desk.service():
            result = await desk.run("customers", "import", str(wrong))
            allowed = await desk.run("customers", "import", str(wrong), "--allow-errors")
    else:
        result = await desk.run("customers", "import", str(wrong))
        allowed = await desk.run("customers", "import", str(wrong), "--allow-errors")
    assert result.exit_code == 3
    told = [line for line in result.stderr.splitlines() if not line.startswith("configuration")]
    assert told == [
        f"{wrong}:1:1: error[missing]: there is no column 'phone', "
        "by which customers are to be known again",
        f"{wrong}:1:1: error[missing]: there is no column 'domain', "
        "by which customers are to be known again",
        "nothing was imported",
    ]
    assert allowed.exit_code == 3


async def test_wrong_lines_are_told_and_may_be_left_out(desk: CommandDesk) -> None:
    file = desk.file.parent / "customers.csv"
    file.write_text(FILE + "Secret Person;;;;perhaps\n")
    refused = await desk.run("customers", "import")
    assert refused.exit_code == 3
    allowed = await desk.run("customers", "import", "--allow-errors")
    assert allowed.exit_code == 0
    for result in (refused, allowed):
        assert f"{file}:4:1: error[value]: this is no mail address" in result.stderr
        assert "Secret" not in result.output
        assert "perhaps" not in result.output
    assert allowed.stdout.rstrip().endswith("1 of them wrong and left out")


async def test_without_a_configured_file_one_has_to_be_named(tmp_path: Path) -> None:
    desk = CommandDesk(tmp_path)
    await desk.migrate()
    result = await desk.run("customers", "import")
    assert result.exit_code == 2
    assert "name a FILE" in result.stderr
    (tmp_path / "some.csv").write_text("email,organization\nkari@fjell.example,Fjell\n")
    assert (await desk.run("customers", "import", str(tmp_path / "some.csv"))).exit_code == 0
    shown = await desk.json("customers", "show", "kari@fjell.example")
    assert shown["organization"] == {"name": "Fjell", "from": "some.csv:2"}


async def test_check_looks_at_the_first_lines(desk: CommandDesk) -> None:
    file = desk.file.parent / "customers.csv"
    assert "customers.csv" not in (await desk.run("check")).stdout
    file.write_text("email;phone;domain;vpi\n")
    result = await desk.run("check")
    assert result.exit_code == 0
    assert f"{file}:1:20: warning[unknown-key]: unknown column 'vpi'\n" in result.stdout
    assert "did you mean 'vip'?" in result.stdout
    file.write_text("email;phone;domain;vip\nSecret Person;;;yes\n")
    result = await desk.run("check")
    assert f"{file}:2:1: warning[value]: this is no mail address\n" in result.stdout
    assert "Secret" not in result.stdout
    file.unlink()
    result = await desk.run("check")
    assert (
        f"{file}:1:1: warning[file]: cannot read it: No such file or directory\n" in result.stdout
    )
    assert result.exit_code == 0


async def test_an_import_that_is_killed_leaves_what_was_there(desk: CommandDesk) -> None:
    assert (await desk.run("customers", "import")).exit_code == 0
    people = (f"person{number}@acme.example;;;;no\n" for number in range(30_000))
    file = desk.file.parent / "customers.csv"
    file.write_text("email;phone;domain;organization;vip\n" + "".join(people))
    command = [sys.executable, "-m", "deskbridge.cli.main", "customers", "import"]
    environment = {**os.environ, "DESKBRIDGE_CONFIG": str(desk.file)}
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    try:
        async with asyncio.timeout(30):
            while await _stored(desk) < 2_000:
                await asyncio.sleep(0.02)
    finally:
        process.kill()
        await process.wait()
    assert await _stored(desk) < 30_000, "it was over before it was killed"
    assert await _vip(desk, "jan@acme.example") == "yes"
    assert await _vip(desk, "person1@acme.example") == ""
    assert (await desk.run("customers", "import")).exit_code == 0
    assert await _vip(desk, "jan@acme.example") == ""
    assert await _vip(desk, "person29999@acme.example") == "no"
    assert await _stored(desk) == 30_000


async def _stored(desk: CommandDesk) -> int:
    async with desk.database() as db:
        (row,) = await rows(db, "SELECT count(*) AS number FROM customer_records")
        return int(row["number"])


async def _vip(desk: CommandDesk, address: str) -> str:
    async with desk.database() as db:
        return (await db.read(lambda tx: records.of(tx, "mail", address))).get("vip", "")


async def two(desk: CommandDesk) -> None:
    """Jan has written by mail, and a visitor of the chat says that it is his address."""
    async with desk.database() as db:
        people = People(db)
        await people.mails("jan@acme.example", "the printer")
        await people.writes("visitor-1", "hi", channel=SHOP, form={"email": "jan@acme.example"})


async def test_a_chat_is_answered_by_mail_once_it_is_the_same_person(desk: CommandDesk) -> None:
    await two(desk)
    (chat,) = await desk.json("inquiry", "list", "channel:shop-chat")
    words = ("answer", chat["reference"], "--as", "ola", "--text", "Hei", "--channel")
    refused = await desk.run("inquiry", *words, "support-mail")
    assert refused.exit_code == 1
    assert refused.stderr.endswith("there is no mail address\n")
    await desk.run("customers", "join", "web-chat visitor-1", "mail jan@acme.example")
    assert (await desk.run("inquiry", *words, "support-mail")).exit_code == 0
    it = await desk.json("inquiry", "show", chat["reference"])
    (answer,) = (one for one in it["timeline"] if one.get("text") == "Hei")
    assert answer["address"] == "jan@acme.example"


async def test_an_inquiry_is_told_in_the_words_of_the_console(desk: CommandDesk) -> None:
    async with desk.database() as db:
        await People(db).writes("visitor-ibh22p6g", "hi", channel=SHOP)
    listed = await desk.run("inquiry", "list", "channel:shop-chat")
    assert "Visitor ibh2" in listed.stdout
    assert "visitor-ibh22p6g" not in listed.stdout
    (chat,) = await desk.json("inquiry", "list", "channel:shop-chat")
    await desk.run("inquiry", "assign", chat["reference"], "ola", "--as", "ola")
    shown = await desk.run("inquiry", "show", chat["reference"])
    assert "<Visitor ibh2>" in shown.stdout.splitlines()[1]
    assert "  ⚙ Ola took it" in shown.stdout


async def test_who_may_be_one_person_is_listed_joined_and_parted(desk: CommandDesk) -> None:
    await two(desk)
    (found,) = await desk.json("customers", "suggestions")
    assert found == {
        "one": "web-chat visitor-1",
        "other": "mail jan@acme.example",
        "same": "email",
        "value": "jan@acme.example",
        "from": ["chat", "address"],
        "verified": False,
    }
    joined = await desk.run("customers", "join", found["one"], found["other"])
    assert joined.stdout.strip().endswith("are one person now: join 1")
    shown = await desk.json("customers", "show", "jan@acme.example")
    assert shown["written_before"]
    assert shown["contact_points"] == ["mail jan@acme.example", "web-chat visitor-1"]
    (join,) = shown["joins"]
    assert (join["way"], join["by"], join["undone_at"]) == ("specialist", "operator", None)
    assert await desk.json("customers", "suggestions") == []
    parted = await desk.run("customers", "part", "1")
    assert parted.stdout == "join 1 is undone\n"
    told = await desk.run("customers", "show", "jan@acme.example")
    assert re.search(
        r"by operator \d\d \w{3} \d\d:\d\d \S+, undone \d\d \w{3} \d\d:\d\d \S+ by operator$",
        told.stdout,
        re.M,
    )
    assert "may be the same person as web-chat visitor-1" in told.stdout


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (("join", "jan@acme.example", "nobody@acme.example"), 4, "nobody has written from nobody@"),
        (("join", "jan@acme.example", "visitor-1", "--by", "nobody"), 2, "no specialist 'nobody'"),
        (("part", "7"), 4, "there is no join 7"),
    ],
)
async def test_what_makes_no_sense_is_refused_in_a_sentence(
    desk: CommandDesk, command: tuple[str, ...], code: int, words: str
) -> None:
    await two(desk)
    result = await desk.run("customers", *command)
    assert result.exit_code == code, result.stderr
    assert words in result.stderr


GUEST, OTHER = "visitor-ibh22p6g7kq4m2x5ra3tz6wyce", "visitor-ibh2zzzzzzzzzzzzzzzzzzzzzz"


async def guests(desk: CommandDesk, *visitors: str, name: str = "") -> None:
    async with desk.database() as db:
        people = People(db)
        await people.mails("jan@acme.example", "hello")
        for who in visitors:
            sender = Party(who, name)
            form = {"email": "jan@acme.example"}
            await people.writes(who, "hi", channel=SHOP, form=form, sender=sender)


async def test_people_read_names_and_programs_addresses(desk: CommandDesk) -> None:
    await guests(desk, GUEST, name="Ewa")
    listed = await desk.run("customers", "suggestions")
    assert GUEST not in listed.stdout
    assert "Visitor ibh2 (Ewa)" in listed.stdout
    (found,) = await desk.json("customers", "suggestions")
    assert f"web-chat {GUEST}" in (found["one"], found["other"])
    joined = await desk.run("customers", "join", "visitor ibh2", "jan@acme.example")
    assert joined.stdout == "Visitor ibh2 and jan@acme.example are one person now: join 1\n"
    shown = await desk.run("customers", "show", "Visitor ibh2")
    assert "join 1: mail jan@acme.example = Visitor ibh2 (Ewa), specialist" in shown.stdout
    raw = await desk.run("customers", "show", GUEST)
    assert GUEST not in raw.stdout
    assert (await desk.json("customers", "show", GUEST))["contact_points"][1] == f"web-chat {GUEST}"


async def test_a_short_name_that_two_have_means_neither(desk: CommandDesk) -> None:
    await guests(desk, GUEST, OTHER)
    refused = await desk.run("customers", "join", "visitor ibh2", "jan@acme.example")
    assert refused.exit_code == 1
    assert refused.stderr.endswith("several are called visitor ibh2: use the address, see --json\n")
    nobody = await desk.run("customers", "join", "visitor zzzz", "jan@acme.example")
    assert nobody.exit_code == 4
    full = await desk.run("customers", "join", OTHER, "jan@acme.example")
    assert full.exit_code == 0

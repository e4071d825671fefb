"""Do inquiries, people and channels of a desk go on under their new names?"""

import asyncio
from pathlib import Path

import aiosmtplib

from deskbridge import renaming, stages
from deskbridge.in_force import InForce
from storage.database import Database
from tests.config.builders import QUEUES, loaded
from tests.deskbridge.command_desk import CommandDesk
from tests.deskbridge.running_desk import running_desk
from tests.rows import rows
from tests.servers.imap import FakeImap, fake_imap
from tests.servers.ports import free_port
from tests.storage.every_table import script

FOLLOWED = "queue 'help' is called 'first-line' now: 1 inquiries and 0 dispatches followed"
DESK = """\
version: 1
desk: {{name: Nordlys, url: "http://127.0.0.1:{web}", data_dir: data, hold: {{mail: 0s, chat: 0s}}}}
web: {{listen: "127.0.0.1:{web}"}}
channels:
  post:
    kind: smtp
    listen: 127.0.0.1:{smtp}
    addresses: [help@nordlys.example]
    send: {{folder: out, from: help@nordlys.example}}
specialists: {{ola: {{name: Ola Hansen, email: ola@nordlys.example, languages: [en]}}}}
queues: {{help: {{members: [ola]}}}}
rules:
  - {{name: all, when: always, then: {{queue: help}}}}
"""


async def test_the_configuration_says_what_follows(database: Database, tmp_path: Path) -> None:
    await database.script(script(database.dialect))
    configuration = loaded(tmp_path, queues=QUEUES.replace("line: 1,", "was: help, line: 1,"))
    assert await renaming.follow(database, configuration) == (FOLLOWED,)
    assert await renaming.follow(database, configuration) == ()
    assert await rows(database, "SELECT queue FROM inquiries") == [{"queue": "first-line"}]


async def test_a_file_without_former_names_asks_nothing(database: Database, tmp_path: Path) -> None:
    assert await renaming.follow(database, loaded(tmp_path)) == ()


async def test_a_reload_lets_what_is_stored_follow(tmp_path: Path) -> None:
    smtp = free_port()
    text = DESK.format(web=free_port(), smtp=smtp)
    changed = (
        text.replace("  post:\n", "  mail:\n    was: post\n")
        .replace("{help: {members", "{first-line: {was: help, members")
        .replace("queue: help", "queue: first-line")
    )
    async with running_desk(tmp_path / "desk.yaml", text) as desk:
        await aiosmtplib.send(
            b"From: jan@kunde.example\r\nSubject: Help\r\nMessage-ID: <1@kunde.example>\r\n\r\nHi",
            sender="jan@kunde.example",
            recipients=["help@nordlys.example"],
            hostname="127.0.0.1",
            port=smtp,
            start_tls=False,
        )
        sql = "SELECT queue, channel FROM inquiries"
        async with asyncio.timeout(20):
            while not await rows(desk.bridge.db, sql):
                await asyncio.sleep(0.02)
        told = await desk.reload(changed)
        assert told["code"] == 0, told
        assert await rows(desk.bridge.db, sql) == [{"queue": "first-line", "channel": "mail"}]


async def test_a_mail_in_a_renamed_mailbox_comes_in_once(tmp_path: Path) -> None:
    mail = b"From: jan@kunde.example\r\nSubject: Help\r\nMessage-ID: <1@kunde.example>\r\n\r\nHi"
    box = FakeImap(mails={1: mail})
    async with fake_imap(box):
        text = DESK.format(web=free_port(), smtp=free_port()).replace(
            "specialists:",
            f"  box: {{kind: imap, host: 127.0.0.1, port: {box.port}, tls: none, user: help,"
            " password: a secret}\nspecialists:",
            1,
        )
        sql = "SELECT channel FROM inquiries"
        async with running_desk(tmp_path / "desk.yaml", text) as desk:
            async with asyncio.timeout(20):
                while not await rows(desk.bridge.db, sql):
                    await asyncio.sleep(0.02)
            box.mails[2] = mail.replace(b"1@", b"2@")
            renamed = text.replace("  box: {", "  mailbox: {was: box, ")
            assert (await desk.reload(renamed))["code"] == 0
            async with asyncio.timeout(20):
                while len(await rows(desk.bridge.db, sql)) < 2:
                    await asyncio.sleep(0.02)
            found = await rows(
                desk.bridge.db, "SELECT channel, remote_id FROM arrivals ORDER BY id"
            )
    assert [(row["channel"], row["remote_id"]) for row in found] == [
        ("mailbox", "INBOX/7/1"),
        ("mailbox", "INBOX/7/2"),
    ]


async def test_check_looks_into_the_database_if_asked_to(tmp_path: Path) -> None:
    desk = CommandDesk(tmp_path)
    await desk.migrate()
    async with desk.database() as db:
        await db.script(script(db.dialect, inquiries={"channel": "support-mail"}))
        await rows(db, "UPDATE outbox SET state = 'sent'")
    plain, looked = await desk.run("check"), await desk.run("check", "--database")
    assert "orphaned" not in plain.stdout
    assert (looked.exit_code, plain.exit_code) == (0, 0)
    assert (
        "warning[orphaned]: 1 open inquiry is in queue 'help', which the file has no more\n"
        "queues:\n"
        "^ has it another name now? then write there 'was: help'; "
        "else put it back until they are done\n"
    ) in looked.stdout


async def test_check_says_if_there_is_no_database_yet(tmp_path: Path) -> None:
    desk = CommandDesk(tmp_path)
    result = await desk.run("check", "--database")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (
        4,
        f"nothing is in {desk.data_dir} yet:"
        " deskbridge run or deskbridge migrate makes the database",
    )


async def test_what_is_in_hand_while_a_queue_is_renamed_follows(tmp_path: Path) -> None:
    text = DESK.format(web=free_port(), smtp=free_port())
    changed = text.replace("{help: {members", "{first-line: {was: help, members").replace(
        "queue: help", "queue: first-line"
    )
    began, go_on = asyncio.Event(), asyncio.Event()
    async with running_desk(tmp_path / "desk.yaml", text) as desk:
        db = desk.bridge.db

        async def slow(by: InForce) -> bool:
            began.set()
            await go_on.wait()
            assert "help" in by.configuration.queues
            await db.script(script(db.dialect))
            return True

        step = asyncio.ensure_future(stages.by_names_of_now(desk.bridge, slow)())
        await began.wait()
        told = await desk.reload(changed)
        assert told["code"] == 0, told
        go_on.set()
        assert await step
        assert await rows(db, "SELECT queue FROM inquiries") == [{"queue": "first-line"}]

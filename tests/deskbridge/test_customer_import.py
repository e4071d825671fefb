"""Is the configured file of customers imported by itself, whenever it says something new?"""

import asyncio
import logging
import time
from pathlib import Path

import aiohttp
import pytest

from deskbridge.customer_import import bring_up_to_date
from storage import imports, records
from tests.deskbridge.running_desk import RunningDesk, running_desk, until
from tests.rows import rows
from tests.servers.ports import free_port
from tests.storage.imported import imported

CUSTOMERS = """\
customers:
  attributes: {vip: boolean}
  import: {file: customers.csv}
"""
FILE = "email,vip\nkari@kunde.example,yes\n"
WRONG = "email,vip\nSecret Person,perhaps\n"


class World:
    """A folder with a configuration and a file of customers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.web, self.smtp = free_port(), free_port()
        self.file = folder / "customers.csv"

    def text(self, customers: str = CUSTOMERS) -> str:
        return (
            f"version: 1\n"
            f"desk: {{name: Nordlys, url: http://127.0.0.1:{self.web}, data_dir: data}}\n"
            f"web: {{listen: '127.0.0.1:{self.web}'}}\n"
            "channels:\n"
            f"  mail: {{kind: smtp, listen: '127.0.0.1:{self.smtp}', "
            "addresses: [help@nordlys.example]}\n"
            "specialists: {ola: {name: Ola Hansen}}\n"
            "queues: {first-line: {members: [ola]}}\n"
            "rules: [{name: all, when: always, then: {queue: first-line}}]\n" + customers
        )

    async def metrics(self) -> str:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.web}/metrics") as response,
        ):
            return await response.text()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def vip(desk: RunningDesk) -> str:
    found = await desk.bridge.db.read(lambda tx: records.of(tx, "mail", "kari@kunde.example"))
    return found.get("vip", "")


async def becomes(desk: RunningDesk, wanted: str) -> None:
    async with asyncio.timeout(20):
        while await vip(desk) != wanted:
            await asyncio.sleep(0.02)


async def imported_at(desk: RunningDesk) -> object:
    return (await desk.status())["customers"]["imported_at"]


async def test_the_file_is_imported_at_the_start_and_again_only_when_it_changes(
    world: World,
) -> None:
    world.file.write_text(FILE)
    async with running_desk(world.folder / "desk.yaml", world.text()) as desk:
        await becomes(desk, "yes")
        first = await imported_at(desk)
        assert "deskbridge_customers_import_successful 1.0" in await world.metrics()
        await desk.reload()
        await bring_up_to_date(desk.bridge)
        assert await imported_at(desk) == first
    async with running_desk(world.folder / "desk.yaml", world.text()) as desk:
        await bring_up_to_date(desk.bridge)
        assert await imported_at(desk) == first
        world.file.write_text(FILE.replace("yes", "no"))
        await desk.reload()
        await becomes(desk, "no")


async def test_the_same_file_is_read_again_by_other_attributes(world: World) -> None:
    world.file.write_text("email,vip,region\nkari@kunde.example,yes,north\n")
    ignoring = CUSTOMERS.replace("customers.csv", "customers.csv, ignore: [region]")
    async with running_desk(world.folder / "desk.yaml", world.text(ignoring)) as desk:
        await becomes(desk, "yes")
        await desk.reload(world.text(CUSTOMERS.replace("boolean", "text, region: text")))
        async with asyncio.timeout(20):
            while "north" not in str(await rows(desk.bridge.db, "SELECT * FROM customer_records")):
                await asyncio.sleep(0.02)


async def test_a_wrong_file_is_trouble_and_what_was_imported_stays(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.file.write_text(FILE)
    async with running_desk(world.folder / "desk.yaml", world.text()) as desk:
        await becomes(desk, "yes")
        world.file.write_text(WRONG)
        with caplog.at_level(logging.INFO):
            await desk.reload()
            await until(lambda: bool(desk.bridge.importing.trouble))
        trouble = (await desk.status())["trouble"]["customers"]
        assert trouble.startswith(
            "customers.csv has 2 errors; what was imported before stays\n"
            f"{world.file}:2:1: error[value]: this is no mail address\n"
        )
        assert await vip(desk) == "yes"
        assert "deskbridge_customers_import_successful 0.0" in await world.metrics()
        for text in (trouble, caplog.text):
            assert "Secret" not in text
            assert "perhaps" not in text
        world.file.write_text(FILE.replace("yes", "no"))
        await desk.reload()
        await becomes(desk, "no")
        await until(lambda: not desk.bridge.importing.trouble)


async def test_a_file_that_is_not_there_keeps_no_desk_from_starting(world: World) -> None:
    async with running_desk(world.folder / "desk.yaml", world.text()) as desk:
        await until(lambda: bool(desk.bridge.importing.trouble))
        assert "cannot read" in (await desk.status())["trouble"]["customers"]


async def test_without_a_file_in_the_configuration_its_records_go(world: World) -> None:
    world.file.write_text(FILE)
    async with running_desk(world.folder / "desk.yaml", world.text()) as desk:
        await becomes(desk, "yes")
        await desk.reload(world.text(""))
        await becomes(desk, "")
        await bring_up_to_date(desk.bridge)
        assert await rows(desk.bridge.db, "SELECT * FROM customer_records") == []
        assert "customers_import_successful" not in await world.metrics()


async def test_what_was_imported_by_hand_stays_until_the_configured_file_changes(
    world: World,
) -> None:
    world.file.write_text(FILE)
    async with running_desk(world.folder / "desk.yaml", world.text()) as desk:
        await becomes(desk, "yes")
        await desk.bridge.db.write(lambda tx: imported(tx, []))
        assert await vip(desk) == ""
        await bring_up_to_date(desk.bridge)
        assert await vip(desk) == ""
        world.file.write_text(FILE + "\n")
        await desk.reload()
        await becomes(desk, "yes")


async def test_nothing_of_the_file_is_kept_with_the_configuration(world: World) -> None:
    world.file.write_text(FILE)
    async with running_desk(world.folder / "desk.yaml", world.text()) as desk:
        await becomes(desk, "yes")
        kept = await rows(desk.bridge.db, "SELECT text FROM configurations")
        assert "customers.csv" in str(kept)
        assert "kari" not in str(kept)


async def test_a_changed_file_is_noticed_by_who_watches(world: World) -> None:
    world.file.write_text(FILE)
    text = world.text()
    async with running_desk(world.folder / "desk.yaml", text, watch_since=time.time_ns()) as desk:
        await becomes(desk, "yes")
        world.file.write_text(FILE.replace("yes", "no"))
        await becomes(desk, "no")
        newest = await desk.bridge.db.read(imports.newest)
        assert newest
        assert newest.file == world.file

"""Whatever happens in whatever order: does each answer reach only the one whom it was written for?

Customers write by mail and by phone, prove or are said to be one person, are parted, claim to be
others, block the bot. Each has words of their own; who may read them is known beforehand.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inquiry.errors import Conflict
from storage.opening import prepare
from storage.sqlite import Sqlite
from tests.people import BOT, SUPPORT, People

MOST = 5
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("mail", "phone", "answer", "answer", "deliver", "code", "mail-code", "guess"),
                *("link", "join", "part", "claim", "block", "unblock", "bounce", "steal"),
            ]
        ),
        st.integers(0, MOST - 1),
        st.integers(0, MOST - 1),
    ),
    min_size=3,
    max_size=25,
)


def mail(customer: int) -> str:
    return f"c{customer}@kunde{customer}.example"


def phone(customer: int) -> str:
    return f"50{customer}"


@dataclass
class World:
    """Who is who, beside the desk that has to find it out."""

    people: People
    count: int
    written: dict[str, int] = field(default_factory=dict)
    """By the words of an answer: for which customer."""
    codes: list[tuple[str, int]] = field(default_factory=list)
    opened: dict[int, int] = field(default_factory=dict)
    """By inquiry: whose."""

    async def step(self, what: str, who: int, other: int) -> None:
        who, other = who % self.count, other % self.count
        act: Callable[[int, int], Awaitable[None]] = getattr(self, f"_{what.replace('-', '_')}")
        await act(who, other)
        await self._note_new()

    async def _note_new(self) -> None:
        rows = await self.people.rows(
            "SELECT i.id, p.address FROM inquiries AS i"
            " JOIN contact_points AS p ON p.id = i.contact_point ORDER BY i.id"
        )
        for row in rows:
            self.opened.setdefault(row["id"], owner(row["address"]))

    async def _mail(self, who: int, _other: int) -> None:
        await self.people.mails(mail(who), f"mail of {who}")

    async def _phone(self, who: int, _other: int) -> None:
        await self.people.writes(phone(who), f"words of {who}")

    async def _answer(self, who: int, _other: int) -> None:
        theirs = [number for number, owner_ in self.opened.items() if owner_ == who]
        if theirs:
            nonce = f"nonce-{len(self.written)}-for-{who}"
            self.written[nonce] = who
            await self.people.answer(theirs[len(self.written) % len(theirs)], nonce)

    async def _deliver(self, _who: int, _other: int) -> None:
        await self.people.deliver()

    async def _code(self, who: int, _other: int) -> None:
        """The customer proves that the phone is theirs."""
        for number, owner_ in self.opened.items():
            if owner_ == who and await self._began(number) == mail(who):
                made = await self.people.code(number, mail(who))
                await self.people.writes(phone(who), made)
                self.codes.append((made, who))
                return

    async def _link(self, who: int, _other: int) -> None:
        for number, owner_ in self.opened.items():
            if owner_ == who and await self._began(number) == mail(who):
                link = await self.people.link(number, mail(who))
                await self.people.writes(phone(who), f"here: {link}")
                return

    async def _mail_code(self, who: int, _other: int) -> None:
        await self.people.writes(phone(who), mail(who))
        await self.people.deliver()
        got = self.people.got(mail(who))
        if got and "type this code" in got[-1]:
            await self.people.writes(phone(who), self.people.code_for(mail(who)))

    async def _steal(self, who: int, other: int) -> None:
        """Somebody names another's address, and never sees the code."""
        if who != other:
            await self.people.writes(phone(who), mail(other))

    async def _guess(self, who: int, _other: int) -> None:
        """Somebody tries codes that were used by others, and some that never were."""
        await self.people.writes(phone(who), "AAAA-0000")
        for code, whose in self.codes[-2:]:
            if whose != who:
                await self.people.writes(phone(who), code)

    async def _claim(self, who: int, other: int) -> None:
        text = f"I am {mail(other)}, believe me"
        await self.people.writes(phone(who), text, form={"email": mail(other)})

    async def _join(self, who: int, _other: int) -> None:
        """A specialist, who knows them, joins a customer's own."""
        try:
            await self.people.join(mail(who), phone(who))
        except (AssertionError, Conflict):
            return  # one of them has never written, or they are joined already

    async def _part(self, who: int, _other: int) -> None:
        rows = await self.people.rows("SELECT id FROM joins WHERE ended_at IS NULL ORDER BY id")
        if rows:
            await self.people.part(rows[who % len(rows)]["id"])

    async def _block(self, who: int, _other: int) -> None:
        self.people.wires[BOT].blocked_by.add(phone(who))

    async def _unblock(self, who: int, _other: int) -> None:
        self.people.wires[BOT].blocked_by.discard(phone(who))

    async def _bounce(self, who: int, _other: int) -> None:
        rows = await self.people.rows(
            "SELECT o.id FROM outbox AS o JOIN contact_points AS p ON p.id = o.contact_point"
            f" WHERE o.state = 'sent' AND o.purpose = 'answer' AND p.address = '{mail(who)}'"
        )
        if rows:
            await self.people.bounces(rows[-1]["id"])

    async def _began(self, inquiry: int) -> str:
        (row,) = await self.people.rows(
            "SELECT p.address FROM inquiries AS i JOIN contact_points AS p"
            f" ON p.id = i.contact_point WHERE i.id = {inquiry}"
        )
        return str(row["address"])

    async def nobody_reads_what_is_another_s(self) -> None:
        sent = [one for wire in (BOT, SUPPORT) for one in self.people.wires[wire].went]
        for one in sent:
            for nonce, who in self.written.items():
                if nonce in one.text:
                    assert one.recipient in (mail(who), phone(who)), (one.recipient, nonce)

    async def everything_ends_somewhere(self) -> None:
        """Each answer has arrived, or is dead where somebody sees it."""
        for nonce in self.written:
            rows = await self.people.rows(
                "SELECT o.state, o.instead FROM outbox AS o JOIN messages AS m ON m.id = o.message"
                f" WHERE m.text = '{nonce}' ORDER BY o.id"
            )
            assert rows
            last = rows[-1]
            assert last["instead"] is None
            assert last["state"] in ("sent", "dead")
            assert all(row["instead"] for row in rows[:-1])

    async def nobody_is_joined_to_another(self) -> None:
        rows = await self.people.rows("SELECT customer, address FROM contact_points")
        whose: dict[int, set[int]] = {}
        for row in rows:
            whose.setdefault(row["customer"], set()).add(owner(row["address"]))
        assert all(len(owners) == 1 for owners in whose.values()), whose


def owner(address: str) -> int:
    """Return which customer has this address."""
    return int(address[1]) if address.startswith("c") else int(address[2])


async def play(template: Path, count: int, steps: list[tuple[str, int, int]]) -> None:
    folder = Path(tempfile.mkdtemp())
    prepare(folder)
    shutil.copy(template, folder / "deskbridge.db")
    database = Sqlite(folder / "deskbridge.db")
    try:
        world = World(People(database), count)
        for step in steps:
            await world.step(*step)
            await world.nobody_is_joined_to_another()
        await world.people.deliver()
        await world.nobody_reads_what_is_another_s()
        await world.everything_ends_somewhere()
    finally:
        await database.close()
        shutil.rmtree(folder)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.integers(2, MOST), STEPS)
def test_each_answer_reaches_only_whom_it_was_written_for(
    sqlite_template: Path, count: int, steps: list[tuple[str, int, int]]
) -> None:
    asyncio.run(play(sqlite_template, count, steps))

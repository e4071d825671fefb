"""Whatever channels and workers do: is every answer said, in order, to the right person?"""

import asyncio
import shutil
from collections import defaultdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.retry import RetryPolicy
from inquiry.understood import Party
from outbox.stage import compose_step
from specialists.acts import answering
from storage import outbox
from storage.opening import prepare
from storage.sqlite import Sqlite
from tests.inquiries import KASIA, NOW, SUPPORT, Inquiries, Opened, a_message
from tests.outbox.senders import DESK, Says
from tests.outbox.steps import send_step

CUSTOMERS = 3
OUTCOMES = {
    "taken": None,
    "busy": TemporaryFailure("busy"),
    "refused": PermanentFailure("no such user"),
    "who knows": OutcomeUnknown("reset"),
    "a bug": ZeroDivisionError(),
}
DIES = "dies"
AT_REST = {"sent", "dead", "doubtful"}
steps = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.integers(0, CUSTOMERS - 1)),
        st.tuples(st.just("send"), st.sampled_from([*OUTCOMES, DIES])),
        st.tuples(st.just("wait"), st.sampled_from([1, 15, 600, 4000])),
    ),
    max_size=25,
)


class Desk:
    """Three customers, one channel that does what it is told, and time that passes."""

    def __init__(self, db: Sqlite, *, repeatable: bool) -> None:
        self.inquiries = Inquiries(db)
        self.db = db
        self.now = NOW
        self.channel = Says(repeatable=repeatable)
        self.opened: list[Opened] = []
        self.written: dict[str, str] = {}
        """The address that each text is meant for."""

    async def open(self) -> None:
        for number in range(CUSTOMERS):
            customer = Party(f"customer{number}@kunde.example")
            self.opened.append(
                await self.inquiries.opened(a_message(sender=customer, message_id=""))
            )

    async def answer(self, customer: int) -> None:
        text = f"answer {len(self.written)}"
        self.written[text] = f"customer{customer}@kunde.example"
        about = self.opened[customer].id
        await answering.answer(self.db, inquiry=about, specialist=KASIA, text=text, now=self.now)
        await compose_step(self.db, DESK, now=self.now)

    async def send(self, outcome: str) -> bool:
        if outcome == DIES:
            repeatable = self.channel.repeatable
            claim = partial(
                outbox.claim,
                channel=SUPPORT,
                repeatable=repeatable,
                now=self.now,
                lease=timedelta(),
            )
            claimed = await self.db.write(claim)
            self.channel.tried += [claim.dispatch for claim in claimed]
            return bool(claimed)
        self.channel.failure = OUTCOMES[outcome]
        return await send_step(self.db, self.channel, RetryPolicy(), now=self.now)

    async def come_to_rest(self) -> None:
        for _ in range(4):
            self.now += timedelta(hours=2)
            while await self.send("taken"):
                pass


async def play(template: Path, plan: list[tuple[str, object]], *, repeatable: bool) -> Desk:
    with TemporaryDirectory() as folder:
        prepare(Path(folder))
        shutil.copy(template, Path(folder) / "deskbridge.db")
        db = Sqlite(Path(folder) / "deskbridge.db")
        try:
            desk = Desk(db, repeatable=repeatable)
            await desk.open()
            for act, what in plan:
                if act == "answer":
                    await desk.answer(int(str(what)))
                elif act == "send":
                    await desk.send(str(what))
                else:
                    desk.now += timedelta(seconds=int(str(what)))
            await desk.come_to_rest()
            await check(desk)
            return desk
        finally:
            await db.close()


async def check(desk: Desk) -> None:
    """Ask what must be true of every course of things."""
    rows = await desk.inquiries.rows("outbox")
    assert len(rows) == len(desk.written)
    assert {row["state"] for row in rows} <= AT_REST
    tries: dict[str, int] = defaultdict(int)
    for dispatch in desk.channel.tried:
        assert dispatch.recipient == desk.written[dispatch.text]
        assert dispatch.possible_repeat is False or tries[dispatch.text] > 0
        tries[dispatch.text] += 1
    assert set(tries) == set(desk.written), "every answer was tried"
    for address in set(desk.written.values()):
        said = list(dict.fromkeys(d.text for d in desk.channel.tried if d.recipient == address))
        assert said == [text for text, whom in desk.written.items() if whom == address]


@given(plan=steps, repeatable=st.booleans())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_answer_is_said_in_order_to_the_right_person(
    sqlite_template: Path, plan: list[tuple[str, object]], repeatable: bool
) -> None:
    with asyncio.Runner() as runner:
        runner.run(play(sqlite_template, plan, repeatable=repeatable))

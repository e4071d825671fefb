"""Would the checker notice? Each kind of trouble is planted, and has to be found."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inquiry.journey import MAIL, Arrival, ChannelName
from storage.database import Database
from storage.intake import Intake
from storage.migrate import migrate
from storage.opening import open_database
from tests.harness.check import Delivery, Violation, violations
from tests.harness.ledger import Ledger, Offer, Story, digest, new_nonce
from tests.harness.snapshot import KeptArrival, KeptDispatch, KeptFetch, Snapshot, look
from tests.servers.postgres import Postgres

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
NONCE = "nonce0123456789abcdef01234567"
RAW = f"Subject: {NONCE}\r\n\r\nhello\r\n".encode()
FILE = "cafe"
OFFER = Offer(
    nonce=NONCE,
    channel="smtp-in",
    sender="jan@kunde.example",
    sha256=digest(RAW),
    file=FILE,
    sequence=7,
)
TOLD = f"{NONCE} from jan@kunde.example by smtp-in"
KEPT = KeptArrival(
    id=1,
    channel="smtp-in",
    state="done",
    raw=RAW,
    messages=1,
    files=(FILE,),
    reference="NL-2026-00001",
)
SENT = KeptDispatch(
    id=5,
    channel="smtp-in",
    state="sent",
    recipient="jan@kunde.example",
    reference="NL-2026-00001",
)
REACHED = Delivery("jan@kunde.example", "your request [NL-2026-00001]")
CURSORS = {("smtp-in", ""): "8"}
GOOD = Snapshot(arrivals=(KEPT,), outbox=(SENT,), cursors=CURSORS)
ACCEPTED = Story((OFFER,), frozenset({NONCE}), frozenset())


def test_a_good_end_has_no_violations() -> None:
    assert violations(ACCEPTED, GOOD, [REACHED]) == []
    assert GOOD.idle(leases=True)


@pytest.mark.parametrize(
    ("snapshot", "found"),
    [
        pytest.param(
            Snapshot(cursors={}), [Violation("I1", f"accepted and lost: {TOLD}")], id="lost"
        ),
        pytest.param(
            Snapshot(cursors=CURSORS),
            [
                Violation("I1", f"accepted and lost: {TOLD}"),
                Violation("I12", f"smtp-in has passed {TOLD}"),
            ],
            id="passed by a cursor",
        ),
        pytest.param(
            Snapshot(arrivals=(replace(KEPT, raw=RAW + b"."),), cursors={}),
            [Violation("I1", f"not the bytes that came: {TOLD}")],
            id="one byte more",
        ),
        pytest.param(
            Snapshot(arrivals=(replace(KEPT, messages=0),), cursors={}),
            [Violation("I1", f"in no inquiry and no quarantine: {TOLD}")],
            id="stranded",
        ),
        pytest.param(
            Snapshot(arrivals=(KEPT, replace(KEPT, id=2)), cursors={}),
            [Violation("I4", f"here 2 times: {TOLD}")],
            id="doubled",
        ),
        pytest.param(
            Snapshot(arrivals=(replace(KEPT, files=("beef",)),), cursors={}),
            [Violation("I4", f"not the file that was named: {TOLD}")],
            id="another file",
        ),
        pytest.param(
            Snapshot(arrivals=(replace(KEPT, files=(FILE, FILE)),), cursors={}),
            [Violation("I4", f"not the file that was named: {TOLD}")],
            id="its file twice",
        ),
        pytest.param(
            Snapshot(arrivals=(replace(KEPT, files=()),), cursors={}),
            [Violation("I1", f"its file has not followed: {TOLD}")],
            id="no file",
        ),
        pytest.param(
            Snapshot(arrivals=(KEPT,), fetches=(KeptFetch(state="waiting"),), cursors={}),
            [Violation("I5", "a file is still on its way")],
            id="a file that nobody fetches",
        ),
        pytest.param(
            Snapshot(arrivals=(replace(KEPT, state="quarantined"),), cursors={}),
            [Violation("I4", f"here 1 times: {TOLD}")],
            id="in an inquiry and in quarantine",
        ),
        pytest.param(
            Snapshot(
                arrivals=(KEPT, replace(KEPT, id=2, raw=NONCE[:-1].encode() + b"8")), cursors={}
            ),
            [Violation("I4", f"nobody has sent {NONCE[:-1]}8")],
            id="out of the blue",
        ),
    ],
)
def test_what_became_of_a_message(snapshot: Snapshot, found: list[Violation]) -> None:
    assert violations(ACCEPTED, snapshot) == found


def test_a_refused_message_that_is_here_is_found() -> None:
    refused = Story((OFFER,), frozenset(), frozenset({NONCE}))
    found = violations(refused, Snapshot(arrivals=(KEPT,), cursors={}))
    assert found == [Violation("I3", f"refused and yet here: {TOLD}")]


def test_a_message_whose_answer_got_lost_may_be_here_or_not() -> None:
    offered = Story((OFFER,), frozenset(), frozenset())
    assert violations(offered, Snapshot(arrivals=(KEPT,), cursors={})) == []
    assert violations(offered, Snapshot(cursors={})) == []


@pytest.mark.parametrize(
    ("dispatch", "deliveries", "what"),
    [
        pytest.param(SENT, [], "dispatch 5 is sent and reached nobody", id="never sent"),
        pytest.param(
            replace(SENT, state="sending"), [REACHED], "dispatch 5 is still sending", id="stuck"
        ),
        pytest.param(
            replace(SENT, recipient="eve@other.example", state="dead"),
            [],
            "dispatch 5 is for eve@other.example",
            id="addressed to a stranger",
        ),
        pytest.param(
            SENT,
            [REACHED, replace(REACHED, recipient="eve@other.example")],
            "NL-2026-00001 was sent to eve@other.example",
            id="delivered to a stranger",
        ),
    ],
)
def test_what_became_of_an_answer(
    dispatch: KeptDispatch, deliveries: list[Delivery], what: str
) -> None:
    found = violations(ACCEPTED, replace(GOOD, outbox=(dispatch,)), deliveries)
    assert found == [Violation("I6", what)]


def test_a_doubtful_dispatch_may_have_reached_somebody_or_not() -> None:
    doubtful = replace(GOOD, outbox=(replace(SENT, state="doubtful"),))
    assert violations(ACCEPTED, doubtful) == []
    assert violations(ACCEPTED, doubtful, [REACHED]) == []


@pytest.mark.parametrize(
    "busy",
    [
        pytest.param(replace(GOOD, arrivals=(replace(KEPT, state="understood"),)), id="arrival"),
        pytest.param(replace(GOOD, outbox=(replace(SENT, state="sending"),)), id="dispatch"),
        pytest.param(replace(GOOD, uncomposed=1), id="answer"),
    ],
)
def test_what_is_under_way_is_not_idle(busy: Snapshot) -> None:
    assert not busy.idle()


def test_a_lease_of_the_dead_is_waited_for_only_at_the_end() -> None:
    leased = replace(GOOD, outbox=(replace(SENT, state="sending", leased=True),))
    assert leased.idle()
    assert not leased.idle(leases=True)
    assert violations(ACCEPTED, leased) == []


def test_a_ledger_outlives_its_writer(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    other = replace(OFFER, nonce=new_nonce())
    ledger.offers(OFFER)
    ledger.offers(other)
    ledger.accepts(NONCE)
    ledger.accepts(NONCE)
    ledger.close()
    with ledger.path.open("a") as file:
        file.write('{"accepts": "torn')
    again = Ledger(ledger.path)
    assert again.story() == Story((OFFER, other), frozenset({NONCE}), frozenset())
    assert again.story().open == [other]
    again.refuses(other.nonce, "no")
    assert again.story().open == []
    again.close()


@pytest.mark.server
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_loss_and_a_double_planted_in_the_tables_are_found(
    kind: str, tmp_path: Path, postgres_server: Postgres
) -> None:
    url = "sqlite" if kind == "sqlite" else postgres_server.create()
    other = f"{NONCE[:-1]}8"
    large = RAW.replace(NONCE.encode(), other.encode()) + b"x" * 100_000
    offers = [OFFER, replace(OFFER, nonce=other, sha256=digest(large))]
    story = Story(tuple(offers), frozenset(offer.nonce for offer in offers), frozenset())
    async with open_database(url, tmp_path) as db:
        await migrate(db, MONDAY)
        await _keep(db, "1", RAW)
        await _keep(db, "2", large)
    with _tables(url, tmp_path, postgres_server) as run:
        run("UPDATE arrivals SET state = 'quarantined', reason = 'a test'")
    assert violations(story, await look(url, tmp_path)) == []

    async with open_database(url, tmp_path) as db:
        await _keep(db, "3", RAW)
    with _tables(url, tmp_path, postgres_server) as run:
        run("UPDATE arrivals SET state = 'quarantined', reason = 'a test'")
        run("DELETE FROM arrivals WHERE remote_id = '2'")
    assert violations(story, await look(url, tmp_path)) == [
        Violation("I1", f"accepted and lost: {TOLD}".replace("7 from", "8 from")),
        Violation("I4", f"here 2 times: {TOLD}"),
    ]


async def _keep(db: Database, remote_id: str, raw: bytes) -> None:
    channel = ChannelName("smtp-in")
    await (
        Intake(db)
        .inlet(channel)
        .accept(
            Arrival(
                channel=channel, remote_id=remote_id, media_type=MAIL, raw=raw, received_at=MONDAY
            )
        )
    )


@contextmanager
def _tables(url: str, folder: Path, server: Postgres) -> Iterator[Callable[[str], object]]:
    if url != "sqlite":
        yield lambda statement: server.sql(statement, database=url.rpartition("/")[2])
        return
    with closing(sqlite3.connect(folder / "deskbridge.db", isolation_level=None)) as connection:
        yield connection.execute

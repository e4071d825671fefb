"""Does news that comes later find its dispatch, and only news of those who know it?"""

import pytest

from inquiry.journey import DispatchId, Receipt
from inquiry.understood import Report, ReportedRecipient
from inquiry.words import Automated, Delivery
from storage import outbox, receipts
from storage.database import Database
from storage.outbox import Claim
from tests.inquiries import NOW, Inquiries, Opened, a_message
from tests.storage.box import RECEIPT, Outbox


@pytest.fixture
def inquiries(database: Database) -> Inquiries:
    return Inquiries(database)


@pytest.fixture
async def opened(inquiries: Inquiries) -> Opened:
    return await inquiries.opened()


@pytest.fixture
def box(inquiries: Inquiries) -> Outbox:
    return Outbox(inquiries)


@pytest.fixture
async def sent(box: Outbox, opened: Opened) -> Claim:
    await box.add(opened)
    claim = await box.claim()
    assert claim
    await box.write(outbox.settle_sent, claim, RECEIPT, now=NOW)
    return claim


async def report(box: Outbox, **changes: object) -> bool:
    values = {"kind": Automated.BOUNCE, "message": a_message(), **changes}
    return await box.write(receipts.reported, Report(**values), now=NOW)  # type: ignore[arg-type]


async def test_a_bounce_is_attached_to_what_bounced(
    box: Outbox, inquiries: Inquiries, opened: Opened, sent: Claim
) -> None:
    gone = ReportedRecipient(
        address="jan@kunde.example",
        status="5.1.1",
        permanent=True,
        action="failed",
        diagnostic="550 no such user",
    )
    assert await report(box, recipients=(gone,), envelope_id=sent.dispatch.envelope_id.upper())
    row = await box.row(sent.dispatch.id)
    assert (row["state"], row["last_error"]) == ("dead", "5.1.1 550 no such user")
    told = (await inquiries.events(opened))[-1]
    assert (told.kind, told.message, told.data["detail"]) == (
        "bounced",
        sent.message,
        "5.1.1 550 no such user",
    )


@pytest.mark.parametrize(
    ("changes", "state", "kind"),
    [
        pytest.param({}, "dead", "bounced", id="a bounce that names nobody"),
        pytest.param(
            {"recipients": (ReportedRecipient(address="", action="delayed"),)},
            "sent",
            "delayed",
            id="a delay",
        ),
        pytest.param(
            {"recipients": (ReportedRecipient(address="", action="delivered"),)},
            "delivered",
            "delivered",
            id="a delivery",
        ),
        pytest.param(
            {"kind": Automated.DSN_DELIVERED}, "delivered", "delivered", id="without details"
        ),
        pytest.param({"kind": Automated.DSN_DELAYED}, "sent", "delayed", id="a bare delay"),
    ],
)
async def test_each_sort_of_news(
    box: Outbox,
    inquiries: Inquiries,
    opened: Opened,
    sent: Claim,
    changes: dict[str, object],
    state: str,
    kind: str,
) -> None:
    assert await report(box, original_message_id=sent.dispatch.message_id, **changes)
    assert await box.state(sent.dispatch.id) == state
    assert (await inquiries.kinds(opened))[-1] == kind


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="nothing named"),
        pytest.param({"envelope_id": "deskbridge-1"}, id="a number is easily guessed"),
        pytest.param(
            {"envelope_id": "deskbridge-1-aaaaaaaaaaaaaaaaaaaaaaaaaa"}, id="a wrong secret"
        ),
        pytest.param(
            {"envelope_id": "deskbridge-999999-aaaaaaaaaaaaaaaaaaaaaaaaaa"}, id="no dispatch"
        ),
        pytest.param({"original_message_id": "<1@kunde.example>"}, id="the customer's own"),
    ],
)
async def test_a_forged_report_changes_nothing(
    box: Outbox, sent: Claim, changes: dict[str, object]
) -> None:
    assert not await report(box, **changes)
    assert await box.state(sent.dispatch.id) == "sent"


@pytest.mark.parametrize(
    ("delivery", "state"),
    [
        (Delivery.READ, "read"),
        (Delivery.DELIVERED, "delivered"),
        (Delivery.BOUNCED, "dead"),
        (Delivery.ACCEPTED, "sent"),
    ],
)
async def test_a_channel_may_bring_news(
    box: Outbox, sent: Claim, delivery: Delivery, state: str
) -> None:
    receipt = Receipt(delivery=delivery, at=NOW)
    assert await box.write(receipts.record, sent.dispatch.id, receipt, now=NOW)
    assert await box.state(sent.dispatch.id) == state


async def test_what_was_read_is_not_merely_delivered_again(box: Outbox, sent: Claim) -> None:
    for delivery in (Delivery.READ, Delivery.DELIVERED):
        receipt = Receipt(delivery=delivery, at=NOW)
        await box.write(receipts.record, sent.dispatch.id, receipt, now=NOW)
    assert await box.state(sent.dispatch.id) == "read"


async def test_news_of_nothing(box: Outbox) -> None:
    assert not await box.write(receipts.record, DispatchId(9), RECEIPT, now=NOW)

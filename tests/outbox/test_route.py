"""Which channel does an answer go out by?"""

import pytest

from inquiry.journey import ChannelName
from outbox.route import Outlet, outlet

SUPPORT = Outlet(name=ChannelName("support-mail"), contact="mail", address="help@desk.example")
INVOICES = Outlet(name=ChannelName("faktura-mail"), contact="mail", address="pay@desk.example")
TELEGRAM = Outlet(name=ChannelName("telegram"), contact="telegram", subject=False)
ALL = (SUPPORT, INVOICES, TELEGRAM)


@pytest.mark.parametrize(
    ("contact", "send_from", "came_in_by", "expected"),
    [
        pytest.param("mail", None, "support-mail", "support-mail", id="the way it came in"),
        pytest.param("mail", None, "faktura-mail", "faktura-mail", id="whichever way that was"),
        pytest.param(
            "mail", "faktura-mail", "support-mail", "faktura-mail", id="the queue has its own"
        ),
        pytest.param("mail", None, "form", "support-mail", id="a form can't send"),
        pytest.param("mail", "faktura-mail", "form", "faktura-mail", id="a form in that queue"),
        pytest.param("mail", "gone", "support-mail", "support-mail", id="the queue's is gone"),
        pytest.param(
            "telegram", "faktura-mail", "telegram", "telegram", id="mail reaches no messenger"
        ),
        pytest.param("mail", None, "telegram", "support-mail", id="a messenger reaches no mailbox"),
        pytest.param("fax", None, "support-mail", None, id="nothing reaches a fax"),
    ],
)
def test_the_way_out(
    contact: str, send_from: str | None, came_in_by: str, expected: str | None
) -> None:
    found = outlet(
        ALL,
        contact,
        queue_sends_from=ChannelName(send_from) if send_from else None,
        came_in_by=ChannelName(came_in_by),
    )
    assert (found.name if found else None) == expected


def test_message_ids_are_of_the_address_they_leave_from() -> None:
    assert SUPPORT.host == "desk.example"
    assert TELEGRAM.host == "deskbridge.invalid"

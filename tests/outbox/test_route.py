"""Which channel does an answer go out by?"""

import pytest

from inquiry.journey import ChannelName
from outbox.route import Outlet, outlet

SUPPORT = Outlet(name=ChannelName("support-mail"), contact="mail", address="help@desk.example")
INVOICES = Outlet(name=ChannelName("faktura-mail"), contact="mail", address="pay@desk.example")
TELEGRAM = Outlet(name=ChannelName("telegram"), contact="telegram", subject=False)
ALL = (SUPPORT, INVOICES, TELEGRAM)


@pytest.mark.parametrize(
    ("contact", "wanted", "expected"),
    [
        pytest.param("mail", ["support-mail"], "support-mail", id="the way it came in"),
        pytest.param("mail", ["faktura-mail"], "faktura-mail", id="whichever way that was"),
        pytest.param("mail", ["faktura-mail", "support-mail"], "faktura-mail", id="the queue's"),
        pytest.param("mail", ["gone", "faktura-mail"], "faktura-mail", id="the queue's is gone"),
        pytest.param("mail", [None, "web", "faktura-mail"], "faktura-mail", id="a status page"),
        pytest.param("mail", [None, "web", "web"], "support-mail", id="a form can't send"),
        pytest.param("mail", [None, "telegram"], "support-mail", id="no messenger reaches mail"),
        pytest.param("telegram", ["faktura-mail", "telegram"], "telegram", id="nor the reverse"),
        pytest.param("fax", ["support-mail"], None, id="nothing reaches a fax"),
    ],
)
def test_the_way_out(contact: str, wanted: list[str | None], expected: str | None) -> None:
    names = [ChannelName(name) if name else None for name in wanted]
    found = outlet(ALL, contact, names)
    assert (found.name if found else None) == expected


def test_message_ids_are_of_the_address_they_leave_from() -> None:
    assert SUPPORT.host == "desk.example"
    assert TELEGRAM.host == "deskbridge.invalid"

"""Channels that always say the same, and the desk whose answers they carry."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from inquiry.journey import ChannelName, Dispatch, Receipt
from inquiry.tokens import KeyRing
from inquiry.words import Delivery
from outbox.desk import Desk
from outbox.route import Outlet
from outbox.wording import load
from tests.inquiries import KASIA, SUPPORT, TELEGRAM

RING = KeyRing((b"test key",))
MAIL_OUT = Outlet(name=SUPPORT, contact="mail", address="support@nordlys.example")
TELEGRAM_OUT = Outlet(name=TELEGRAM, contact="telegram", subject=False)
DESK = Desk(
    name="Nordlys Support",
    url="https://help.nordlys.example",
    key_ring=RING,
    outlets=(MAIL_OUT, TELEGRAM_OUT),
    templates=load(languages=("nb", "en", "pl", "et", "ru")),
    specialists={KASIA: "Kasia Nowak"},
    own_addresses=frozenset({"support@nordlys.example"}),
)


def a_desk(**changes: Any) -> Desk:
    """The desk, with what the test is about."""
    return replace(DESK, **changes)


class Says:
    """Takes every dispatch, or fails in the same way every time."""

    def __init__(
        self,
        failure: Exception | None = None,
        *,
        repeatable: bool = False,
        name: ChannelName = SUPPORT,
        conversation: str = "",
    ) -> None:
        self.name = name
        self.conversation = conversation
        self.repeatable = repeatable
        self.failure = failure
        self.tried: list[Dispatch] = []

    async def send(self, dispatch: Dispatch) -> Receipt:
        self.tried.append(dispatch)
        if self.failure is not None:
            raise self.failure
        return Receipt(
            delivery=Delivery.ACCEPTED,
            remote_id=f"remote-{len(self.tried)}",
            at=datetime(2026, 11, 21, 9, tzinfo=UTC),
            conversation=self.conversation,
        )

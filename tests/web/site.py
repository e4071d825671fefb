"""A desk as its pages see it, and a browser's half of the conversation."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import ClientResponse, FormData, web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry

from channels.contract import Inlet
from channels.form import Field, FormChannel, Settings
from inquiry.data import understood_from_text
from inquiry.decision import Facts
from inquiry.journey import ChannelName, InquiryId, QueueName, SpecialistName
from inquiry.tokens import KeyRing, new_nonce
from inquiry.understood import Party
from inquiry.words import Role
from router.compare import Change
from router.conditions.words import Mentions
from router.customers import Organization, Organizations
from router.retold import InForce, Retold, retold, tried
from router.rules import Rules
from router.why_not import Wish
from specialists.people import Queue, Specialist
from storage import credentials, decisions, portal
from storage.database import Transaction
from storage.sqlite import Sqlite
from tests.fakes import MemoryInlet
from tests.inquiries import MINUTE, NOW, Inquiries, Opened
from tests.router.builders import a_message, a_rule, the_rules
from web.access import SESSION
from web.app import make_app
from web.desk import Asked, CannotTell, Demo, Desk, Told, Trial

URL = "https://help.nordlys.example"
RING = KeyRing((b"k" * 32,))
PEOPLE = {
    SpecialistName(name): Specialist(name=SpecialistName(name), full_name=full, role=role)
    for name, full, role in (
        ("ola", "Ola Hansen", Role.SPECIALIST),
        ("kasia", "Kasia Nowak", Role.SPECIALIST),
        ("mari", "Mari Tamm", Role.SPECIALIST),
        ("ivar", "Ivar Lie", Role.LEAD),
    )
}
QUEUES = {
    QueueName(name): Queue(name=QueueName(name)) for name in ("first-line", "invoices", "printers")
}
FORM = FormChannel(
    ChannelName("web"),
    Settings(
        fields={
            "product": Field(label={"en": "Product", "pl": "Produkt"}, options=("router", "tv")),
            "invoice": Field(label={"en": "Invoice"}, pattern=r"\d{6}", required=False),
        }
    ),
)
KUNDE = Organization("kunde", ("kunde.example",), {"contract": "gold"})
RULES = the_rules(
    a_rule("outages", Mentions(("outage",)), then={"priority_at_least": "high"}),
    a_rule("invoices", Mentions(("invoice",)), then={"queue": "invoices"}),
    a_rule("everything-else", then={"queue": "first-line"}),
)
HERE = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form on one of our own pages."""


@asynccontextmanager
async def a_form(db: Sqlite, inlet: Inlet) -> AsyncIterator[str]:
    """Serve a desk with nothing but a form; yield where that is."""
    desk = Desk(
        db=db,
        inlet=lambda _channel: inlet,
        keys=RING,
        name="Nordlys Support",
        url=URL,
        people=PEOPLE,
        forms=(FormChannel(ChannelName("web"), Settings()),),
        metrics=CollectorRegistry(),
        now=lambda: NOW,
    )
    async with TestServer(make_app(desk)) as server:
        yield str(server.make_url("/new"))


@dataclass(slots=True)
class Bell:
    """Counts how often it was rung."""

    rung: int = 0

    def ring(self) -> None:
        self.rung += 1


class Site:
    """One desk, its inlet, and a client that keeps cookies but follows no redirects."""

    client: TestClient[web.Request, web.Application]

    def __init__(self, db: Sqlite, mailbox: Path, **changes: Any) -> None:
        self.db = db
        self.inquiries = Inquiries(db)
        self.inlet = MemoryInlet()
        self.arrivals, self.answers, self.outbox = Bell(), Bell(), Bell()
        self.moment = NOW + MINUTE
        self.rules_of_then: Rules | str = RULES
        mailbox.mkdir(parents=True)
        values: dict[str, Any] = {
            "db": db,
            "inlet": lambda _channel: self.inlet,
            "keys": RING,
            "name": "Nordlys Support",
            "url": URL,
            "languages": ("nb", "en", "pl", "et", "ru"),
            "timezone": ZoneInfo("Europe/Oslo"),
            "people": PEOPLE,
            "queues": QUEUES,
            "channels": {ChannelName("support-mail"): "mail", ChannelName("web"): "mail"},
            "forms": (FORM,),
            "arrivals_bell": self.arrivals.ring,
            "answers_bell": self.answers.ring,
            "outbox_bell": self.outbox.ring,
            "channel_up": lambda: {ChannelName("support-mail"): True},
            "demo": Demo(folder=mailbox, port=1, address="support@nordlys.example"),
            "explain": self._explain,
            "lab": self._lab,
            "propose": self._propose,
            "organizations": Organizations([KUNDE]),
            "rules": lambda: [rule.name for rule in RULES.rules],
            "metrics": CollectorRegistry(),
            "now": lambda: self.moment,
        }
        self.desk = Desk(**{**values, **changes})
        self.app = make_app(self.desk)

    async def _explain(self, inquiry: InquiryId, wished: Wish | None) -> Sequence[Told]:
        recorded = await self.db.read(lambda tx: decisions.of_inquiry(tx, inquiry))
        return [
            Told(
                one,
                retold(
                    understood_from_text(one.understood),
                    one.facts,
                    one.decision,
                    self.rules_of_then,
                    InForce(rules=RULES),
                    wished,
                ),
            )
            for one in recorded
        ]

    async def _propose(self, pasted: str) -> Trial:
        if "bomb" in pasted:
            raise CannotTell("that took longer than 30 seconds")
        if "when" not in pasted:
            return Trial(problems=["1:3: error[missing]: 'when' is <missing>"], wrong=True)
        change = Change("queue", "first-line", "second-line", "outage")
        return Trial(
            problems=[],
            wrong=False,
            messages=40,
            different=3,
            changes=[(change, 3)],
            names=["NL-2026-00001"],
        )

    async def _lab(self, asked: Asked) -> Retold:
        if asked.mail == "bomb":
            raise CannotTell("that can't be understood: its worker died")
        message = a_message(
            sender=Party(asked.sender), subject=asked.subject, text=asked.text or asked.mail
        )
        facts = Facts(now=self.moment, channel=asked.channel)
        return tried(RULES, message, facts, asked.wished)

    async def get(self, path: str, **headers: str) -> ClientResponse:
        """Ask for a page."""
        return await self.client.get(path, headers=headers, allow_redirects=False)

    async def text(self, path: str, **headers: str) -> str:
        """Return a page that must be there."""
        response = await self.get(path, **headers)
        assert response.status == 200, await response.text()
        return await response.text()

    async def post(
        self,
        path: str,
        data: Mapping[str, str] | FormData | None = None,
        headers: Mapping[str, str] = HERE,
    ) -> ClientResponse:
        """Send a form."""
        return await self.client.post(path, data=data, headers=headers, allow_redirects=False)

    async def sign_in(self, name: str) -> None:
        """Give the client a session."""
        who = SpecialistName(name)
        token = await self.db.write(
            lambda tx: credentials.open_session(tx, who, now=self.desk.now())
        )
        self.client.session.cookie_jar.update_cookies({SESSION: token}, self.client.make_url("/"))

    async def link(self, opened: Opened, *, valid_until: datetime | None = None) -> str:
        """Return the path of a customer's status page."""
        key = portal.new_key()
        until = valid_until or self.moment + timedelta(days=90)

        async def work(tx: Transaction) -> None:
            await portal.keep(
                tx, key, opened.id, opened.contact_point, expires_at=until, now=self.moment
            )

        await self.db.write(work)
        return portal.address("", RING, key)


@asynccontextmanager
async def served(db: Sqlite, folder: Path, **changes: Any) -> AsyncIterator[Site]:
    """Serve a desk of its own until the block ends; ``changes`` are for the Desk."""
    site = Site(db, folder / "mailbox", **changes)
    async with TestClient(TestServer(site.app)) as site.client:
        yield site


def location(response: ClientResponse) -> str:
    """Return where a redirect leads."""
    assert response.status == 303, response.status
    return response.headers["Location"]


def nonsense() -> str:
    """Return a token that proves nothing."""
    return new_nonce()

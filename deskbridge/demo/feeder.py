"""Customers who write by themselves: openings at a pace, and thanks for the answers they get."""

import asyncio
import email
import email.policy
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from itertools import count
from pathlib import Path

import aiosmtplib
import yaml

log = logging.getLogger(__name__)

CUSTOMERS = Path(__file__).with_name("customers.yaml")
PACE = timedelta(minutes=5)
"""Between two new inquiries at speed 1."""
FIRST = 8
"""How many write at once when the desk is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Somebody invented, and what they write."""

    name: str
    address: str
    to: str
    subject: str
    text: str
    thanks: str


def customers(path: Path = CUSTOMERS) -> list[Customer]:
    """Return the cast."""
    return [Customer(**entry) for entry in yaml.safe_load(path.read_text("utf-8"))]


def openings(cast: Sequence[Customer]) -> Iterator[EmailMessage]:
    """Yield new inquiries without end, each a little different."""
    for n in count(4711):
        customer = cast[(n - 4711) % len(cast)]
        yield _mail(customer, customer.subject, customer.text.format(n=n))


def thanks(customer: Customer, answer: EmailMessage) -> EmailMessage:
    """Return what the customer says to an answer, quoting it as mail programs do."""
    quoted = "".join(f"> {line}\n" for line in answer.get_content().splitlines())
    reply = _mail(customer, f"Re: {answer['Subject']}", f"{customer.thanks}\n\n{quoted}")
    reply["In-Reply-To"] = answer["Message-ID"]
    reply["References"] = f"{answer.get('References', '')} {answer['Message-ID']}".strip()
    return reply


async def play(host: str, port: int, mailbox: Path, *, speed: float, fresh: bool) -> None:
    """Write to the desk until cancelled; ``fresh`` desks get a handful of mails at once."""
    cast = customers()
    mails = openings(cast)
    if fresh:
        for _ in range(FIRST):
            await _send(next(mails), host, port)
    answered = set(await _eml_files(mailbox))
    while speed:
        await asyncio.sleep((PACE / speed).total_seconds())
        await _send(next(mails), host, port)
        for path in await _eml_files(mailbox):
            if path not in answered:
                answered.add(path)
                await _thank(cast, path, host, port)


async def _eml_files(mailbox: Path) -> list[Path]:
    return await asyncio.to_thread(lambda: sorted(mailbox.glob("*.eml")))


async def _thank(cast: Sequence[Customer], path: Path, host: str, port: int) -> None:
    raw = await asyncio.to_thread(path.read_bytes)
    answer = email.message_from_bytes(raw, policy=email.policy.default)
    if answer.get("Auto-Submitted", "no") != "no":
        return
    for customer in cast:
        if customer.address in str(answer["To"]):
            await _send(thanks(customer, answer), host, port)


def _mail(customer: Customer, subject: str, text: str) -> EmailMessage:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = formataddr((customer.name, customer.address))
    mail["To"] = customer.to
    mail["Subject"] = subject
    mail["Date"] = formatdate(localtime=True)
    mail["Message-ID"] = make_msgid(domain=customer.address.partition("@")[2])
    mail.set_content(text)
    return mail


async def _send(mail: EmailMessage, host: str, port: int) -> None:
    try:
        await aiosmtplib.send(mail, hostname=host, port=port, start_tls=False, timeout=10)
    except (aiosmtplib.SMTPException, OSError) as error:
        log.warning("the demo's customer could not write: %s", error)

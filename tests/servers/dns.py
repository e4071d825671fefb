"""A small DNS server on loopback: it says what a test's table says."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from channels.mail.names import Nameservers

Zone = Mapping[tuple[str, str], str]
"""Records by name and type, such as ``("fjell.example", "TXT"): '"v=spf1 -all"'``."""

FAILURE = "SERVFAIL"
"""Stands in a zone where the server is to fail."""


@contextmanager
def dns_server(zone: Zone, *, late: float = 0, broken: bool = False) -> Iterator[Nameservers]:
    """Answer from ``zone``, after ``late`` seconds; a broken one says SERVFAIL to everything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.02)
        over = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, zone, over, late, broken))
        thread.start()
        try:
            yield Nameservers(("127.0.0.1",), listener.getsockname()[1])
        finally:
            over.set()
            thread.join()


def _serve(
    listener: socket.socket, zone: Zone, over: threading.Event, late: float, broken: bool
) -> None:
    waiting: list[tuple[float, bytes, tuple[str, int]]] = []
    while not over.is_set():
        try:
            question, peer = listener.recvfrom(4096)
            waiting.append((time.monotonic() + late, _answer(question, zone, broken), peer))
        except TimeoutError:
            pass
        for due in [one for one in waiting if one[0] <= time.monotonic()]:
            waiting.remove(due)
            listener.sendto(due[1], due[2])


def _answer(question: bytes, zone: Zone, broken: bool) -> bytes:
    asked = dns.message.from_wire(question)
    reply = dns.message.make_response(asked)
    reply.flags |= dns.flags.RA
    (about,) = asked.question
    name, kind = about.name.to_text(True).lower(), about.to_text().split()[-1]
    if broken or zone.get((name, kind)) == FAILURE:
        reply.set_rcode(dns.rcode.SERVFAIL)
    elif (name, kind) in zone:
        lines = zone[name, kind].splitlines()
        reply.answer.append(dns.rrset.from_text(about.name, 60, "IN", kind, *lines))
    elif all(known != name for known, _ in zone):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply.to_wire()

"""Who calls over HTTP: whoever is at the other end, or whom a trusted proxy there has seen."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web

PEER = web.RequestKey("peer", str)
"""Whom ``seen_by`` found; the pages set it before anything else looks at a request."""
Network = IPv4Network | IPv6Network
HERE: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
"""A proxy on this machine is always believed."""
MOST_HOPS = 20
SUBSCRIBER = 64
"""Bits of an IPv6 address that tell one subscriber from the next."""


def peer_of(request: web.Request) -> str:
    """Return the address of who asks, "" where there is none."""
    return request.get(PEER) or request.remote or ""


def counted_as(peer: str) -> str:
    """Return what limits count by: who has one address of IPv6 has a whole network of them."""
    address = _address(peer)
    if not isinstance(address, IPv6Address):
        return str(address or peer)
    return str(ip_network((address, SUBSCRIBER), strict=False))


def is_here(peer: str) -> bool:
    """Is it a program on this machine, or one that came without an address?"""
    address = _address(peer)
    return address is None or _one_of((), address)


def seen_by(trusted: Sequence[Network], request: web.Request) -> str:
    """Return whom the nearest proxy saw that is not itself one of ``trusted``.

    Each proxy writes behind the others whom it has seen, so the list is read from its end: what
    stands before the first stranger is that stranger's own word.
    """
    peer = request.remote or ""
    if "X-Forwarded-For" not in request.headers:
        return peer
    told = ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")
    for hop in reversed(told[-MOST_HOPS:]):
        if not _one_of(trusted, _address(peer)) or (seen := _address(hop)) is None:
            break
        peer = str(seen)
    return peer


@lru_cache(512)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address; some proxies write the port behind it, and IPv6 in brackets."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _one_of(trusted: Sequence[Network], address: IPv4Address | IPv6Address | None) -> bool:
    return address is not None and any(address in network for network in (*HERE, *trusted))

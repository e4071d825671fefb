"""What becomes of an answer that its channel can't carry as it is. Pure.

``fallback`` of a channel names what is tried, in this order: ``portal``, which is a link to the
status page in place of the files, and channels by which the same person can be reached. Where
nothing is named it is the portal, then all the person's channels, the one used last first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inquiry.journey import ChannelName, ContactPointId
from outbox.route import PORTAL, Outlet, outlet
from storage.answers import Reach, StoredFile, Waiting

Way = tuple[ContactPointId, ChannelName]


@dataclass(frozen=True, slots=True)
class Carried:
    """What goes along, and where else it may go."""

    files: tuple[StoredFile, ...]
    by_link: tuple[StoredFile, ...] = ()
    """Those that the status page has instead."""
    refused: str = ""
    """Why it can't go by this channel at all."""
    ways: tuple[Way, ...] = ()


def carried(answer: Waiting, way: Outlet | None, outlets: Sequence[Outlet]) -> Carried:
    """Say what of an answer goes by ``way``, and by which others it goes if that can't be."""
    ways = tuple(ways_on(answer.fallbacks, way, outlets))
    numbered = tuple((reach.contact_point, other.name) for reach, other in ways)
    if way is None:
        reason = f"no channel reaches a {answer.contact} address"
        return Carried(answer.files, refused=reason, ways=numbered)
    heavy = tuple(file for file in answer.files if too_heavy(file, way))
    if not heavy:
        return Carried(answer.files, ways=numbered)
    able = [w for w in ways if not any(too_heavy(file, w[1]) for file in answer.files)]
    numbered = tuple((reach.contact_point, other.name) for reach, other in able)
    portal = way.fallback is None or PORTAL in way.fallback
    first_portal = portal and (not able or not _before_portal(able[0][1], way))
    if first_portal and not read_by_others(answer):
        left = tuple(file for file in answer.files if file not in heavy)
        return Carried(left, by_link=heavy, ways=numbered)
    return Carried(answer.files, refused=_sentence(heavy[0], way), ways=numbered)


def ways_on(
    reaches: Sequence[Reach], way: Outlet | None, outlets: Sequence[Outlet]
) -> Sequence[tuple[Reach, Outlet]]:
    """Return where else the person is reached, and by what, in the order of ``fallback``."""
    found = [
        (reach, other)
        for reach in reaches
        if (other := outlet(outlets, reach.contact, (reach.channel,)))
    ]
    if way is None or way.fallback is None:
        return found
    by_name = {one.name: one for one in outlets}
    named = [by_name[ChannelName(n)] for n in way.fallback if ChannelName(n) in by_name]
    wanted: dict[ContactPointId, tuple[Reach, Outlet]] = {}
    for one in named:
        for reach, _ in found:
            if reach.contact == one.contact:
                wanted.setdefault(reach.contact_point, (reach, one))
    return list(wanted.values())


def too_heavy(file: StoredFile, way: Outlet) -> bool:
    """Can't this channel carry the file?"""
    return not way.files or (way.file_size is not None and file.size > way.file_size)


def _before_portal(other: Outlet, way: Outlet) -> bool:
    names = list(way.fallback or (PORTAL,))
    return other.name in names and names.index(other.name) < names.index(PORTAL)


def read_by_others(answer: Waiting) -> bool:
    """Is it a group or a channel's thread? One person's status link is nothing for all of them.

    Nor is what was meant for that person alone, and could not go there.
    """
    where = answer.conversation
    return where.startswith("-") or "/" in where


def _sentence(file: StoredFile, way: Outlet) -> str:
    if not way.files or way.file_size is None:
        return f"{file.filename}: {way.name} can't carry files"
    most = way.file_size / 1e6
    size = file.size / 1e6
    return f"{file.filename} is too large for {way.name}: {size:.1f} MB, at most {most:.0f}"

"""Words of the language whose feature comes in a later version: named here so that a file which
uses them already still loads, with a warning at each.
"""

from collections.abc import Mapping

KEYS: Mapping[str, tuple[str, ...]] = {
    "Sections": (
        "sla",
        "escalation",
        "on_call",
        "survey",
        "retention",
        "intake",
    ),
    "SpecialistEntry": ("slack", "works", "capacity"),
    "QueueEntry": ("slack",),
    "AssignEntry": ("prefer", "only_when", "skills"),
    "Web": ("admin_listen", "trusted_proxies"),
    "Portal": ("show", "hide_specialist_names"),
}
"""Keys of a table, by the name of the dataclass that is its shape."""

KINDS = ("fax-folder",)
"""Kinds of channels."""

CONDITIONS = ("mood", "available")
"""Words of ``when``. A condition of this kind can't be told, and its rule never matches by it."""

RECORDED: Mapping[str, str] = {
    "sla": "what it promises",
    "notify": "telling people",
    "assign.skills": "choosing people by it",
    "assign.prefer": "choosing people by it",
}
"""Words of ``then`` that are decided already, and what comes later. The names are not checked."""

ASSIGN_BY = ("least-loaded", "sticky")
EXPECTED = ("assignee",)
"""Words of a test's ``expect``."""

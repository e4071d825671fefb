"""Words of the language whose feature comes in a later version: named here so that a file which
uses them already still loads, with a warning at each.
"""

from collections.abc import Mapping

KEYS: Mapping[str, tuple[str, ...]] = {
    "Sections": (
        "calendars",
        "customers",
        "sla",
        "urgency",
        "escalation",
        "on_call",
        "survey",
        "retention",
        "intake",
    ),
    "SpecialistEntry": ("slack", "works", "capacity"),
    "QueueEntry": ("next", "slack"),
    "AssignEntry": ("prefer", "only_when", "skills"),
    "Web": ("admin_listen", "trusted_proxies"),
    "Portal": ("show", "hide_specialist_names"),
    "Given": ("customer", "load"),
}
"""Keys of a table, by the name of the dataclass that is its shape."""

KINDS = ("fax-folder", "slack", "web-chat")
"""Kinds of channels."""

CONDITIONS = (
    "header",
    "form",
    "mailing_list",
    "authenticated",
    "customer",
    "organization",
    "known",
    "during",
    "outside",
    "open_inquiry",
    "last_category",
    "inquiries_in",
    "reopened",
    "urgency",
    "mood",
    "category",
    "priority",
    "queue",
    "tags",
    "queue_load",
    "available",
)
"""Words of ``when``. A condition of this kind can't be told, and its rule never matches by it."""

EFFECTS = ("sla", "set", "notify", "snooze", "link_to_inquiry")
"""Words of ``then``."""

ASSIGN = ("skills", "prefer")
ASSIGN_BY = ("least-loaded", "sticky")
EXPECTED = ("sla", "set", "notify", "snooze", "link_to_inquiry", "assignee", "urgency")
"""Words of a test's ``expect``."""

"""Does a pattern that never ends harm nothing but its own rule?"""

import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from inquiry.understood import Message, Party
from router.conditions.condition import Condition
from router.conditions.customer import Organization
from router.conditions.message import Address
from router.conditions.words import Contains, Mentions, Named
from router.customers import Organization as Firm
from router.customers import Organizations
from router.decide import decide
from router.logic import ALWAYS, All
from router.patterns import Pattern, pattern
from router.rules import Effect, Rule, compile_rules
from router.stage.step import step
from router.text import PATIENCE
from storage.database import Database
from tests.inquiries import NOW
from tests.router.builders import a_message, a_rule, the_facts, the_rules
from tests.router.test_stage import DESK, HASH, World

LONG = "a" * 99_000 + "!"
KINDS = [
    "(a|aa)+$",
    "(a+)+$",
    "(a*)*b$",
    "(.*a){30}b",
    "(a|a?)+$",
    r"(\w+\s?)+$",
    "^(a?){200}a{200}b",
]
BOUND = PATIENCE[0][0] + 3
"""Seconds, with much of them for a busy machine."""


@pytest.mark.parametrize("kind", KINDS)
def test_other_rules_decide_as_before(kind: str) -> None:
    others = [
        a_rule("above", Mentions(("outage",)), tags=["down"]),
        a_rule("below", Contains("body", (pattern("/a!$/"),)), tags=["end"]),
    ]
    slow = a_rule("slow", Contains("body", (pattern(f"/{kind}/"),)), then={"queue": "never"})
    message = a_message(subject="It is down", text=LONG)
    began = time.process_time()
    made = decide(the_rules(others[0], slow, others[1]), message, the_facts())
    assert time.process_time() - began < BOUND
    assert (made.tags, made.queue) == (("down", "end"), None)
    assert set(made.matched) == {"above", "below"}


def test_many_of_them_take_bounded_time() -> None:
    rules = [
        a_rule(f"slow-{n}", Contains("body", (pattern(f"/(a|aa)+{chr(98 + n)}$/"),)))
        for n in range(20)
    ]
    began = time.process_time()
    made = decide(the_rules(*rules, a_rule("last", ALWAYS)), a_message(text=LONG), the_facts())
    assert time.process_time() - began < BOUND
    assert made.matched == ("last",)
    assert len(made.too_slow) == 20


@pytest.mark.parametrize(
    ("condition", "changes"),
    [
        pytest.param(Contains("body", (pattern("/(a|aa)+$/"),)), {"text": LONG}, id="words"),
        pytest.param(
            Named("form", "x", (pattern("/(a|aa)+$/"),)), {"form": {"x": LONG}}, id="a form"
        ),
        pytest.param(
            Address("from", (pattern("/^(a|aa)+$/"),)),
            {"sender": Party("jan@kunde.example", LONG)},
            id="a name",
        ),
        pytest.param(
            All((Organization(("acme",)), Contains("body", (pattern("/(a|aa)+$/"),)))),
            {"text": LONG},
            id="looked up by the customer",
        ),
    ],
)
async def test_patterns_are_searched_before_anything_is_held_up(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    condition: Condition,
    changes: dict[str, Any],
) -> None:
    """What took long is known when the transaction begins: nothing is searched inside it."""
    rules = [Rule(name="slow", when=condition, then=(Effect("tags", "x"),))]
    last = Rule(name="last", when=ALWAYS, then=(Effect("queue", "first-line"),))
    desk = replace(
        DESK,
        rules=compile_rules([*rules, last], configuration=HASH),
        organizations=Organizations([Firm("acme", ("kunde.example",))]),
    )
    world = World(database)
    message: Message = replace(
        a_message(sender=Party("jan@kunde.example"), message_id="<1@kunde.example>"), **changes
    )
    await world.comes(replace(message, new_text=message.text), placed=False)
    searched: list[int] = []
    search = Pattern.search

    def counted(self: Pattern, text: str, timeout: float = 1) -> object:
        searched.append(threading.get_ident())
        return search(self, text, timeout)

    monkeypatch.setattr(Pattern, "search", counted)
    assert await step(world.db, desk, now=NOW + timedelta(minutes=1))
    assert len(searched) == 1
    assert threading.get_ident() not in searched
    (inquiry,) = await world.rows("inquiries")
    assert (inquiry["queue"], inquiry["tags"]) == ("first-line", "[]")

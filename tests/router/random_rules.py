"""Random rules of the whole language, and random messages for them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from inquiry.calendar import ALL_WEEK, Calendar, Span
from inquiry.journey import ChannelName, QueueName
from inquiry.understood import Attachment, Party, Report
from inquiry.words import Automated, Priority, Trust
from router.conditions.condition import Condition, Later
from router.conditions.customer import Attribute, Count, LastCategory, Organization
from router.conditions.message import (
    Address,
    Authenticated,
    Channel,
    Flag,
    HasAttachment,
    Language,
    Trusted,
)
from router.conditions.moment import Decided, Hours, IsUrgent
from router.conditions.words import Contains, Mentions, Named
from router.logic import ALWAYS, All, Not
from router.logic import Any as AnyOf
from router.patterns import pattern
from router.rules import Effect, Rule, Turn
from router.urgency import Impact, Scale, Weight
from router.words import phrase
from tests.router.builders import LISTS, a_message, the_facts

OSLO = ZoneInfo("Europe/Oslo")
DAY = (Span(8 * 60, 12 * 60), Span(12 * 60 + 30, 16 * 60))
CALENDARS = {
    "office": Calendar(OSLO, (*(DAY,) * 5, (), ()), {date(2026, 3, 30): (Span(480, 720),)}),
    "nights": Calendar(ZoneInfo("UTC"), ((Span(22 * 60, 30 * 60),),) * 7, {date(2026, 1, 5): ()}),
    "always": Calendar(OSLO, ALL_WEEK),
}
WORDS = ["down", "Drukarka", "nie działa", "NIE DZIALA", "счет", "faktura", "skriverne", "ord-12"]
MORE = [
    "и",
    "a",
    "hello",
    "\n",
    "downs",
    "ORD-77",
    "- ",
    "WHERE IS MY INVOICE",
    "øre",
    "Сч\u0435\u0308т",
]
texts = st.lists(st.sampled_from([*WORDS, *MORE]), max_size=6).map(" ".join)
PATTERNS = [
    *(r"/\bord-(\d+)\b/i", r"/down$/", "/hello|nie/", r"/^\s*$/", "/[Dd]ruk/", "/hello a/"),
    *(r"/ORD-(?P<order>\d+)?/i", r"/(?P<word>h\w+) (?P<order>\w)?/", r"/\børe\b/", r"/\bсчёт\b/i"),
    *(r"/(?P<order>\s)/", r"/(?P<order>\S+)$/", r"/^(?P<order>\w+)/", r"/(?P<word>\S)\s/"),
    *(r"/(?P<order>7)\g<order>/", r"/\u006frd-/", r"/[[:digit:]ord]{4}/"),
]
patterns = st.sampled_from(PATTERNS).map(pattern)
phrases = st.sampled_from(["down", "druk*", "nie działa", "hello a", "и", "invoice"]).map(phrase)
PRIORITIES, TURNS = st.sampled_from(Priority), st.frozensets(st.sampled_from(Turn))
QUEUES, CATEGORIES = ["first-line", "second-line"], ["other", "invoice"]
NAMES = {"organization": ["acme", "wonka"], "region": ["north", "South*", "*"]}
DOMAINS = ["acme.example", "@acme.example", "jan@acme.example", "*@*.example", "example", "JAN@*"]
TIMES = [timedelta(hours=24), timedelta(days=30)]


def some(values: Any, most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    items = values if isinstance(values, st.SearchStrategy) else st.sampled_from(list(values))
    return st.lists(items, min_size=1, max_size=most).map(tuple)


def either(plain: list[str]) -> st.SearchStrategy[tuple[Any, ...]]:
    return some(st.one_of(st.sampled_from(plain), patterns))


counts: st.SearchStrategy[Condition] = st.one_of(
    st.builds(
        Count, word=st.sampled_from(["open_inquiry", "reopened"]), more_than=st.integers(0, 2)
    ),
    st.builds(
        Count,
        word=st.sampled_from(["inquiries_in", "repeated_within"]),
        more_than=st.integers(0, 2),
        within=st.sampled_from(TIMES),
    ),
    st.builds(
        Count,
        word=st.just("queue_load"),
        queue=st.sampled_from(QUEUES),
        more_than=st.sampled_from([0, 25]),
    ),
    some(CATEGORIES).map(LastCategory),
)
about_words: st.SearchStrategy[Condition] = st.one_of(
    some(LISTS).map(Mentions),
    st.builds(
        Contains, st.sampled_from(["subject", "body", "text"]), some(st.one_of(phrases, patterns))
    ),
    st.builds(
        Named, st.just("form"), st.sampled_from(["product", "order"]), either(["rout*", "*"])
    ),
    st.builds(Named, st.just("header"), st.just("x-priority"), either(["1*", "low"])),
    st.builds(
        Named,
        st.sampled_from(["form", "header"]),
        st.sampled_from(["product", "x-priority"]),
        st.just(()),
        st.booleans(),
    ),
)
about_message: st.SearchStrategy[Condition] = st.one_of(
    some(["support-mail", "fax"]).map(Channel),
    some(["en", "pl", "PT", "pt-BR"]).map(Language),
    some(Trust).map(Trusted),
    st.builds(Authenticated, st.sampled_from(["spf", "dmarc"]), some(["pass", "fail", "none"])),
    st.builds(Address, st.sampled_from(["from", "to"]), either([*DOMAINS, "@", "12345"])),
    st.builds(
        HasAttachment,
        extensions=st.sampled_from([(), ("exe", "js"), ("tar.gz",)]),
        types=st.sampled_from([(), ("image/*",), ("application/pdf", "text/*")]),
        bigger_than=st.sampled_from([-1, 0, 1000]),
        count=st.integers(1, 2),
    ),
    st.builds(HasAttachment, wanted=st.booleans()),
    st.builds(
        Flag,
        st.sampled_from(["bounce", "auto_generated", "mailing_list", "shouting", "known"]),
        st.booleans(),
    ),
)
about_customer: st.SearchStrategy[Condition] = st.one_of(
    some(NAMES["organization"]).map(Organization),
    st.builds(Attribute, st.just("vip"), some(["yes", "no"], 1), st.just("no")),
    st.builds(Attribute, st.just("region"), either(NAMES["region"])),
    counts,
    st.builds(Hours, st.sampled_from(["during", "outside"]), some(CALENDARS)),
    st.just(Later("mood")),
)
above: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Decided, st.just("queue"), some(QUEUES)),
    st.builds(Decided, st.just("category"), some(CATEGORIES)),
    st.builds(Decided, st.just("priority"), some(Priority)),
    st.builds(Decided, st.just("tags"), some("abc")),
    st.builds(IsUrgent, some(Priority)),
    st.builds(IsUrgent, more_than=st.integers(-10, 60)),
)


def nested(leaves: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(tuple).map(All),
            st.lists(inner, min_size=1, max_size=3).map(tuple).map(AnyOf),
            inner.map(Not),
        ),
        max_leaves=4,
    )


early = st.one_of(about_words, about_words, about_message, about_customer)
conditions = nested(st.one_of(early, above))
BLANKS = ["{order}", "{order}", "no {word}", "{word}{order}", "plain"]
effects = st.one_of(
    st.builds(Effect, st.just("queue"), st.sampled_from(QUEUES)),
    st.builds(Effect, st.just("category"), st.sampled_from(CATEGORIES)),
    st.builds(
        Effect, st.sampled_from(["reply", "sla", "snooze", "attachments"]), st.sampled_from("xy")
    ),
    st.builds(Effect, st.just("handle"), st.sampled_from(["inquiry", "quarantine"])),
    st.builds(Effect, st.sampled_from(["priority", "priority_at_least"]), PRIORITIES),
    st.builds(Effect, st.sampled_from(["tags", "notify"]), st.sampled_from("abc")),
    st.builds(
        Effect,
        st.sampled_from(["set.order", "set.name", "tags", "reason", "link_to_inquiry"]),
        st.sampled_from(BLANKS),
    ),
    st.builds(Effect, st.sampled_from(["assign.to", "assign.by"]), st.sampled_from("xy")),
    st.builds(
        Effect, st.sampled_from(["assign.skills", "assign.prefer"]), st.sampled_from(["a", "b, c"])
    ),
)


def numbered(rules: list[Rule]) -> list[Rule]:
    """Give each rule a name; half of them end as a configuration has to."""
    last = [Rule(name="", when=ALWAYS, then=(Effect("queue", "first-line"),))]
    return [replace(rule, name=f"r{n}") for n, rule in enumerate(rules + last * (len(rules) % 2))]


rule_sets = st.lists(
    st.builds(
        Rule,
        name=st.just(""),
        when=conditions,
        then=st.lists(effects, min_size=1, max_size=3, unique_by=lambda e: e.field).map(tuple),
        stop=st.sampled_from([False, False, False, False, True]),
        on=st.one_of(st.just(frozenset()), TURNS),
    ),
    min_size=1,
    max_size=7,
).map(numbered)
scales = st.builds(
    Scale,
    weights=st.lists(
        st.builds(Weight, st.sampled_from("pq"), st.sampled_from([40, 20, -10]), nested(early)),
        max_size=3,
    ).map(tuple),
    levels=st.sampled_from([{}, {Priority.HIGH: 20}, {Priority.HIGH: 20, Priority.URGENT: 50}]),
    impacts=st.lists(st.builds(Impact, st.sampled_from(["all", "one"]), early), max_size=2).map(
        tuple
    ),
    matrix=st.sampled_from(
        [
            {},
            {"all": {Priority.HIGH: Priority.URGENT, Priority.NORMAL: Priority.HIGH}},
            {"one": {Priority.URGENT: Priority.LOW}},
        ]
    ),
)

FILES = [
    Attachment(filename="a.PDF", content_type="application/pdf", size=1, sha256="00"),
    Attachment(filename="Setup.exe. ", content_type="Image/PNG", size=5000, sha256="01"),
    Attachment(filename="x.tar.gz", content_type="text/plain", size=0, sha256="02"),
    Attachment(filename="exe", content_type="", size=1001, sha256="03"),
]
SENDERS = [
    *(Party("jan@acme.example", "Jan"), Party("A@Mail.ACME.example"), Party("jan@notacme.example")),
    *(Party("12345", "hello a"), Party("x@", ""), None),
]
senders = st.sampled_from(SENDERS)
parties = st.lists(st.sampled_from([p for p in SENDERS if p]), max_size=2).map(tuple)
plain_messages = st.builds(
    a_message,
    sender=senders,
    to=parties,
    cc=parties,
    subject=texts,
    text=texts,
    new_text=texts,
    language=st.sampled_from(["en", "pl", "", "pt-br", "pt-PT"]),
    automated=st.sampled_from([Automated.NONE, *Automated]),
    mailing_list=st.booleans(),
    trust=st.sampled_from(Trust),
    authentication=st.sampled_from([{}, {"spf": "pass", "dmarc": "fail"}]),
    headers=st.sampled_from([{}, {"x-priority": "1 (Highest)"}, {"x-priority": " "}]),
    form=st.sampled_from([{}, {"product": "Router"}, {"product": "", "order": "ord-77"}]),
    attachments=st.lists(st.sampled_from(FILES), max_size=2).map(tuple),
)
messages = st.one_of(
    plain_messages,
    plain_messages,
    plain_messages,
    st.builds(Report, kind=st.sampled_from([Automated.BOUNCE]), message=plain_messages),
)
MOMENTS = [
    datetime(2026, 1, 5, 7, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2026, 1, 6, 5, 59, 59, tzinfo=UTC),
]
ASKED = [
    *("open-inquiries", "reopened", "waiting first-line", "waiting second-line"),
    *(
        f"{figure} {seconds}s"
        for figure in ("inquiries", "messages")
        for seconds in (86400, 2592000)
    ),
]
known = st.builds(
    the_facts,
    now=st.one_of(
        st.sampled_from(MOMENTS),
        st.integers(0, 700_000).map(lambda minutes: MOMENTS[0] + timedelta(minutes=minutes)),
    ),
    channel=st.sampled_from(["support-mail", "fax", "chat"]).map(ChannelName),
    follow_up=st.booleans(),
    customer_known=st.booleans(),
    organization=st.sampled_from(["", "acme", "other"]),
    attributes=st.sampled_from(
        [{}, {"vip": "yes"}, {"vip": "no", "region": "NORTH"}, {"region": "south"}, {"region": ""}]
    ),
    queue=st.sampled_from([None, *map(QueueName, QUEUES)]),
    category=st.sampled_from(["", *CATEGORIES]),
    priority=PRIORITIES,
    tags=st.sampled_from([(), ("a",), ("b", "c")]),
    counted=st.dictionaries(st.sampled_from(ASKED), st.integers(0, 3)),
    at_least=st.sampled_from([(), tuple(ASKED)]),
    last_category=st.sampled_from([None, "", *CATEGORIES]),
)

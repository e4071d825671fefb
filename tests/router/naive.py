"""The rules language the slow and obvious way, to compare the compiled one with.

Takes nothing from ``router`` but the values: no automaton, no index, no course, nothing remembered.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from inquiry.calendar import Calendar
from inquiry.decision import Facts
from inquiry.folding import fold
from inquiry.understood import Attachment, Message, Party, Report
from inquiry.words import Automated, Priority
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
from router.logic import All, Any, Not
from router.patterns import Pattern
from router.rules import Effect, Rule, Turn
from router.urgency import Scale
from router.words import Phrase

ANYWAY = {"handle", "reason", "tags", "priority_at_least", "notify", "attachments"}
"""What a rule that doesn't say ``on:`` does on a follow-up."""
REPORTS = {
    Automated.BOUNCE,
    Automated.DSN_DELAYED,
    Automated.DSN_DELIVERED,
    Automated.FEEDBACK,
}
FIGURES = {
    "open_inquiry": "open-inquiries",
    "inquiries_in": "inquiries",
    "repeated_within": "messages",
    "reopened": "reopened",
    "queue_load": "waiting",
}


@dataclass(slots=True)
class Outcome:
    """What came out, as plain as can be."""

    fields: dict[str, str] = field(default_factory=dict)
    deciders: dict[str, str] = field(default_factory=dict)
    """The rule that decided each field; tags and notices as ``tags=vip``."""
    added: dict[str, list[str]] = field(default_factory=lambda: {"tags": [], "notify": []})
    floors: list[Priority] = field(default_factory=list)
    points: int = 0
    level: Priority | None = None
    signals: list[str] = field(default_factory=list)
    impact: str = ""
    matched: list[str] = field(default_factory=list)
    stopped_by: str = ""

    def priority(self, facts: Facts) -> Priority:
        """As it stands: what was decided, and no lower than any floor."""
        before = facts.priority if facts.follow_up else Priority.NORMAL
        decided = Priority(self.fields.get("priority", before))
        return max([decided, *self.floors], key=rank)


def rank(priority: Priority) -> int:
    return [Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.URGENT].index(priority)


def outcome(
    rules: Sequence[Rule],
    lists: Mapping[str, Sequence[str]],
    message: Message | Report,
    facts: Facts,
    *,
    calendars: Mapping[str, Calendar] | None = None,
    scale: Scale | None = None,
) -> Outcome:
    """Read all rules from the top."""
    naive = Naive(lists, calendars or {}, message, facts)
    naive.count_urgency(scale or Scale())
    for rule in rules:
        if rule.on and naive.turn not in rule.on:
            continue
        if naive.holds(rule.when) is not True:
            continue
        naive.made.matched.append(rule.name)
        found = list(naive.groups(rule.when))
        for effect in rule.then:
            if naive.turn in rule.on or not facts.follow_up or effect.field in ANYWAY:
                naive.apply(rule, effect, found)
        if rule.stop:
            naive.made.stopped_by = rule.name
            break
    if not facts.follow_up and naive.message.automated is Automated.LOOP:
        naive.made.fields.setdefault("handle", "quarantine")
        naive.made.deciders.setdefault("handle", "deskbridge")
    if not facts.follow_up and naive.made.fields.get("handle", "inquiry") == "inquiry":
        naive.give_a_queue(rules[-1])
    return naive.made


class Naive:
    """One message, looked at again for every question."""

    def __init__(
        self,
        lists: Mapping[str, Sequence[str]],
        calendars: Mapping[str, Calendar],
        message: Message | Report,
        facts: Facts,
    ) -> None:
        self.lists, self.calendars, self.facts = lists, calendars, facts
        self.message = message.message if isinstance(message, Report) else message
        self.bounce = isinstance(message, Report) or self.message.automated in REPORTS
        self.turn = Turn.FOLLOW_UP if facts.follow_up else Turn.OPENING
        self.made = Outcome()
        self.counting = True

    # -- urgency, before the rules

    def count_urgency(self, scale: Scale) -> None:
        made = self.made
        for weight in scale.weights:
            if self.holds(weight.when) is True:
                made.signals.append(weight.name)
                made.points += weight.points
        for level, least in scale.levels.items():
            if made.points >= least and (made.level is None or rank(level) > rank(made.level)):
                made.level = level
        for impact in reversed(scale.impacts):
            if self.holds(impact.when) is True:
                made.impact = impact.name
        floor = scale.matrix.get(made.impact, {}).get(made.level or Priority.NORMAL, made.level)
        if floor is not None:
            made.floors.append(floor)
            made.deciders[f"priority_at_least={floor}"] = "urgency"
        self.counting = False

    # -- effects

    def apply(self, rule: Rule, effect: Effect, found: Sequence[tuple[str, str]]) -> None:
        value: str | None = effect.value
        if effect.field.startswith("set.") or effect.field in ("tags", "reason", "link_to_inquiry"):
            value = filled(effect.value, found)
        if value is None:
            return
        made = self.made
        if effect.field in made.added:
            if value not in made.added[effect.field]:
                made.added[effect.field].append(value)
                made.deciders[f"{effect.field}={value}"] = rule.name
        elif effect.field == "priority_at_least":
            made.floors.append(Priority(value))
            made.deciders.setdefault(f"priority_at_least={value}", rule.name)
        elif effect.field not in made.fields:
            made.fields[effect.field] = value
            made.deciders[effect.field] = rule.name

    def give_a_queue(self, last: Rule) -> None:
        """Where the reading was stopped before a queue was chosen, the last rule's will do."""
        queues = [effect.value for effect in last.then if effect.field == "queue"]
        takes_all = last.when == All(()) and (not last.on or Turn.OPENING in last.on)
        if takes_all and queues and "queue" not in self.made.fields:
            self.made.fields["queue"] = queues[0]
            self.made.deciders["queue"] = last.name

    def groups(self, condition: Condition) -> Iterator[tuple[str, str]]:
        """Return what named groups found, in the order in which the conditions are written."""
        if isinstance(condition, (All, Any)):
            for part in condition.parts:
                if self.holds(part) is True:
                    yield from self.groups(part)
        elif isinstance(condition, (Contains, Named, Address, Attribute)):
            yield from next(iter(self.matches(condition)), {}).items()

    def matches(self, condition: Condition) -> Iterator[Mapping[str, str]]:
        """Return the named groups of each value of a condition that is there."""
        for text, wanted in self.texts(condition):
            if isinstance(wanted, Pattern):
                if (match := wanted.compiled.search(text)) is not None:
                    yield {name: value for name, value in match.groupdict().items() if value}
            elif self.is_this(condition, wanted, text):
                yield {}

    def texts(self, condition: Condition) -> Iterator[tuple[str, str | Phrase | Pattern]]:
        match condition:
            case Contains(part, wanted):
                for phrase in wanted:
                    if isinstance(phrase, Pattern):
                        yield self.part(part), phrase
                    else:
                        both = ("subject", "body") if part == "text" else (part,)
                        yield from ((self.part(one), phrase) for one in both)
            case Named(where, name, wanted, _):
                named = self.message.form if where == "form" else self.message.headers
                text = named.get(name, "")
                yield from ((text, each) for each in wanted if text.strip())
            case Attribute(name, wanted, otherwise):
                text = self.facts.attributes.get(name, otherwise)
                yield from ((text, each) for each in wanted if text.strip())
            case Address(side, wanted):
                for party in self.parties(side):
                    shown = f"{party.name} <{party.address}>"
                    for each in wanted:
                        yield (shown if isinstance(each, Pattern) else party.address), each

    def is_this(self, condition: Condition, wanted: str | Phrase, text: str) -> bool:
        if isinstance(wanted, Phrase):
            return said(wanted.written, text)
        if isinstance(condition, Address):
            return is_address(wanted, text)
        return like(fold(wanted).strip(), fold(text).strip())

    # -- conditions

    def holds(self, condition: Condition) -> bool | None:
        """Test one condition; None where that can't be told."""
        match condition:
            case All(parts):
                told = [self.holds(part) for part in parts]
                return False if False in told else None if None in told else True
            case Any(parts):
                told = [self.holds(part) for part in parts]
                return True if True in told else None if None in told else False
            case Not(part):
                inner = self.holds(part)
                return None if inner is None else not inner
            case Later():
                return None
            case Hours() | Decided() | IsUrgent():
                return self.moment(condition)
            case Count() | LastCategory():
                return self.past(condition)
        return self.written(condition)

    def written(self, condition: Condition) -> bool:
        message, facts = self.message, self.facts
        match condition:
            case Channel(names):
                return str(facts.channel) in names
            case Language(tags):
                here = message.language.lower().split("-")
                return any(here[: len(t.split("-"))] == t.lower().split("-") for t in tags)
            case Mentions(names):
                words = [word for name in names for word in self.lists[name]]
                return any(said(w, t) for w in words for t in (message.subject, self.body))
            case Trusted(levels):
                return message.trust in levels
            case Authenticated(method, results):
                return message.authentication.get(method, "none") in results
            case Organization(names):
                return facts.organization in names
            case HasAttachment():
                return (
                    sum(is_file(condition, file) for file in message.attachments) >= condition.count
                ) is condition.wanted
            case Flag(name, wanted):
                return self.flag(name) is wanted
            case Named(where, name, (), present):
                named = message.form if where == "form" else message.headers
                return bool(named.get(name, "").strip()) is present
            case Named() | Contains() | Address() | Attribute():
                return any(True for _ in self.matches(condition))
        raise AssertionError(condition)

    def flag(self, name: str) -> bool:
        message = self.message
        flags: Mapping[str, Callable[[], bool]] = {
            "bounce": lambda: self.bounce,
            "auto_generated": lambda: (
                self.bounce or message.automated not in (Automated.NONE, Automated.LIST)
            ),
            "mailing_list": lambda: message.mailing_list,
            "known": lambda: self.facts.customer_known,
            "shouting": lambda: shouted(self.part("text")[:600]),
        }
        return flags[name]()

    def moment(self, condition: Hours | Decided | IsUrgent) -> bool:
        made, facts = self.made, self.facts
        match condition:
            case Hours(word, names):
                opened = [is_open(self.calendars[name], facts.now) for name in names]
                return (True in opened) if word == "during" else (False in opened)
            case IsUrgent() | Decided() if self.counting:
                return False
            case IsUrgent(levels, more_than):
                return made.level in levels if levels else made.points > more_than
            case Decided("tags", values):
                return bool({*facts.tags, *made.added["tags"]} & set(values))
            case Decided("priority", values):
                return made.priority(facts) in values
            case Decided("queue", values):
                return made.fields.get("queue", facts.queue or "") in values
            case Decided(_, values):
                return made.fields.get("category", facts.category) in values
        raise AssertionError(condition)

    def past(self, condition: Count | LastCategory) -> bool | None:
        if isinstance(condition, LastCategory):
            last = self.facts.last_category
            return None if last is None else last in condition.names
        key = FIGURES[condition.word]
        if condition.queue:
            key += f" {condition.queue}"
        if condition.within is not None:
            key += f" {int(condition.within.total_seconds())}s"
        if key not in self.facts.counted:
            return None
        count = self.facts.counted[key]
        if key in self.facts.at_least and count <= condition.more_than:
            return None
        return count > condition.more_than

    # -- the message

    @property
    def body(self) -> str:
        message = self.message
        return message.new_text if message.new_text.strip() else message.text

    def part(self, name: str) -> str:
        both = {"subject": self.message.subject, "body": self.body}
        return both.get(name, f"{self.message.subject}\n{self.body}")

    def parties(self, side: str) -> tuple[Party, ...]:
        if side == "to":
            return self.message.to + self.message.cc
        return () if self.message.sender is None else (self.message.sender,)


def filled(value: str, found: Sequence[tuple[str, str]]) -> str | None:
    """Put in what the groups found, the first of each name; None where one found nothing."""
    parts = re.split(r"\{([A-Za-z_]\w*)\}", value)
    if len(parts) == 1:
        return value
    for number in range(1, len(parts), 2):
        there = [text for name, text in found if name == parts[number]]
        if not there:
            return None
        parts[number] = there[0]
    plain = "".join(letter if letter.isprintable() else " " for letter in "".join(parts))
    return " ".join(plain.split())[:200].rstrip() or None


def said(written: str, text: str) -> bool:
    stem = " ".join(fold(written.removesuffix("*")).split())
    end = "" if written.endswith("*") else r"(?!\w)"
    return re.search(rf"(?<!\w){re.escape(stem)}{end}", " ".join(fold(text).split())) is not None


def like(wanted: str, text: str) -> bool:
    """Compare letter by letter; an asterisk stands for any number of letters."""
    if not wanted:
        return not text
    if wanted[0] == "*":
        return any(like(wanted[1:], text[skipped:]) for skipped in range(len(text) + 1))
    return text[:1] == wanted[0] and like(wanted[1:], text[1:])


def is_address(wanted: str, address: str) -> bool:
    wanted, address = wanted.lower(), address.lower()
    if "*" in wanted:
        return like(wanted, address)
    if wanted == address:
        return True
    labels, above = address.split("@")[-1].split("."), wanted.removeprefix("@").split(".")
    return above != [""] and labels[-len(above) :] == above


def is_file(condition: HasAttachment, file: Attachment) -> bool:
    name, kind = file.filename.lower().rstrip(". "), file.content_type.lower()
    endings = [name[at + 1 :] for at, letter in enumerate(name) if letter == "."]
    if condition.extensions and not set(endings) & set(condition.extensions):
        return False
    if condition.types and not any(like(wanted, kind) for wanted in condition.types):
        return False
    return file.size > condition.bigger_than


def shouted(text: str) -> bool:
    capitals = len([letter for letter in text if letter.isupper()])
    small = len([letter for letter in text if letter.islower()])
    return capitals >= 12 and capitals / (capitals + small) >= 0.7


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Look at the clock on the wall, and whether a span of today or yesterday shows its minute."""
    wall = at.astimezone(calendar.zone)
    for back in (0, 1):
        day = wall.date() - timedelta(days=back)
        spans = calendar.days.get(day, calendar.week[day.weekday()])
        minute = wall.hour * 60 + wall.minute + back * 24 * 60
        if any(minute in range(span.opens, span.closes) for span in spans):
            return True
    return False

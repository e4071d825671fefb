"""Deciding where a message goes.

The rules are read from the top. The first that decides a field decides it; tags and notices add
up; the highest floor raises the priority; ``stop`` ends the reading.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from inquiry.decision import Decision, Facts, Urgency, Winner
from inquiry.journey import QueueName, SpecialistName
from inquiry.understood import Message, Report
from inquiry.words import Automated, Handle, Priority
from router.logic import captured, parts_of
from router.reading import Reading
from router.rules import ADDING, BLANK, FLOOR, Effect, Rule, Rules, Turn
from router.text import Text
from router.urgency import SECTION, Scale, told

LONGEST_FILLED = 200
"""Letters of a value that a pattern found."""
ITSELF = "deskbridge"
"""What stands where otherwise the name of a rule does: no rule had to say it."""
UNFILLED = "the pattern found no such group"


def decide(
    rules: Rules, message: Message | Report, facts: Facts, text: Text | None = None
) -> Decision:
    """Decide by the rules alone: the same message, facts and rules give the same decision.

    ``text`` is what :meth:`router.rules.Rules.read_ahead` made of the message, if somebody did.
    """
    reading = rules.reading(text or Text(message, rules.words), facts)
    course = Course.begin(reading, rules.scale)
    for rule in rules.candidates(reading):
        if rule.listens(course.turn) and rule.when.holds(reading):
            course.follow(rule)
            if rule.stop:
                break
    return course.end(rules)


@dataclass(slots=True)
class Course:
    """What has been decided so far, while the rules are read."""

    reading: Reading
    urgency: Urgency
    winners: dict[str, Winner] = field(default_factory=dict)
    added: dict[tuple[str, str], Winner] = field(default_factory=dict)
    matched: list[str] = field(default_factory=list)
    stopped_by: str = ""

    @classmethod
    def begin(cls, reading: Reading, scale: Scale) -> "Course":
        """Count the urgency, which may be the first word on the priority."""
        reading.so_far = None
        course = cls(reading, scale.measure(reading))
        if floor := course.urgency.at_least:
            course.winners[FLOOR] = Winner(
                field=FLOOR,
                value=floor,
                rule=SECTION,
                place=scale.place,
                because=told(course.urgency),
            )
        reading.so_far = course
        return course

    @property
    def facts(self) -> Facts:
        return self.reading.facts

    @property
    def turn(self) -> Turn:
        return Turn.FOLLOW_UP if self.facts.follow_up else Turn.OPENING

    @property
    def queue(self) -> str:
        return self._value("queue", self.facts.queue or "")

    @property
    def category(self) -> str:
        return self._value("category", self.facts.category)

    @property
    def priority(self) -> Priority:
        """Return the priority as it stands: what was decided, raised to the highest floor."""
        before = self.facts.priority if self.facts.follow_up else Priority.NORMAL
        decided = Priority(self._value("priority", before))
        return max(decided, Priority(self._value(FLOOR, Priority.LOW)), key=lambda p: p.rank)

    @property
    def all_tags(self) -> tuple[str, ...]:
        return (*self.facts.tags, *self._added("tags"))

    def follow(self, rule: Rule) -> list[tuple[Effect, str]]:
        """Let a rule that matched have its say.

        Returns its effects, each with why it does nothing: the name of the rule that decided it
        before, or that a group of its patterns found nothing.
        """
        self.matched.append(rule.name)
        if rule.stop:
            self.stopped_by = rule.name
        effects = rule.effects(self.turn)
        blanks = any(effect.blanks for effect in effects)
        groups = captured(rule.when, self.reading) if blanks else {}
        because = " · ".join(part.words(self.reading) for part in parts_of(rule.when))
        return [self._apply(rule, effect, groups, because) for effect in effects]

    def end(self, rules: Rules) -> Decision:
        """Return what came out; an inquiry without a queue goes where the last rule says.

        Our own mail that comes back is no new inquiry, unless a rule says so.
        """
        if self.turn is Turn.OPENING and self.reading.message.automated is Automated.LOOP:
            self.winners.setdefault("handle", _loop(self.reading.message.automated_because))
        new = self.turn is Turn.OPENING and self._value("handle", Handle.INQUIRY) == Handle.INQUIRY
        if new and (default := rules.default):
            self.winners.setdefault("queue", default)
        return replace(self.decision(), configuration=rules.configuration)

    def decision(self) -> Decision:
        """Return what has come out so far."""
        queue, person = self._value("queue"), self._value("assign.to")
        return Decision(
            queue=QueueName(queue) if queue else None,
            category=self._value("category"),
            priority=self.priority,
            tags=self._added("tags"),
            sla=self._value("sla"),
            assign_to=SpecialistName(person) if person else None,
            assign_by=self._value("assign.by"),
            assign_skills=_several(self._value("assign.skills")),
            assign_prefer=_several(self._value("assign.prefer")),
            reply=self._value("reply"),
            handle=Handle(self._value("handle", Handle.INQUIRY)),
            reason=self._value("reason"),
            attachments=self._value("attachments", "keep"),
            set={
                name.removeprefix("set."): winner.value
                for name, winner in self.winners.items()
                if name.startswith("set.")
            },
            notify=self._added("notify"),
            snooze=self._value("snooze"),
            link_to_inquiry=self._value("link_to_inquiry"),
            urgency=self.urgency,
            winners=(*self.winners.values(), *self.added.values()),
            matched=tuple(self.matched),
            stopped_by=self.stopped_by,
            too_slow=tuple(self.reading.text.too_slow),
        )

    def _apply(
        self, rule: Rule, effect: Effect, groups: Mapping[str, str], because: str
    ) -> tuple[Effect, str]:
        if not set(effect.blanks) <= groups.keys():
            return effect, UNFILLED
        if effect.blanks:
            filled = _filled(effect.value, groups)
            if not filled:
                return effect, UNFILLED
            effect = Effect(effect.field, filled)
        before = self._before(effect)
        if before and not (effect.field == FLOOR and _higher(effect.value, before.value)):
            return effect, before.rule
        winner = Winner(
            field=effect.field,
            value=effect.value,
            rule=rule.name,
            place=rule.place,
            because=because,
        )
        if effect.field in ADDING:
            self.added[effect.field, effect.value] = winner
        else:
            self.winners[effect.field] = winner
        return effect, ""

    def _before(self, effect: Effect) -> Winner | None:
        if effect.field in ADDING:
            return self.added.get((effect.field, effect.value))
        return self.winners.get(effect.field)

    def _value(self, name: str, otherwise: str = "") -> str:
        winner = self.winners.get(name)
        return winner.value if winner else otherwise

    def _added(self, name: str) -> tuple[str, ...]:
        return tuple(value for field_, value in self.added if field_ == name)


def _loop(because: str) -> Winner:
    told = f"our own mail comes back: {because}" if because else "our own mail comes back"
    return Winner(field="handle", value=Handle.QUARANTINE, rule=ITSELF, place="", because=told)


def _several(value: str) -> tuple[str, ...]:
    return tuple(filter(None, value.split(", ")))


def _filled(value: str, groups: Mapping[str, str]) -> str:
    filled = BLANK.sub(lambda blank: groups[blank[1]], value)
    plain = "".join(letter if letter.isprintable() else " " for letter in filled)
    return " ".join(plain.split())[:LONGEST_FILLED].rstrip()


def _higher(one: str, other: str) -> bool:
    return Priority(one).rank > Priority(other).rank

"""Deciding where a message goes.

The rules are read from the top. The first that decides a field decides it; tags add up; the
highest floor raises the priority; ``stop`` ends the reading.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from inquiry.decision import Decision, Facts, Winner
from inquiry.journey import QueueName, SpecialistName
from inquiry.understood import Message, Report
from inquiry.words import Handle, Priority
from router.logic import parts_of
from router.reading import Reading
from router.rules import ADDING, FLOOR, Effect, Rule, Rules, Turn


def decide(rules: Rules, message: Message | Report, facts: Facts) -> Decision:
    """Decide by the rules alone: the same message, facts and rules give the same decision."""
    reading = Reading(message, facts, rules.words)
    course = Course(facts)
    for rule in rules.candidates(reading):
        if rule.listens(course.turn) and rule.when.holds(reading):
            course.follow(rule, reading)
            if rule.stop:
                break
    return course.decision(rules.configuration)


@dataclass(slots=True)
class Course:
    """What has been decided so far, while the rules are read."""

    facts: Facts
    winners: dict[str, Winner] = field(default_factory=dict)
    tags: dict[str, Winner] = field(default_factory=dict)
    matched: list[str] = field(default_factory=list)
    stopped_by: str = ""

    @property
    def turn(self) -> Turn:
        return Turn.FOLLOW_UP if self.facts.follow_up else Turn.OPENING

    @property
    def priority(self) -> Priority:
        """Return the priority as it stands: what was decided, raised to the highest floor."""
        before = self.facts.priority if self.facts.follow_up else Priority.NORMAL
        decided = Priority(self._value("priority", before))
        return max(decided, Priority(self._value(FLOOR, Priority.LOW)), key=lambda p: p.rank)

    def follow(self, rule: Rule, reading: Reading) -> list[tuple[Effect, str]]:
        """Let a rule that matched have its say.

        Returns its effects, each with the name of the rule that decided it before, if one did.
        """
        self.matched.append(rule.name)
        if rule.stop:
            self.stopped_by = rule.name
        return [(effect, self._apply(rule, effect, reading)) for effect in rule.effects(self.turn)]

    def decision(self, configuration: str = "") -> Decision:
        """Return what came out."""
        queue, person = self._value("queue"), self._value("assign.to")
        return Decision(
            queue=QueueName(queue) if queue else None,
            category=self._value("category"),
            priority=self.priority,
            tags=tuple(self.tags),
            assign_to=SpecialistName(person) if person else None,
            assign_by=self._value("assign.by"),
            reply=self._value("reply"),
            handle=Handle(self._value("handle", Handle.INQUIRY)),
            reason=self._value("reason"),
            attachments=self._value("attachments", "keep"),
            winners=tuple(self._all_winners()),
            matched=tuple(self.matched),
            stopped_by=self.stopped_by,
            configuration=configuration,
        )

    def _apply(self, rule: Rule, effect: Effect, reading: Reading) -> str:
        decided = self.tags if effect.field in ADDING else self.winners
        key = effect.value if effect.field in ADDING else effect.field
        before = decided.get(key)
        if before and not (effect.field == FLOOR and _higher(effect.value, before.value)):
            return before.rule
        decided[key] = Winner(
            field=effect.field,
            value=effect.value,
            rule=rule.name,
            place=rule.place,
            because=" · ".join(part.words(reading) for part in parts_of(rule.when)),
        )
        return ""

    def _value(self, name: str, otherwise: str = "") -> str:
        winner = self.winners.get(name)
        return winner.value if winner else otherwise

    def _all_winners(self) -> Iterator[Winner]:
        yield from self.winners.values()
        yield from self.tags.values()


def _higher(one: str, other: str) -> bool:
    return Priority(one).rank > Priority(other).rank

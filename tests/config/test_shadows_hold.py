"""What the linter calls shadowed: does no message ever let that rule decide that field?"""

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.load import load
from inquiry.decision import Facts
from inquiry.understood import Message, Report
from tests.config.builders import ENVIRONMENT, KINDS, a_text
from tests.config.test_shadows import rule, rules, shadowed
from tests.router.builders import LISTS
from tests.router.naive import outcome
from tests.router.random_rules import known, messages

WORDS = "words:\n" + "".join(f"  {name}: {{en: {list(LISTS[name])}}}\n" for name in LISTS)
ASKED = [
    *("mentions: outage", "mentions: [outage, printer]", "bounce: no", "language: pl"),
    *("known: yes", "known: no", "channel: fax", "tags: a", "queue: second-line", "reopened: yes"),
    *("reopened: 2", "open_inquiry: yes", "not: {mentions: printer}", "priority: [high, urgent]"),
    *("inquiries_in: {days: 30, more_than: 0}", "inquiries_in: {days: 30, more_than: 1}"),
    *("header: {x-shop: router}", "subject: '/ORD-(?P<order>[0-9]+)?/'", "attachment: yes"),
    *("any: [{mentions: outage}, {tags: a}]", "any: [{mentions: outage}, {language: pl}]"),
]
DONE = [
    *("queue: second-line", "category: a", "priority: high", "priority_at_least: urgent"),
    *("tags: [a]", "tags: [b, c]", "set: {x: a}", "assign: {to: ola, by: pull}", "notify: [ola]"),
    *("handle: quarantine", "reply: ack"),
]
MORE = [
    "",
    "",
    "",
    ", stop: yes",
    ", on: [opening]",
    ", on: [follow-up]",
    ", on: [opening, follow-up]",
]
asked = st.lists(st.sampled_from(ASKED), max_size=2, unique_by=lambda one: one.split(":")[0]).map(
    lambda found: f"{{{', '.join(found)}}}" if found else "always"
)
done = st.lists(
    st.sampled_from(DONE), min_size=1, max_size=2, unique_by=lambda one: one.split(":")[0]
)
written = st.lists(
    st.tuples(asked, done.map(", ".join), st.sampled_from(MORE)), min_size=2, max_size=6
)
FEW = 5


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    written,
    st.lists(messages, min_size=FEW, max_size=FEW),
    st.lists(known, min_size=FEW, max_size=FEW),
)
def test_no_message_is_ever_decided_by_what_is_shadowed(
    tmp_path_factory: pytest.TempPathFactory,
    found: list[tuple[str, str, str]],
    arriving: list[Message | Report],
    possible: list[Facts],
) -> None:
    lines = [rule(f"r{n}", when, then, more) for n, (when, then, more) in enumerate(found)]
    folder = tmp_path_factory.mktemp("rules")
    losers = {line.split(" ")[0] for line in shadowed(folder, *lines, words=WORDS, channels=FAX)}
    if not losers:
        return
    allowed = rules(*lines).replace("\n", "  # deskbridge: allow=shadowed\n")
    file = folder / "desk.yaml"
    file.write_text(a_text(rules=allowed, words=WORDS, channels=FAX))
    made = load(file, KINDS, known_templates={"ack"}, environment=ENVIRONMENT).rules
    for message, facts in product(arriving, possible):
        came = outcome(made.rules, LISTS, message, facts)
        # The last rule's queue may be lent to an inquiry without the rule having matched.
        deciders = {
            f"{name}.{key.partition('=')[0]}"
            for key, name in came.deciders.items()
            if name in came.matched
        }
        assert deciders.isdisjoint(losers)


FAX = """\
channels:
  support-mail: {kind: imap, host: a.example, user: a, password: '${env:PASSWORD}'}
  fax: {kind: smtp, listen: 127.0.0.1:25}
"""

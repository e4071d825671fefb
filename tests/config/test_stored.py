"""Do the rules of a configuration that was in force once come back as they were?"""

from pathlib import Path

import pytest

from config.stored import stored_rules
from inquiry.errors import ConfigError
from tests.config.builders import RULES, loaded

MORE = """\
calendars:
  office: {open: {mon-fri: 08:00-16:00}, holidays: {country: NO}}
customers:
  attributes: {vip: boolean}
urgency:
  signals: [{words: outage, points: 40}, {customer: {vip: yes}, points: 20}]
  levels: {high: 50}
"""
SPLIT = RULES.replace("rules:\n", "rules:\n  - include: rules/*.yaml\n")
ORDER = """\
- name: order
  when: {subject: '/ORD-(?P<order>[0-9]+)/', outside: office, repeated_within: 24h}
  then: {set: {order: "{order}"}, snooze: 2h, tags: [order]}
"""


def test_they_are_the_same_rules_without_the_files_and_secrets(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "orders.yaml").write_text(ORDER, "utf-8")
    then = loaded(tmp_path, more=MORE, rules=SPLIT)
    (tmp_path / "rules" / "orders.yaml").unlink()
    now = stored_rules(then.text, then.hash, {})
    assert now.rules == then.rules.rules
    assert [rule.place for rule in now.rules] == [rule.place for rule in then.rules.rules]
    assert (now.calendars, now.scale, now.asks) == (
        then.rules.calendars,
        then.rules.scale,
        then.rules.asks,
    )
    assert (now.durations, now.configuration) == (then.rules.durations, then.hash)


def test_what_this_version_cannot_read_is_told(tmp_path: Path) -> None:
    text = loaded(tmp_path).text.replace("mentions:", "mentionings:")
    with pytest.raises(ConfigError, match="unknown key 'mentionings'"):
        stored_rules(text, "cafe", {})

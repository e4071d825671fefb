"""Do the tests in a configuration tell what came out otherwise, and which rule came nearest?"""

from pathlib import Path

import pytest

from config.case_message import understand
from config.cases import Difference, Result, Verdict, never_reached, run_cases
from config.load import load
from config.sections import Given
from inquiry.errors import ConfigError
from inquiry.journey import ChannelName
from inquiry.words import Handle
from router.retold import Retold, tried
from tests.config.builders import ENVIRONMENT, KINDS, PARTS, RULES, a_text, loaded, problems, told

OUTAGE = "{from: jan@acme.example, subject: Everything is down, body: Please help us}"


def run(folder: Path, given: str, expect: str, rules: str = RULES) -> Result:
    """Run one test of a configuration that is loaded without running it."""
    text = f"tests:\n  - name: it\n    given: {given}\n    expect: {expect}\n"
    file = folder / "desk.yaml"
    file.write_text(a_text(rules=rules, tests=text))
    configuration = load(
        file, KINDS, known_templates={"ack"}, run_tests=False, environment=ENVIRONMENT
    )
    (result,) = run_cases(configuration)
    return result


@pytest.mark.parametrize(
    ("given", "expect"),
    [
        pytest.param(OUTAGE, "{queue: second-line, priority: high}", id="fields of a decision"),
        pytest.param(OUTAGE, "{rule: outage}", id="a rule that decided one"),
        pytest.param(OUTAGE, "{rule: [outage, everything-else]}", id="several rules"),
        pytest.param(OUTAGE, "{not: {queue: first-line, tags: [vip]}}", id="what must not be"),
        pytest.param(OUTAGE, "{language: en, handle: inquiry, attachments: keep}", id="the rest"),
        pytest.param(
            "{subject: Drukarka nie działa, body: Bardzo proszę o pomoc z drukarką}",
            "{language: pl, queue: first-line}",
            id="the language is understood",
        ),
        pytest.param(
            "{subject: abc, language: pl, follow_up: yes}", "{language: pl}", id="and may be given"
        ),
        pytest.param("{follow_up: yes, body: down}", "{not: {rule: outage}}", id="a follow-up"),
    ],
)
def test_a_test_passes(tmp_path: Path, given: str, expect: str) -> None:
    result = run(tmp_path, given, expect)
    assert (result.verdict, result.differences) == (Verdict.PASSED, ())


def test_a_difference_names_the_rule_that_came_nearest(tmp_path: Path) -> None:
    result = run(tmp_path, "{subject: Hello}", "{queue: second-line}")
    assert result.verdict is Verdict.FAILED
    assert result.differences == (
        Difference(
            field="queue",
            expected="second-line",
            got="first-line, by everything-else",
            nearest="outage (desk.yaml:25): mentions outage: none of the words",
        ),
    )


def test_a_rule_that_decided_several_fields_is_named_once(tmp_path: Path) -> None:
    (difference,) = run(tmp_path, "{subject: Hello}", "{rule: outage}").differences
    assert difference.got == "everything-else"


def test_what_no_rule_decided_is_said(tmp_path: Path) -> None:
    (difference,) = run(tmp_path, OUTAGE, "{handle: quarantine}").differences
    assert (difference.got, difference.nearest) == ("inquiry, because no rule decided it", "")


def test_what_must_not_be_is_said(tmp_path: Path) -> None:
    (difference,) = run(tmp_path, OUTAGE, "{not: {queue: second-line}}").differences
    assert (difference.expected, difference.got) == ("not second-line", "second-line, by outage")


def test_the_rule_that_raised_the_priority_is_named(tmp_path: Path) -> None:
    floor = (
        "rules:\n  - {name: floor, when: {mentions: outage}, then: {priority_at_least: urgent}}\n"
    )
    rules = RULES.replace("rules:\n", floor)
    (difference,) = run(tmp_path, OUTAGE, "{priority: high}", rules).differences
    assert difference.got == "urgent, by floor"


def test_what_a_later_condition_may_decide_stays_open(tmp_path: Path) -> None:
    vip = "rules:\n  - {name: vip, when: {mood: angry}, then: {priority_at_least: high}}\n"
    rules = RULES.replace("rules:\n", vip)
    result = run(tmp_path, "{subject: Hello}", "{priority: high}", rules)
    assert result.verdict is Verdict.OPEN
    assert result.differences[0].nearest == "vip (desk.yaml:25): mood: this version can't tell"


def test_what_a_later_condition_cannot_decide_has_failed(tmp_path: Path) -> None:
    vip = "rules:\n  - {name: vip, when: {mood: angry}, then: {tags: [vip]}}\n"
    rules = RULES.replace("rules:\n", vip)
    result = run(tmp_path, "{subject: Hello}", "{priority: high}", rules)
    assert result.verdict is Verdict.FAILED


def test_a_mail_as_a_file(tmp_path: Path) -> None:
    mail = (
        b"From: a@b.example\r\nSubject: All is down\r\nMessage-ID: <1@b.example>\r\n\r\nHelp!\r\n"
    )
    (tmp_path / "mail.eml").write_bytes(mail)
    assert run(tmp_path, "{file: mail.eml}", "{queue: second-line}").verdict is Verdict.PASSED


TRUSTING = PARTS["channels"] + "    trust_authentication_results: [mx.nordlys.example]\n"


@pytest.mark.parametrize(
    ("headers", "queue"),
    [
        pytest.param("", "second-line", id="nothing is said"),
        pytest.param("mx.nordlys.example; dmarc=fail", "first-line", id="our host doubts it"),
        pytest.param("mx.other.example; dmarc=fail", "second-line", id="any host doubts it"),
    ],
)
def test_a_file_is_believed_as_the_channel_believes_it(
    tmp_path: Path, headers: str, queue: str
) -> None:
    said = f"Authentication-Results: {headers} header.from=acme.example\r\n" if headers else ""
    mail = (
        f"{said}From: jan@acme.example\r\nSubject: Hei\r\nMessage-ID: <1@x.example>\r\n\r\nHei\r\n"
    )
    assert decided(tmp_path, mail, channels=TRUSTING).decision.queue == queue


def test_what_a_specialist_forwards_is_its_customers(tmp_path: Path) -> None:
    mail = (
        "From: Ola Hansen <ola@nordlys.example>\r\nSubject: Fwd: Hei\r\n"
        "Message-ID: <1@x>\r\n\r\n"
        "---------- Forwarded message ---------\r\nFrom: Jan <jan@acme.example>\r\n"
        "Date: Mon, 5 Jan 2026 at 09:00\r\nSubject: Hei\r\n"
        "To: <ola@nordlys.example>\r\n\r\nHei\r\n"
    )
    assert decided(tmp_path, mail).facts.organization == "acme"


def test_our_own_mail_is_known(tmp_path: Path) -> None:
    mail = "From: support@nordlys.example\r\nSubject: Hei\r\nMessage-ID: <1@x>\r\n\r\nHei\r\n"
    decision = decided(tmp_path, mail).decision
    assert "own" in decision.matched
    assert decision.handle is Handle.QUARANTINE  # as a running desk does of itself


def decided(folder: Path, mail: str, channels: str = PARTS["channels"]) -> Retold:
    """Try out a mail."""
    configuration = loaded(
        folder,
        channels=channels,
        customers="customers: {organizations: {acme: {domains: [acme.example]}}}\n",
        rules="rules:\n"
        "  - {name: own, when: {auto_generated: yes}, then: {tags: [own]}}\n"
        "  - {name: acme, when: {organization: acme}, then: {queue: second-line}}\n"
        "  - {name: rest, when: always, then: {queue: first-line}}\n",
    )
    case = understand(Given(), configuration, ChannelName("support-mail"), mail.encode())
    return tried(configuration.rules, case.message, case.facts)


def test_a_file_that_is_not_there_fails(tmp_path: Path) -> None:
    result = run(tmp_path, "{file: nowhere.eml}", "{queue: second-line}")
    assert result.verdict is Verdict.FAILED
    assert result.differences[0].got == "No such file or directory"


def test_a_sender_without_an_address_is_a_messengers(tmp_path: Path) -> None:
    rules = RULES.replace("mentions: outage,", "from: '12345',")
    assert run(tmp_path, "{from: '12345'}", "{rule: outage}", rules).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("given", "expect", "expected"),
    [
        pytest.param(
            "{subjct: a}",
            "{queue: first-line}",
            "unknown-key: unknown key 'subjct' | did you mean 'subject'?",
            id="given",
        ),
        pytest.param(
            "{subject: a}",
            "{queu: first-line}",
            "unknown-key: unknown key 'queu' | did you mean 'queue'?",
            id="expected",
        ),
        pytest.param(
            "{subject: a}",
            "{queue: frst-line}",
            "reference: no queue 'frst-line' | did you mean 'first-line'?",
            id="a queue",
        ),
        pytest.param(
            "{channel: fax}",
            "{rule: outage}",
            "reference: no channel 'fax' | channels: support-mail",
            id="a channel",
        ),
        pytest.param(
            "{load: {first-line: -1}}",
            "{rule: outage}",
            "value: -1 is not 0 or more | ",
            id="a load below nothing",
        ),
        pytest.param(
            "{load: {frst-line: 1}}",
            "{rule: outage}",
            "reference: no queue 'frst-line' | did you mean 'first-line'?",
            id="the load of no queue",
        ),
        pytest.param(
            "{customer: {known: maybe}}",
            "{rule: outage}",
            "value: 'maybe' is not yes or no | ",
            id="a customer known or not",
        ),
        pytest.param(
            "{subject: a}",
            "{not: {assign: {to: olla}}}",
            "reference: no specialist 'olla' | did you mean 'ola'?",
            id="a specialist whom nobody knows",
        ),
        pytest.param(
            "{subject: a}",
            "{not: {reply: akc}}",
            "missing-template: no template 'akc' | did you mean 'ack'?",
            id="a template that is not there",
        ),
        pytest.param(
            "{at: noon}",
            "{rule: outage}",
            "value: 'noon' is not a time such as 2026-12-21T13:00 | ",
            id="a time",
        ),
        pytest.param(
            "{at: 0001-01-01T00:00}",
            "{rule: outage}",
            "value: '0001-01-01T00:00' is not in the years 1970 to 9998 | ",
            id="a time before all calendars",
        ),
        pytest.param(
            "{subject: a}",
            "{queue: second-line}",
            "test: test 'it' fails: queue is first-line, by everything-else, "
            "expected second-line | ",
            id="a test that fails",
        ),
        pytest.param(
            "{subject: a}",
            "{assignee: ola}",
            "not-yet: 'assignee' comes in a later version and is ignored | ",
            id="a later field",
        ),
    ],
)
def test_a_configuration_whose_tests_are_wrong_is_not_loaded(
    tmp_path: Path, given: str, expect: str, expected: str
) -> None:
    text = f"tests:\n  - name: it\n    given: {given}\n    expect: {expect}\n"
    assert told(tmp_path, tests=text) == [expected]


@pytest.mark.parametrize(
    ("given", "column"), [("{load: {first-line: -1}}", 32), ("{customer: {known: maybe}}", 31)]
)
def test_what_is_wrong_in_a_test_is_told_at_its_place(
    tmp_path: Path, given: str, column: int
) -> None:
    text = f"tests:\n  - name: it\n    given: {given}\n    expect: {{rule: outage}}\n"
    (found,) = problems(tmp_path, tests=text)
    assert (found.place.line, found.place.column) == (33, column)


@pytest.mark.parametrize("known", ["yes", "true", "True", "no", "FALSE"])
def test_a_customer_is_known_in_every_spelling_of_yes(tmp_path: Path, known: str) -> None:
    rule = "  - {name: known, when: {customer: {known: yes}}, then: {tags: [known]}}\n"
    rules = RULES.replace("rules:\n", f"rules:\n{rule}")
    expect = "{tags: known}" if known in ("yes", "true", "True") else "{not: {tags: known}}"
    tests = f"tests: [{{name: a, given: {{customer: {{known: {known}}}}}, expect: {expect}}}]\n"
    assert told(tmp_path, rules=rules, tests=tests) == []


def test_rules_that_no_test_reaches_are_named(tmp_path: Path) -> None:
    text = "tests:\n  - {name: it, given: {subject: a}, expect: {queue: first-line}}\n"
    configuration = loaded(tmp_path, tests=text)
    assert never_reached(configuration, run_cases(configuration)) == ("outage",)


def test_a_test_that_fails_keeps_the_configuration_out(tmp_path: Path) -> None:
    text = "tests:\n  - {name: it, given: {subject: a}, expect: {queue: second-line}}\n"
    with pytest.raises(ConfigError):
        loaded(tmp_path, tests=text)


@pytest.mark.parametrize(
    ("given", "queue"),
    [
        pytest.param("{from: jan@acme.example}", "second-line", id="an ordinary From"),
        pytest.param("{from: jan@acme.example, trust: unverified}", "first-line", id="in doubt"),
        pytest.param("{from: jan@acme.example, channel: form}", "first-line", id="a form"),
        pytest.param(
            "{from: jan@acme.example, channel: form, trust: verified}",
            "second-line",
            id="a form by a status link",
        ),
    ],
)
def test_nobody_in_doubt_belongs_to_an_organization(tmp_path: Path, given: str, queue: str) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(
        a_text(
            channels=f"{PARTS['channels']}  form: {{kind: web-form, path: /new}}\n",
            customers="customers: {organizations: {acme: {domains: [acme.example]}}}\n",
            rules="rules:\n"
            "  - {name: acme, when: {organization: acme}, then: {queue: second-line}}\n"
            "  - {name: rest, when: always, then: {queue: first-line}}\n",
            tests=f"tests:\n  - name: it\n    given: {given}\n    expect: {{queue: {queue}}}\n",
        )
    )
    configuration = load(file, KINDS, known_templates={"ack"}, environment=ENVIRONMENT)
    (result,) = run_cases(configuration)
    assert result.verdict is Verdict.PASSED

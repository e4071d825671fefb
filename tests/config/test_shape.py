"""Is every mistake in the shape told with what to write instead?"""

from pathlib import Path

import pytest

from tests.config.builders import CHANNELS, DESK, PEOPLE, QUEUES, RULES, problems, told

MISTAKES = [
    pytest.param(
        {"desk": DESK.replace("name:", "nam:")},
        ["unknown-key: unknown key 'nam' | did you mean 'name'?"],
        id="a key misspelt, which is not missing besides",
    ),
    pytest.param(
        {"desk": "version: 1\ndesk: {name: Help, all of us, url: http://h.example, data_dir: d}\n"},
        [
            "unknown-key: unknown key 'all of us'"
            " | between brackets a text with a comma needs quotes, and a list brackets of its own"
        ],
        id="a comma in a text between brackets",
    ),
    pytest.param(
        {"desk": DESK.replace("  name: Nordlys Support\n", "")},
        ["missing: 'name' is missing | "],
        id="a key missing",
    ),
    pytest.param(
        {"desk": DESK + "  hold: {mail: 10}\n"},
        ["value: '10' is not a duration such as 30s, 15m, 2h or 90d | "],
        id="a duration without its unit",
    ),
    pytest.param(
        {"desk": DESK + "  hold: {mail: 3bd}\n"},
        ["value: '3bd': business days need a calendar, here are only s, m, h and d | "],
        id="business days where there is no calendar",
    ),
    pytest.param(
        {"desk": DESK.replace("Europe/Oslo", "Europe/Olso")},
        [
            "value: 'Europe/Olso' is not a time zone such as Europe/Oslo"
            " | did you mean 'Europe/Oslo'?"
        ],
        id="a zone misspelt",
    ),
    pytest.param(
        {"desk": DESK.replace("[nb, en, pl]", "[norwegian]")},
        ["value: 'norwegian' is not a language such as nb or pt-BR | did you mean 'nb'?"],
        id="the name of a language",
    ),
    pytest.param(
        {"desk": DESK.replace("[nb, en, pl]", "[no, en, pl]")},
        ["value: 'no' is neither of the two Norwegian languages: write nb or nn | "],
        id="Norwegian, but which",
    ),
    pytest.param(
        {"desk": DESK.replace("version: 1", "version: 2")},
        ["value: this deskbridge knows version 1 of the language, not '2' | "],
        id="a later language",
    ),
    pytest.param(
        {"desk": DESK.replace("version: 1", "version: 0")},
        ["value: this deskbridge knows version 1 of the language, not '0' | "],
        id="a language that never was",
    ),
    pytest.param(
        {"desk": DESK.replace("https://help", "help")},
        ["value: 'help.nordlys.example' is not an address such as https://help.example | "],
        id="an address without https",
    ),
    pytest.param(
        {"desk": DESK + "  reference_format: NL-{year}\n"},
        ["value: 'NL-{year}' is not a pattern such as NL-{year}-{seq:05} | "],
        id="references all alike",
    ),
    pytest.param(
        {"desk": DESK + "  storage: mysql://desk\n"},
        ["value: 'mysql://desk' is neither sqlite nor an address postgresql://… | "],
        id="another database",
    ),
    pytest.param(
        {"web": "web: {listen: 8080}\n"},
        ["value: '8080' is not an address and port such as 127.0.0.1:8080 | "],
        id="a port alone",
    ),
    pytest.param(
        {"channels": CHANNELS.replace("imap\n", "imapp\n")},
        ["value: no kind of channel 'imapp' | did you mean 'imap'?"],
        id="no such kind",
    ),
    pytest.param(
        {"channels": CHANNELS.replace("    kind: imap\n", "")},
        ["missing: 'kind' is missing | "],
        id="no kind",
    ),
    pytest.param(
        {"channels": CHANNELS + "    port: 99x\n    foldr: INBOX\n"},
        [
            "value: '99x' is not a whole number | ",
            "unknown-key: unknown key 'foldr' | did you mean 'folder'?",
        ],
        id="two mistakes in one channel",
    ),
    pytest.param(
        {"channels": CHANNELS + "    port: 99999\n"},
        ["value: 99999 is not from 1 to 65535 | "],
        id="a number too large",
    ),
    pytest.param(
        {"channels": CHANNELS + "    tls: startls\n"},
        ["value: 'startls' is not one of starttls, implicit, none | did you mean 'starttls'?"],
        id="a word that is not one of them",
    ),
    pytest.param(
        {"channels": CHANNELS.replace("imap.nordlys.example", "[a, b]")},
        ["value: here belongs one value, not a list or a table | "],
        id="a list for one value",
    ),
    pytest.param(
        {"channels": CHANNELS + "  other: {extends: suport-mail, user: a}\n"},
        ["reference: no channel 'suport-mail' | did you mean 'support-mail'?"],
        id="the same as nothing",
    ),
    pytest.param(
        {"channels": "channels:\n  a: {extends: b}\n  b: {extends: a}\n"},
        ["value: 'b' extends itself | ", "value: 'a' extends itself | "],
        id="the same as itself",
    ),
    pytest.param(
        {"channels": CHANNELS.replace("imap.nordlys.example", "#imap.nordlys.example")},
        ["value: the value is empty | text after # is a comment; put the value in quotes"],
        id="a value that is a comment",
    ),
    pytest.param(
        {"channels": CHANNELS.replace("PASSWORD", "PASWORD")},
        ["value: the environment has no variable 'PASWORD' | "],
        id="a variable that is not there",
    ),
    pytest.param(
        {"channels": CHANNELS.replace("${env:PASSWORD}", "${vault:x}")},
        [
            "secret-in-file: a secret stands in the file | "
            "write ${file:/run/secrets/…}, ${env:…} or ${cred:…}",
            "value: '${vault:x}' is none of ${env:…}, ${file:…}, ${cred:…} | ",
        ],
        id="another place to take things from",
    ),
    pytest.param(
        {"channels": CHANNELS.replace("${env:PASSWORD}", "hunter2")},
        [
            "secret-in-file: a secret stands in the file | "
            "write ${file:/run/secrets/…}, ${env:…} or ${cred:…}"
        ],
        id="a password in the file",
    ),
    pytest.param(
        {"specialists": PEOPLE.replace("role: lead", "role: boss")},
        ["value: 'boss' is not one of specialist, lead | "],
        id="a role",
    ),
    pytest.param(
        {"queues": QUEUES.replace("line: 1,", "line: 1, line: 4,")},
        [
            "duplicate-key: 'line' is written twice | "
            "first on line 19; YAML would silently keep the last"
        ],
        id="a key twice",
    ),
    pytest.param(
        {"queues": QUEUES.replace("line: 2", "line: 0")},
        ["value: 0 is not from 1 to 9 | "],
        id="line zero",
    ),
    pytest.param(
        {"queues": QUEUES.replace("assign: {by: round-robin}", "assign: round-robin")},
        ["value: here belongs a table: by | write {by: round-robin}"],
        id="a value without its only key",
    ),
    pytest.param(
        {"rules": RULES.replace("high", "hihg")},
        ["value: 'hihg' is not one of low, normal, high, urgent | did you mean 'high'?"],
        id="a priority misspelt",
    ),
    pytest.param(
        {"rules": RULES.replace("{mentions: outage,", "{mention: outage,")},
        ["unknown-key: unknown key 'mention' | did you mean 'mentions'?"],
        id="a condition misspelt",
    ),
    pytest.param(
        {"rules": RULES.replace("category: outage", "categry: outage")},
        ["unknown-key: unknown key 'categry' | did you mean 'category'?"],
        id="an effect misspelt",
    ),
    pytest.param(
        {"rules": RULES.replace("when: always", "when: allways")},
        ["value: 'allways' is no condition | write 'always' or a table such as {channel: …}"],
        id="always misspelt",
    ),
    pytest.param(
        {"rules": RULES.replace("when: always", "when: {}")},
        ["value: an empty condition | write 'always' if that is meant"],
        id="an empty condition",
    ),
    pytest.param(
        {"rules": RULES.replace("when: always", "when: [{channel: support-mail}]")},
        ["value: a condition is a table | write any: [ … ] or all: [ … ]"],
        id="a list of conditions",
    ),
    pytest.param(
        {"rules": RULES.replace("mentions: outage,", 'subject: "/\\bORD/",')},
        [
            "yaml-escape: a control character (U+0008) in the text | "
            r'inside "double quotes" YAML reads \b as backspace; write patterns in single quotes'
        ],
        id="a pattern in double quotes",
    ),
    pytest.param(
        {"rules": RULES + "    on: [reply]\n"},
        ["value: 'reply' is not one of opening, follow-up | "],
        id="on what",
    ),
    pytest.param(
        {"rules": RULES.replace("  - name: outage\n    when", "  - when")},
        ["missing: 'name' is missing | "],
        id="a rule without a name",
    ),
    pytest.param(
        {"rules": RULES.replace("then: {", "then: {stop: yes, ", 1)},
        ["unknown-key: unknown key 'stop' | 'stop' stands beside 'then', not in it"],
        id="a key of the rule among its effects",
    ),
    pytest.param(
        {"rules": RULES.replace("when: {", "when: {sender: x, ", 1)},
        ["unknown-key: unknown key 'sender' | did you mean 'from'?"],
        id="words of other desks",
    ),
    pytest.param(
        {"rules": RULES + "    stop: maybe\n"},
        ["value: 'maybe' is not yes or no | "],
        id="neither yes nor no",
    ),
]


@pytest.mark.parametrize(("changes", "expected"), MISTAKES)
def test_a_mistake_is_told(tmp_path: Path, changes: dict[str, str], expected: list[str]) -> None:
    assert told(tmp_path, **changes) == expected


def test_all_mistakes_are_told_in_one_run(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        desk=DESK.replace("Europe/Oslo", "Oslo"),
        queues=QUEUES.replace("line: 2", "lin: 2"),
        rules=RULES.replace("high", "hihg").replace("always", "alway"),
    )
    assert [(p.place.line, p.code) for p in found] == [
        (5, "value"),
        (20, "unknown-key"),
        (27, "value"),
        (29, "value"),
    ]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("    foldr: INBOX\n", 5),
        ("    port: 99x\n", 11),
    ],
)
def test_a_place_is_that_of_the_key_or_of_the_value(tmp_path: Path, text: str, column: int) -> None:
    (problem,) = problems(tmp_path, channels=CHANNELS + text)
    assert (problem.place.line, problem.place.column) == (15, column)


def test_a_mistake_that_is_inherited_is_told_once(tmp_path: Path) -> None:
    heirs = "    port: 99x\n  a: {extends: support-mail}\n  b: {extends: support-mail}\n"
    assert told(tmp_path, channels=CHANNELS + heirs) == ["value: '99x' is not a whole number | "]


def test_what_a_secret_stands_for_is_not_in_the_message(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, channels=CHANNELS + "    port: ${env:PASSWORD}\n")
    assert problem.text == "what '${env:PASSWORD}' stands for is not a whole number"

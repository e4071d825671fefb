"""Do the lints see what is most likely not meant, and leave alone what is?"""

import time
from pathlib import Path

import pytest

from config.checks.patterns import slow_on
from tests.config.builders import (
    CHANNELS,
    DESK,
    PEOPLE,
    QUEUES,
    RULES,
    WORDS,
    loaded,
    problems,
    told,
)

REST = "  - {name: rest, when: always, then: {queue: first-line, reply: ack}}\n"


def codes(folder: Path, **changes: str) -> list[str]:
    return [line.partition(" |")[0] for line in told(folder, **changes)]


def rules(when: str) -> dict[str, str]:
    """Rules of which one asks this and sends to the second line."""
    one = f"  - {{name: one, when: {when}, then: {{queue: second-line}}}}\n"
    return {"rules": f"rules:\n{one}{REST}", "words": ""}


def words(text: str) -> dict[str, str]:
    """Word lists, each of which is looked for."""
    names = [line.split(":")[0].strip() for line in text.splitlines()]
    asked = f"  - {{name: one, when: {{mentions: [{', '.join(names)}]}}, then: {{tags: [a]}}}}\n"
    lists = "words:\n" + "".join(f"  {line.strip()}\n" for line in text.splitlines())
    other = "  - {name: two, when: {subject: two}, then: {queue: second-line}}\n"
    return {"words": lists, "rules": f"rules:\n{asked}{other}{REST}"}


SWALLOWED = "dead-word: {!r} finds nothing that {!r} does not find"
TWO_MEANINGS = "ambiguous-word: {!r} means {!r} in {!r} and {!r} in {!r}"


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        pytest.param("a: {pl: [faktur*, faktura]}", [("faktura", "faktur*")], id="an ending"),
        pytest.param("a: {pl: [faktura, faktur*]}", [("faktura", "faktur*")], id="the other order"),
        pytest.param("a: {pl: [faktur*, faktura*]}", [("faktura*", "faktur*")], id="two endings"),
        pytest.param("a: {en: [working, not working]}", [("not working", "working")], id="phrases"),
        pytest.param("a: {en: [down, DOWN]}", [("DOWN", "down")], id="twice"),
        pytest.param("a: {nb: [faktura*], pl: [faktur*]}", [], id="of two languages"),
        pytest.param("a: {en: [down, downstairs]}", [], id="whole words are not parts"),
        pytest.param("a: {en: [down, down*]}", [("down", "down*")], id="a word and its endings"),
        pytest.param("a: {ru: [счёт*, счет*]}", [], id="two spellings of one"),
        pytest.param("a: {en: [not working, working hours]}", [], id="phrases that only touch"),
    ],
)
def test_words_that_are_never_found_by_themselves(
    tmp_path: Path, lists: str, expected: list[tuple[str, str]]
) -> None:
    assert codes(tmp_path, **words(lists)) == [SWALLOWED.format(*each) for each in expected]


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        pytest.param(
            "a: {et: [rike]}\nb: {nb: [rike]}", [("rike", "b", "nb", "a", "et")], id="two languages"
        ),
        pytest.param(
            "a: {et: [Rike]}\nb: {nb: [rike*]}", [("rike*", "b", "nb", "a", "et")], id="case, ends"
        ),
        pytest.param("a: {et: [rike], nb: [rike]}", [], id="one meaning"),
        pytest.param("a: {en: [bill]}\nb: {en: [bill]}", [], id="one language: that is meant"),
        pytest.param("a: {en: [bill], nb: [bill]}\nb: {en: [bill]}", [], id="one means both"),
    ],
)
def test_words_that_mean_two_things(
    tmp_path: Path, lists: str, expected: list[tuple[str, ...]]
) -> None:
    assert codes(tmp_path, **words(lists)) == [TWO_MEANINGS.format(*each) for each in expected]


def test_a_list_that_only_urgency_looks_for_is_used(tmp_path: Path) -> None:
    changes = words("a: {en: [down]}")
    lists = changes["words"] + "  b: {en: [angry]}\n"
    urgency = "urgency: {signals: [{words: b, points: 40}], levels: {high: 30}}\n"
    assert codes(tmp_path, **{**changes, "words": lists}) == [
        "dead-word: no rule looks for the words of 'b'"
    ]
    assert codes(tmp_path, **{**changes, "words": lists}, urgency=urgency) == []


ASCII = "ascii-pattern: {} does not know letters such as 'ø'"


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        pytest.param(r"{subject: '/[a-z]+vei/'}", "[a-z]", id="small letters"),
        pytest.param(r"{subject: '/[A-Za-z ]{3,}/'}", "[A-Za-z ]", id="all letters"),
        pytest.param(r"{text: '/^[^a-z]/'}", "[^a-z]", id="all but letters"),
        pytest.param(r"{text: '/[A-Z]+/'}", "[A-Z]", id="many capitals"),
        pytest.param(r"{text: '/[A-Z]{3}x/i'}", "[A-Z]", id="capitals in any case"),
        pytest.param(r"{any: [{not: {body: '/[a-z]/'}}]}", "[a-z]", id="deep inside"),
        pytest.param(r"{header: {X-Kind: '/[a-z]+/'}}", "[a-z]", id="a header"),
        pytest.param(r"{text: '/\b[A-Z]{3}-[0-9]{6}\b/'}", "", id="a code"),
        pytest.param(r"{text: '/#[0-9a-f]{6}/'}", "", id="a colour"),
        pytest.param(r"{text: '/[a-z0-9]{8}/'}", "", id="letters and digits"),
        pytest.param(r"{text: '/[a-zæøå]+vei/'}", "", id="with the letters of the language"),
        pytest.param(r"{text: '/[\w.-]+/'}", "", id="letters of all alphabets"),
        pytest.param(r"{from: '/[a-z]+@kunde\.example/'}", "", id="an address"),
        pytest.param(r"{text: '/\[a-z\]/'}", "", id="brackets that are meant"),
        pytest.param(r"{text: a-z}", "", id="no pattern"),
    ],
)
def test_patterns_for_ascii_alone(tmp_path: Path, when: str, expected: str) -> None:
    found = [ASCII.format(expected)] if expected else []
    assert codes(tmp_path, **rules(when)) == found


def test_an_english_desk_may_ask_for_ascii(tmp_path: Path) -> None:
    desk = DESK.replace("[nb, en, pl]", "[en]")
    assert codes(tmp_path, desk=desk, **rules(r"{text: '/(?a)[a-z]+\w/'}")) == []


def test_ascii_flags_are_for_ascii_alone(tmp_path: Path) -> None:
    assert codes(tmp_path, **rules(r"{text: '/(?a)\bORD\b/'}")) == [
        "ascii-pattern: (?a) makes \\w and \\b blind to letters such as 'ø'"
    ]


SLOW = [r"(a+)+$", r"(a|a)*b", r"(x|xx)*y", r"^(.*?,){11}P", r"(\d+-?)+x", r"\s*\s*\s*\s*x"]
QUICK = [
    r"\bORD-(?P<order>\d{8})\b",
    r"(\w+,)*\w+",
    r".*foo.*bar",
    r"(INV|ORD)-\d+ (of|from) .*",
    r"\w+@\w+\.\w+",
    r"(?P<a>\w+)\s+(?P=a)",
    r"(nede|virker ikke)\s*[!.]*",
]


@pytest.mark.parametrize("pattern", SLOW)
def test_patterns_that_take_too_long(pattern: str) -> None:
    assert slow_on(pattern)


@pytest.mark.parametrize("pattern", QUICK)
def test_patterns_that_are_quick(pattern: str) -> None:
    assert slow_on(pattern) == ""


def test_looking_for_slow_patterns_is_never_slow(tmp_path: Path) -> None:
    nasty = "".join(
        f"  - {{name: r{n}, when: {{text: '/^(x{n}+.*)+(a|a)*(.*,)*(b|bb)+z{n}$/'}},"
        " then: {tags: [a]}}\n"
        for n in range(100)
    )
    other = "  - {name: two, when: {subject: two}, then: {queue: second-line}}\n"
    began = time.process_time()
    found = codes(tmp_path, words="", rules=f"rules:\n{nasty}{other}{REST}")
    assert time.process_time() - began < 5
    assert found
    assert {line.partition(":")[0] for line in found} == {"slow-pattern"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"queues": QUEUES + "  attic: {members: [ola]}\n"},
            ["unreachable-queue: no rule and no other queue leads to 'attic'"],
            id="nothing leads there",
        ),
        pytest.param(
            {"queues": QUEUES + "  attic: {members: [ola], next: attic}\n"},
            ["unreachable-queue: no rule and no other queue leads to 'attic'"],
            id="only itself",
        ),
        pytest.param(
            {
                "queues": QUEUES.replace("line: 2,", "line: 2, next: attic,")
                + "  attic: {members: [ola]}\n"
            },
            [],
            id="another queue hands on",
        ),
        pytest.param(
            {"queues": QUEUES.replace("members: [kasia]", "members: []")},
            ["empty-queue: nobody works 'second-line'"],
            id="nobody there",
        ),
    ],
)
def test_queues(tmp_path: Path, changes: dict[str, str], expected: list[str]) -> None:
    assert codes(tmp_path, **changes) == expected


SILENT = "member-without-language: {}"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"desk": DESK.replace("[nb, en, pl]", "[nb, en, et]")},
            ["nobody at the desk writes 'et'"],
            id="a language of the desk",
        ),
        pytest.param({"desk": DESK.replace("[nb, en, pl]", "[nb, en-GB]")}, [], id="a region"),
        pytest.param(
            {"specialists": PEOPLE.replace("languages: [pl, en], ", "")},
            ["nobody at the desk writes 'pl'", "it is not said which languages 'kasia' writes"],
            id="a member's",
        ),
        pytest.param(
            {
                "specialists": PEOPLE.replace("languages: [pl, en], ", "").replace(
                    ", languages: [nb, en]", ""
                )
            },
            [],
            id="nobody's at all",
        ),
        pytest.param(rules("{language: nb}"), ["nobody in 'second-line' writes 'nb'"], id="a rule"),
        pytest.param(rules("{language: pl}"), [], id="a rule for those who do"),
        pytest.param(rules("{not: {language: nb}}"), [], id="all other languages"),
    ],
)
def test_languages(tmp_path: Path, changes: dict[str, str], expected: list[str]) -> None:
    assert codes(tmp_path, **changes) == [SILENT.format(each) for each in expected]


@pytest.mark.parametrize(
    ("channels", "people", "expected"),
    [
        pytest.param("", "Support@Nordlys.example", True, id="the same but for case"),
        pytest.param("", "ola@nordlys.example", False, id="another"),
        pytest.param("['*@nordlys.example']", "ola@nordlys.example", True, id="any before the @"),
    ],
)
def test_addresses_that_answer_themselves(
    tmp_path: Path, channels: str, people: str, expected: bool
) -> None:
    changed = CHANNELS.replace("[support@nordlys.example]", channels) if channels else CHANNELS
    found = codes(
        tmp_path, channels=changed, specialists=PEOPLE.replace("ola@nordlys.example", people)
    )
    told_ = f"loop-address: {people!r} is an address of channel 'support-mail'"
    assert found == ([told_] if expected else [])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param("user: other, addresses: []", [], id="another mailbox"),
        pytest.param("host: IMAP.nordlys.example, addresses: []", ["error"], id="the same one"),
        pytest.param(
            "user: other, addresses: [SUPPORT@nordlys.example]", ["warning"], id="address"
        ),
    ],
)
def test_mailboxes_that_overlap(tmp_path: Path, changes: str, expected: list[str]) -> None:
    channels = f"{CHANNELS}  other: {{extends: support-mail, {changes}}}\n"
    found = problems(tmp_path, channels=channels)
    assert [p.severity for p in found if p.code == "overlapping-mailboxes"] == expected


def test_what_is_of_no_use_is_told_once_names_are_right(tmp_path: Path) -> None:
    """A misspelt name makes a list and a queue seem unused."""
    misspelt = RULES.replace("mentions: outage,", "mentions: outag,")
    assert codes(tmp_path, rules=misspelt, words=WORDS) == ["reference: no word list 'outag'"]


READ_AS_WORDS = "read-as-words: '{}' looks like a pattern, and is looked for as it is written"


@pytest.mark.parametrize(
    "text",
    [
        r"\bORD-\d{6}\b",
        r"ORD-\d+",
        "(?P<order>ORD-6)",
        "^Re:",
        "urgent$",
        "open|opening",
        "order.+late",
        "ORD-[0-9]{6}",
        "ORD-X{6}",
        r"/\bORD-\d{6}",
        r"/\d{6}/ i",
    ],
)
def test_a_pattern_without_its_slashes(tmp_path: Path, text: str) -> None:
    assert codes(tmp_path, **rules(f"{{text: '{text}'}}")) == [READ_AS_WORDS.format(text)]


@pytest.mark.parametrize("when", ["form: {x: '[0-9]+'}", "header: {x: '[0-9]+'}"])
def test_a_pattern_without_its_slashes_under_a_name(tmp_path: Path, when: str) -> None:
    assert READ_AS_WORDS.format("[0-9]+") in codes(tmp_path, **rules(f"{{{when}}}"))


@pytest.mark.parametrize(
    "text",
    [
        *("burn*", "What? Now!", "5 $", "[JIRA] 12", "{order}", "a.b", "C++", "and/or", "24/7"),
        *("1 + 1 = 2", "(urgent)", "e.g. this", "tcp | udp", "50 %", "~/bin"),
    ],
)
def test_what_is_no_pattern(tmp_path: Path, text: str) -> None:
    assert codes(tmp_path, **rules(f"{{text: '{text}'}}")) == []


def test_a_list_without_its_brackets(tmp_path: Path) -> None:
    told_ = "read-as-words: 'open, closed' is looked for as one phrase, with its comma"
    assert codes(tmp_path, **rules("{text: 'open, closed'}")) == [told_]
    assert codes(tmp_path, **words("a: {en: 'open, closed'}")) == [told_]
    assert codes(tmp_path, **rules("{text: [open, closed]}")) == []
    assert codes(tmp_path, **rules("{text: '/open, closed/'}")) == []


def test_a_pattern_among_words(tmp_path: Path) -> None:
    hint = "word lists hold no patterns: ask for this one in a rule, by 'text'"
    assert told(tmp_path, **words("a: {en: ['/open/', closed]}")) == [
        f"{READ_AS_WORDS.format('/open/')} | {hint}"
    ]


def test_what_is_meant_as_it_is_written_may_be_kept(tmp_path: Path) -> None:
    kept = rules(r"{text: 'C:\\box'}")
    kept["rules"] = kept["rules"].replace("}}\n", "}}  # deskbridge: allow=read-as-words\n", 1)
    assert told(tmp_path, **kept) == []


STRANGER = "not-a-member: {}"


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        pytest.param(
            "{queue: second-line, assign: {to: ola}}",
            ["'ola' is no member of 'second-line', where the rule sends it"],
            id="of another queue",
        ),
        pytest.param("{assign: {to: tom}}", ["'tom' is a member of no queue"], id="of none"),
        pytest.param("{queue: second-line, assign: {to: kasia}}", [], id="a member"),
        pytest.param("{assign: {to: ola}}", [], id="of whatever queue it is"),
    ],
)
def test_whom_a_rule_assigns(tmp_path: Path, then: str, expected: list[str]) -> None:
    one = f"  - {{name: one, when: {{subject: two}}, then: {then}}}\n"
    two = "  - {name: two, when: {subject: other}, then: {queue: second-line}}\n"
    people = PEOPLE + "  tom: {name: Tom, languages: [nb]}\n"
    found = codes(tmp_path, rules=f"rules:\n{one}{two}{REST}", words="", specialists=people)
    assert found == [STRANGER.format(each) for each in expected]


def test_each_template_that_lacks_a_language_is_mentioned_once(tmp_path: Path) -> None:
    desk = DESK.replace("[nb, en, pl]", "[nb, en, fi, sv]")
    again = "  - {name: one, when: {subject: two}, then: {queue: second-line, reply: ack}}\n"
    changes = {"desk": desk, "rules": f"rules:\n{again}{REST}", "words": ""}
    (notice,) = loaded(tmp_path, **changes).notices
    assert notice.code == "template-language"
    assert notice.text == "template 'ack' is missing in fi, sv"
    assert notice.place.line == 22
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "ack.fi.md").write_text("Kiitos")
    (notice,) = loaded(tmp_path, **changes, templates="templates: own\n").notices
    assert notice.text == "template 'ack' is missing in sv"
    (tmp_path / "own" / "ack.sv.md").write_text("Tack")
    assert loaded(tmp_path, **changes, templates="templates: own\n").notices == ()

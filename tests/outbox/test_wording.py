"""Are templates found in the right language, filled in, and harmless?"""

from dataclasses import replace
from pathlib import Path

import pytest

from inquiry.journey import Reference
from outbox.wording import TemplateFault, Templates, Variables, faults, load, render

LANGUAGES = ("nb", "en", "pl", "et", "ru")
FALLBACK = {"nn": ("nb",), "da": ("nb",), "sv": ("nb",), "else": ("en",)}
VALUES = Variables(
    reference=Reference("NL-2026-00001"),
    status_link="https://help.nordlys.example/s/abc",
    subject="Drukarka",
    customer_name="Jan Kowalski",
    desk_name="Nordlys Support",
    specialist_name="Kasia Nowak",
)


@pytest.fixture(scope="module")
def shipped() -> Templates:
    return load(languages=LANGUAGES, language_fallback=FALLBACK)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["ack", "busy-ack"])
def test_what_ships_speaks_all_five_languages(shipped: Templates, name: str, language: str) -> None:
    worded = shipped.word(name, language, VALUES)
    assert worded.language == language
    assert "NL-2026-00001" in worded.text
    assert "https://help.nordlys.example/s/abc" in worded.text
    assert "{{" not in worded.text


@pytest.mark.parametrize("chat", [False, True], ids=["a letter", "a chat"])
@pytest.mark.parametrize("sort", ["mail", "telegram", "slack", "web-chat", "fax"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_of_a_join_speaks_all_five_languages(
    shipped: Templates, language: str, sort: str, chat: bool
) -> None:
    link = "https://help.nordlys.example/u/abc"
    about = replace(VALUES, sort=sort, address="ev…@far.example", undo_link=link)
    worded = shipped.word("joined-elsewhere", language, about, chat=chat)
    assert worded.language == language
    assert link in worded.text.split("\n")
    assert ("ev…@far.example" in worded.text) == (sort == "mail")
    assert bool(worded.subject) != chat
    assert "{" not in worded.text


@pytest.mark.parametrize(
    ("language", "spoken"),
    [
        pytest.param("pl", "pl", id="their own"),
        pytest.param("pt-BR", "en", id="no dialect of ours"),
        pytest.param("nb-NO", "nb", id="a country of ours"),
        pytest.param("sv", "nb", id="a neighbour's"),
        pytest.param("zh", "en", id="whatever everybody else gets"),
        pytest.param("", "en", id="nobody knows"),
    ],
)
def test_the_nearest_language_is_spoken(shipped: Templates, language: str, spoken: str) -> None:
    assert shipped.word("ack", language, VALUES).language == spoken


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["ack", "busy-ack"])
def test_a_chat_gets_the_short_form(shipped: Templates, name: str, language: str) -> None:
    letter = shipped.word(name, language, VALUES)
    short = shipped.word(name, language, VALUES, chat=True)
    assert short.language == language
    assert len(short.text) < len(letter.text)
    assert "NL-2026-00001" in short.text
    assert "https://help.nordlys.example/s/abc" in short.text
    assert "Nordlys Support" not in short.text  # a chat says who writes


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["ack", "busy-ack"])
@pytest.mark.parametrize("chat", [False, True])
def test_the_number_is_left_where_the_link_is_left_out(
    shipped: Templates, name: str, language: str, chat: bool
) -> None:
    """Where others read along, in a thread, the paragraph with the link is not sent."""
    paragraphs = shipped.word(name, language, VALUES, chat=chat).text.split("\n\n")
    left = [one for one in paragraphs if VALUES.status_link not in one]
    assert any(VALUES.reference in one for one in left)


def test_a_short_form_goes_by_the_name_of_its_letter(shipped: Templates) -> None:
    others = {"go-on-here", "joined", "joined-elsewhere", "wrong-code", "code", "code-sent"}
    others.add("by-link")
    assert shipped.names() == {"ack", "busy-ack", *others}


def test_ones_own_letter_goes_before_our_short_form(tmp_path: Path) -> None:
    (tmp_path / "ack.pl.md").write_text("Cześć {{ customer_name }}!\n")
    templates = load(tmp_path, LANGUAGES, FALLBACK)
    assert templates.word("ack", "pl", VALUES, chat=True).text == "Cześć Jan Kowalski!"
    (tmp_path / "ack.chat.pl.md").write_text("Cześć!\n")
    templates = load(tmp_path, LANGUAGES, FALLBACK)
    assert templates.word("ack", "pl", VALUES, chat=True).text == "Cześć!"
    assert templates.word("ack", "pl", VALUES).text == "Cześć Jan Kowalski!"


def test_without_fallback_the_desks_first_language_is_spoken() -> None:
    assert load(languages=("pl", "en")).word("ack", "zh", VALUES).language == "pl"


def test_the_operators_folder_goes_before(tmp_path: Path) -> None:
    (tmp_path / "ack.pl.md").write_text("Cześć {{ customer_name }}!\n")
    templates = load(tmp_path, LANGUAGES, FALLBACK)
    assert templates.word("ack", "pl", VALUES).text == "Cześć Jan Kowalski!"
    assert "Takk" in templates.word("ack", "nb", VALUES).text
    assert "ack" in templates.names()


def test_a_first_line_may_be_the_subject(tmp_path: Path) -> None:
    (tmp_path / "away.en.md").write_text("Subject: We are away\n\nBack on Monday.\n")
    worded = load(tmp_path).word("away", "en", VALUES)
    assert (worded.subject, worded.text) == ("We are away", "Back on Monday.")


def test_a_name_that_is_not_there(shipped: Templates) -> None:
    with pytest.raises(TemplateFault, match=r"^there is no template 'nack'$"):
        shipped.word("nack", "pl", VALUES)


def test_conditions_and_a_few_filters_are_all_it_takes() -> None:
    text = "{% if customer_name %}Dear {{ customer_name|upper }}{% else %}Hello{% endif %}"
    assert render(text, VALUES) == "Dear JAN KOWALSKI"
    assert render(text, replace(VALUES, customer_name="")) == "Hello"


def test_what_a_customer_wrote_is_never_read_as_a_template() -> None:
    attack = replace(VALUES, subject="{{ desk_name }}{% for x in range(9) %}a{% endfor %}")
    assert render("{{ subject }}", attack) == attack.subject


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param(
            "{{ refrence }}", "no variable 'refrence'; did you mean 'reference'?", id="a slip"
        ),
        pytest.param(
            "{{ x }}",
            "no variable 'x'; there are address, code, customer_name, desk_name, files, reference, "
            "sort, specialist_name, status_link, subject, undo_link",
            id="a stranger",
        ),
        pytest.param(
            "\n{% for x in subject %}{% endfor %}",
            "line 2: a template can't use for",
            id="a loop",
        ),
        pytest.param("{{ 'a' * 9 }}", "line 1: a template can't use mul", id="arithmetic"),
        pytest.param(
            "{{ subject.__class__ }}", "line 1: a template can't use getattr", id="a way out"
        ),
        pytest.param(
            "{% include 'ack' %}", "line 1: a template can't use include", id="another file"
        ),
        pytest.param(
            "{{ subject|center(99999) }}",
            "line 1: no filter 'center'; there are capitalize, default, lower, title, trim, upper",
            id="a filter that grows",
        ),
        pytest.param(
            "{% if %}", "line 1: Expected an expression, got 'end of statement block'", id="if"
        ),
        pytest.param(
            "{% if subject < 1 %}{% endif %}",
            "it can't be filled in: '<' not supported between instances of 'str' and 'int'",
            id="what can't be compared",
        ),
        pytest.param(
            "{% if subject %}{% else %}{{ reference|trim(1) }}{% endif %}",
            "it can't be filled in: strip arg must be None or str",
            id="what fails for a stranger alone",
        ),
        pytest.param("a" * 40_000, "longer than 32768 characters", id="a book"),
    ],
)
def test_what_could_do_harm_is_refused_in_a_sentence(text: str, fault: str) -> None:
    assert faults(text)[0] == fault
    with pytest.raises(TemplateFault):
        render(text, VALUES)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        pytest.param(
            "ack.md",
            b"Hei",
            "{folder}/ack.md: the name needs a language, such as ack.en.md",
            id="?",
        ),
        pytest.param("ack.pl.md", b"\xb3", "{folder}/ack.pl.md: not UTF-8", id="old bytes"),
        pytest.param(
            "ack.pl.md",
            b"{{ password }}",
            "{folder}/ack.pl.md: no variable 'password'; there are address, code, customer_name, "
            "desk_name, files, reference, sort, specialist_name, status_link, subject, undo_link",
            id="a variable of another program",
        ),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TemplateFault) as fault:
        load(tmp_path)
    assert str(fault.value) == sentence.format(folder=tmp_path)

"""Is the language of long and short texts told, and none forced on a foreign one?"""

import pytest

from inquiry.understood import Known
from normalizer.alphabets import possible
from normalizer.common_words import votes
from normalizer.language import languages_of, weighed

DESK = Known(languages=("nb", "pl", "et", "ru", "en"))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hei, jeg får ikke logget inn på portalen.", "nb"),
        ("Når kommer teknikeren i morgen?", "nb"),
        ("Vi har ikkje straum på garden.", "nb"),
        ("Dzień dobry, drukarka nie drukuje.", "pl"),
        ("Proszę o kontakt w sprawie faktury", "pl"),
        ("Tere, internet ei tööta alates hommikust.", "et"),
        ("Palun saatke mulle uus arve", "et"),
        ("Здравствуйте, не работает личный кабинет.", "ru"),
        ("Когда приедет мастер?", "ru"),
        ("Hello, I cannot open the attachment.", "en"),
        ("Where is my invoice for October?", "en"),
    ],
)
def test_the_desk_s_languages(text: str, language: str) -> None:
    assert languages_of(text, DESK)[0] == language


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("Hej, jag kan inte logga in på min sida längre.", "sv"),
        ("Hei, en pääse kirjautumaan palveluun enää ollenkaan.", "fi"),
        ("Доброго дня, не працює особистий кабінет.", "uk"),
        ("Guten Tag, ich kann mich nicht mehr anmelden.", "de"),
    ],
)
def test_a_language_that_nobody_here_speaks_is_recorded_and_not_forced(
    text: str, guess: str
) -> None:
    assert languages_of(text, DESK) == ("", guess)


@pytest.mark.parametrize(
    "text",
    [
        "seit heute früh kein Internet",
        "où est mon colis",
        "olvidé mi contraseña",
        "offerta per 12 monitor Dell",
        "wachtwoord vergeten",
        "kur mano siunta",
        "aizmirsu paroli",
    ],
)
def test_no_short_text_is_forced_into_a_language_of_the_desk(text: str) -> None:
    assert languages_of(text, DESK)[0] == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [("Hello.", "en"), ("okei, ootan", "et"), ("thx, working", "en"), ("sliter med BankID", "nb")],
)
def test_where_nothing_is_sure_the_commonest_words_tell(text: str, language: str) -> None:
    assert languages_of(text, DESK)[0] == language


@pytest.mark.parametrize("text", ["ok", "Ok!", "PDF", "Test", "Kari Berg", "👍"])
def test_where_nothing_tells_nothing_is_said(text: str) -> None:
    assert languages_of(text, DESK)[0] == ""


@pytest.mark.parametrize(
    ("word", "languages"),
    [
        pytest.param("diskusjon", {"nb", "nn"}, id="an end"),
        pytest.param("kvalitet", {"nn"}, id="a beginning"),
        pytest.param("Ambition,", {"en", "de", "fr", "da", "sv"}, id="signs around it"),
        pytest.param("sjon", set(), id="too short"),
        pytest.param("x" * 50 + "sjon", set(), id="too long"),
    ],
)
def test_a_word_that_is_common_nowhere_counts_by_how_it_is_built(
    word: str, languages: set[str]
) -> None:
    counts = votes([word], ("nb", "nn", "da", "sv", "en", "de", "fr", "pl"))
    assert {language for language, count in counts.items() if count} == languages
    assert max(counts.values()) < 1


def test_the_operator_says_what_to_use_instead() -> None:
    known = Known(languages=("nb", "en"), language_fallback={"sv": ("nb", "en")})
    found = languages_of("Hej, jag kan inte logga in på min sida längre.", known)
    assert found == ("nb", "sv")


def test_danish_is_read_as_norwegian() -> None:
    assert languages_of("Hvorfor kan jeg ikke logge på længere?", DESK)[0] == "nb"


def test_a_short_text_is_in_the_customer_s_language() -> None:
    known = Known(languages=("nb", "pl"), customer_language="pl")
    assert languages_of("ok", known)[0] == "pl"
    assert languages_of("Nei, det virker fortsatt ikke hos meg i dag.", known)[0] == "nb"


def test_a_short_text_counts_together_with_its_subject() -> None:
    assert languages_of("Pomocy!", DESK, subject="Nie działa drukarka")[0] == "pl"


@pytest.mark.parametrize("text", ["", "12345", "https://x.example/a", "!!!"])
def test_what_is_no_language_has_none(text: str) -> None:
    assert languages_of(text, DESK) == ("", "")


def test_a_hint_is_believed_if_the_desk_speaks_it() -> None:
    assert languages_of("Hei", DESK, hint="no")[0] == "nb"
    assert languages_of("Когда приедет мастер?", DESK, hint="zz")[0] == "ru"


def test_without_a_desk_every_language_is_looked_for() -> None:
    assert languages_of("Καλημέρα, δεν λειτουργεί το ίντερνετ.", Known()) == ("el", "el")


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("på", ("nb", "sv")),
        ("søk", ("nb",)),
        ("żółć", ("pl",)),
        ("õhtu", ("et",)),
        ("съезд", ("ru",)),
        ("їжак", ("uk",)),
        ("hello", ("nb", "sv", "pl", "et")),
    ],
)
def test_letters_narrow_the_choice(text: str, languages: tuple[str, ...]) -> None:
    assert possible(text, ("nb", "sv", "pl", "et", "ru", "uk")) == languages


POLISH = "Dzień dobry, nie mogę się zalogować do panelu klienta. Proszę o pomoc."


@pytest.mark.parametrize(
    ("text", "program", "expected"),
    [
        pytest.param(POLISH, "en", ("pl", "pl", "the text; code is en"), id="a long text decides"),
        pytest.param(POLISH, "pl-PL", ("pl", "pl", "the text and code"), id="both say the same"),
        pytest.param(POLISH, "fr", ("pl", "pl", ""), id="a program that the desk can't speak to"),
        pytest.param("hei", "en", ("en", "", "code"), id="a short text leaves it to the program"),
        pytest.param("", "nb", ("nb", "", "code"), id="no text"),
        pytest.param(
            "Invoice INV-2024-11 payment failed", "nb", ("nb", "en", "code"), id="too few words"
        ),
        pytest.param(
            "Hej, jag kan inte logga in på min sida längre.",
            "en",
            ("en", "sv", "code"),
            id="nobody here speaks what is written",
        ),
        pytest.param(
            "Hvorfor kan jeg ikke logge på længere?",
            "en",
            ("nb", "da", "the text; code is en"),
            id="somebody here reads what is written",
        ),
    ],
)
def test_text_and_program_are_weighed(
    text: str, program: str, expected: tuple[str, str, str]
) -> None:
    assert weighed(text, DESK, program, "code") == expected

"""Are new words, quotes and signature told apart, in every language and mail program?"""

import time

import pytest

from normalizer.separate import Separated, plain_lines, separate

NEW = "Takk, det virker nå."


def parts(text: str, *sent: str) -> Separated:
    return separate(plain_lines(text), sent)


@pytest.mark.parametrize(
    "introduction",
    [
        pytest.param("On Mon, Oct 12, 2026 at 9:00 AM Ola <o@n.example> wrote:", id="en Gmail"),
        pytest.param("On 12 Oct 2026, at 09:00, Ola Hansen <o@n.example> wrote:", id="en Apple"),
        pytest.param("On 12 Oct 2026, at 09:00, Support wrote:", id="en without an address"),
        pytest.param(
            "On Mon, Oct 12, 2026 at 9:00 AM Ola Hansen of Nordlys <\no@n.example> wrote:",
            id="en wrapped in the address",
        ),
        pytest.param("On Mon, Oct 12, 2026 at 9:00 AM Ola <o@n.example>\nwrote:", id="en wrapped"),
        pytest.param("At 10/12/2026 09:00 AM, you wrote:", id="en, you wrote"),
        pytest.param("man. 12. okt. 2026 kl. 09:00 skrev Ola <o@n.example>:", id="nb Gmail"),
        pytest.param("12. okt. 2026 kl. 09:00 skrev Ola <o@n.example>:", id="nb Apple"),
        pytest.param("Den 12.10.2026 09:00, skrev Ola Hansen:", id="nb Thunderbird"),
        pytest.param("Den man. 12. okt. 2026 kl. 09.00 skrev Ola <o@n.example\n>:", id="da Gmail"),
        pytest.param("Den mån 12 okt. 2026 kl 09:00 skrev Ola <o@n.example>:", id="sv Gmail"),
        pytest.param("ma 12. lokak. 2026 klo 9.00 Ola (o@n.example) kirjoitti:", id="fi Gmail"),
        pytest.param(
            "Kontakt Ola (<o@n.example>) kirjutas kuupäeval E, 12. oktoober\n2026 kell 09:00:",
            id="et Gmail",
        ),
        pytest.param("Mari Tamm kirjutas 12.10.2026 kell 09:00:", id="et Thunderbird"),
        pytest.param("pon., 12 paź 2026 o 09:00 Ola <o@n.example> napisał(a):", id="pl Gmail"),
        pytest.param("W dniu 12.10.2026 o 09:00, Ola Hansen pisze:", id="pl Thunderbird"),
        pytest.param(
            "W dniu 2026-10-12 09:00:12 użytkownik Ola <o@n.example> napisał:", id="pl wp"
        ),
        pytest.param("Dnia 12 października 2026 09:00 Ola <o@n.example> napisał(a):", id="pl onet"),
        pytest.param("пн, 12 окт. 2026 г. в 09:00, Ola <o@n.example>:", id="ru Gmail"),
        pytest.param(
            "Понедельник, 12 октября 2026, 9:00 +03:00 от Ola <o@n.example>:", id="ru Mail"
        ),
        pytest.param('12.10.2026, 09:00, "Ola" <o@n.example>:', id="ru Yandex"),
        pytest.param("12.10.2026 9:00, Ola Hansen пишет:", id="ru Thunderbird"),
        pytest.param('12 жовт. 2026 р. 09:00 "Ola" <o@n.example> пише:', id="uk Gmail"),
        pytest.param(
            "Am Mo., 12. Okt. 2026 um 09:00 Uhr schrieb Ola <o@n.example>:", id="de Gmail"
        ),
        pytest.param(
            "Ola <o@n.example> schrieb am Mo., 12. Okt. 2026\num 09:00 Uhr:", id="de other"
        ),
        pytest.param("Le lun. 12 oct. 2026 à 09:00, Ola <o@n.example> a écrit :", id="fr Gmail"),
        pytest.param(
            "El lun, 12 oct 2026 a las 9:00, Ola (<o@n.example>) escribió:", id="es Gmail"
        ),
        pytest.param(
            "Il giorno lun 12 ott 2026 alle ore 09:00 Ola <o@n.example> ha\nscritto:", id="it"
        ),
        pytest.param("Op ma 12 okt 2026 om 09:00 schreef Ola <o@n.example>:", id="nl Gmail"),
        pytest.param("Em seg., 12 de out. de 2026 às 09:00, Ola <o@n.example> escreveu:", id="pt"),
        pytest.param("po 12. 10. 2026 v 9:00 odesílatel Ola <o@n.example> napsal:", id="cs Gmail"),
        pytest.param("2026年10月12日(月) 9:00 Ola <o@n.example>:", id="ja Gmail"),
        pytest.param("2026-10-12 9:00 GMT+02:00 Ola <o@n.example>:", id="old Gmail"),
        pytest.param(
            "mandag 12. oktober 2026 kl. 09:00:33 CEST skrev Ola <o@n.example> følgende:",
            id="nb Yahoo",
        ),
        pytest.param(
            "Dnia 12 października 2026 09:00:33 CEST, Ola <o@n.example> napisał/a:", id="pl K-9"
        ),
        pytest.param("12 октября 2026 г. 9:00:33 GMT+03:00, Ola <o@n.example> пишет:", id="ru K-9"),
        pytest.param(
            "W dniu pon, 12.10.2026 o godzinie 09∶00 +0200, użytkownik Ola napisał:",
            id="pl Evolution",
        ),
        pytest.param("В Пн, 12/10/2026 в 09:00 +0300, Ola пишет:", id="ru Evolution"),
        pytest.param("W wiadomości z pon, 12-10-2026, godz. 09:00, Ola pisze:", id="pl Opera"),
        pytest.param("Вы писали 12 октября 2026 г., 9:00:33:", id="ru Bat"),
        pytest.param(
            "Wiadomość napisana przez Ola <o@n.example> w dniu 12 paź 2026, o godz. 09:00:",
            id="pl Apple",
        ),
    ],
)
@pytest.mark.parametrize("quote", ["> Virker det?\n>\n> Ola", "Virker det?\n\nOla"])
def test_introductions(introduction: str, quote: str) -> None:
    found = parts(f"{NEW}\n\n{introduction}\n\n{quote}\n")
    assert found.new_text == NEW
    assert found.quoted_text.startswith(introduction.split("\n", maxsplit=1)[0])
    assert found.signature == ""


@pytest.mark.parametrize(
    "introduction",
    [
        "Ola Hansen skrev:",
        "Ola kirjutas:",
        "Ola пишет:",
        "Użytkownik Ola napisał:",
        "Cytowanie Ola <o@n.example>:",
        "Siterer Ola <o@n.example>:",
        "Цитирую Ola <o@n.example>:",
        "Quoting Ola <o@n.example>:",
    ],
)
def test_an_introduction_without_a_date_needs_a_marked_quote(introduction: str) -> None:
    assert parts(f"{NEW}\n\n{introduction}\n> Virker det?").new_text == NEW
    unmarked = f"{NEW}\n\n{introduction}\n\nVirker det?"
    assert parts(unmarked).new_text == unmarked


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(
            "From: Ola\nSent: Monday, 12 October 2026 09:00\nTo: Kari\nSubject: Hei", id="en"
        ),
        pytest.param("*From:* Ola\n*Sent:* Monday\n*To:* Kari\n*Subject:* Hei", id="en bold"),
        pytest.param(
            "________________________________\nFrom: Ola\nSent: now\nTo: K\nSubject: Hei",
            id="en under a rule",
        ),
        pytest.param("-----Original Message-----\nFrom: Ola\nTo: Kari", id="en old Outlook"),
        pytest.param(
            "---------- Forwarded message ---------\nFrom: Ola <o@n.example>", id="en forward"
        ),
        pytest.param("Begin forwarded message:\n\nFrom: Ola <o@n.example>", id="en Apple forward"),
        pytest.param(
            "Fra: Ola\nSendt: mandag 12. oktober 2026 09:00\nTil: Kari\nEmne: Hei", id="nb"
        ),
        pytest.param("Od: Ola\nWysłano: poniedziałek\nDo: Jan\nTemat: Hei", id="pl"),
        pytest.param("-------- Wiadomość oryginalna --------\nOd: Ola", id="pl Samsung"),
        pytest.param("Saatja: Ola\nSaadetud: esmaspäev\nAdressaat: Tiina\nTeema: Hei", id="et"),
        pytest.param("От: Ola\nОтправлено: понедельник\nКому: Иван\nТема: Hei", id="ru"),
        pytest.param("-------- Пересылаемое сообщение --------\n12.10.2026", id="ru forward"),
        pytest.param("Von: Ola\nGesendet: Montag\nAn: Max\nBetreff: Hei", id="de"),
        pytest.param("De : Ola\nEnvoyé : lundi\nÀ : Anne\nObjet : Hei", id="fr"),
        pytest.param("Från: Ola\nSkickat: den 12 oktober 2026\nTill: Sven\nÄmne: Hei", id="sv"),
        pytest.param(
            "Lähettäjä: Ola\nLähetetty: maanantai\nVastaanottaja: Pekka\nAihe: Hei", id="fi"
        ),
        pytest.param("差出人: Ola\n送信日時: 2026年10月12日\n宛先: 田中\n件名: Hei", id="ja"),
        pytest.param("## Skriv svaret ditt over denne linjen ##", id="our marker"),
    ],
)
def test_older_mails_without_marks(block: str) -> None:
    found = parts(f"{NEW}\n\n{block}\n\nVirker det?\n")
    assert found.new_text == NEW
    assert found.quoted_text.endswith("Virker det?")


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param("-- \nKari Berg\nFjell AS", id="the delimiter"),
        pytest.param("--\nKari Berg", id="the delimiter, its blank lost"),
        pytest.param("Mvh\nKari", id="nb"),
        pytest.param("Med vennlig hilsen\nKari Berg\nTlf. 22 33 44 55", id="nb in full"),
        pytest.param("Hilsen Kari", id="nb on one line"),
        pytest.param("Med vennlig hilsen / Best regards\nKari Berg", id="nb and en"),
        pytest.param("Всего хорошего,\nИван Петров", id="ru all the best"),
        pytest.param("Kena päeva!\nTiina", id="et nice day"),
        pytest.param("Pobierz aplikację Outlook dla systemu iOS", id="pl Outlook"),
        pytest.param("Получить Outlook для Android", id="ru Outlook"),
        pytest.param("Pozdrawiam,\nJan Wójcik", id="pl"),
        pytest.param("Z poważaniem\nJan Wójcik\nBiuro sp. z o.o.", id="pl in full"),
        pytest.param("Lugupidamisega\nTiina Kask", id="et"),
        pytest.param("С уважением,\nИван Петров", id="ru"),
        pytest.param("Best regards,\nAnn Moore", id="en"),
        pytest.param("Sendt fra min iPhone", id="nb phone"),
        pytest.param("Sent from my Galaxy", id="en phone"),
        pytest.param("Get Outlook for Android<https://aka.example/x>", id="en Outlook"),
        pytest.param("Wysłano z iPhone'a", id="pl phone"),
        pytest.param("Saadetud minu iPhone'ist", id="et phone"),
        pytest.param("Отправлено с iPhone", id="ru phone"),
        pytest.param("/Kari", id="sv"),
        pytest.param("Sent with Proton Mail secure email.", id="a full stop"),
        pytest.param("Wysłano z mojego smartfona Galaxy.", id="pl full stop"),
        pytest.param("-----BEGIN PGP SIGNATURE-----\n\niQEz\n=AbCd", id="PGP"),
        pytest.param(
            "This email and any attachments are confidential.\nDo not copy.", id="disclaimer"
        ),
        pytest.param("Mvh\nKari\n\nSendt fra min iPhone", id="two of them"),
        pytest.param(
            "Med vennlig hilsen\n\nKari Berg\nDaglig leder\nFjell AS", id="air above the name"
        ),
        pytest.param("Z poważaniem,\ndr inż. Jan Wójcik", id="pl titles"),
        pytest.param("С уважением,\nПетров И.В., бухгалтер", id="ru initials and a role"),
        pytest.param("Best regards\nJan van der Berg | IT", id="small words inside a name"),
        pytest.param("mvh kari", id="nb without capitals"),
        pytest.param("pozdrawiam\njan wójcik", id="pl without capitals"),
        pytest.param("Terv\nMart", id="et in short"),
        pytest.param("Vänligen\nÅsa", id="sv"),
        pytest.param("С уважением, Иван", id="ru on one line"),
        pytest.param("С уважением, главный бухгалтер Иванова М.П.", id="ru a role before the name"),
        pytest.param("\u2063Få BlueMail for Android \u200b", id="letters nobody sees around it"),
        pytest.param("Mvh\nKari\n\nQuestions?", id="a slogan"),
        pytest.param("Mvh\nKari\n\nHar du sett www.fjell.example i dag, kjære?", id="a link"),
        pytest.param("Terv. Mikko", id="fi in short"),
        pytest.param("Wysyłane z programu Outlook dla systemu iOS", id="pl Outlook, new"),
        pytest.param("Надіслано з мого телефону", id="uk phone"),
        pytest.param("Nosūtīts no mana tālruņa", id="lv phone"),
    ],
)
def test_signatures(signature: str) -> None:
    found = parts(f"{NEW}\n\n{signature}\n")
    assert found.new_text == NEW
    assert found.signature == signature


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "Jeg skrev til dere 12.03.2026 om følgende:\n\nSaldoen er feil.", id="nb wrote"
        ),
        pytest.param("On the other hand, it works.\nOn average at least.", id="en on"),
        pytest.param("Times:\n2026-10-12 09:00:\n12.10.2026 09:00", id="times"),
        pytest.param("The mail was sent from my iPhone app to all users.", id="en sent from"),
        pytest.param("Sent from my desk, which is better than a phone.", id="a joke"),
        pytest.param("A -- B\n----\nC", id="dashes"),
        pytest.param("Best regards to your team, they were great!", id="regards in a sentence"),
        pytest.param("From: Oslo\nTo: Bergen\nWhen: tomorrow", id="a journey"),
        pytest.param("Fra: Oslo\nTil: Bergen\nDato: i morgen", id="a journey, nb"),
        pytest.param("Please write to a@b.example or c@d.example:\n\nthey know.", id="addresses"),
        pytest.param("Thanks,\nAnn", id="thanks are words"),
        pytest.param("Od: data początkowa\nDo: data końcowa\nTemat: opis", id="a form, pl"),
        pytest.param("Where is it?\n\nSent from Oslo on Monday.", id="sent from a place"),
        pytest.param("a@b.example wrote:  nothing", id="no date"),
        pytest.param("We need:\nDell Dock\nLG Monitor", id="a product, no regards"),
        pytest.param("It works.\nHave a nice day, and call me Monday", id="a wish, then more"),
        pytest.param("Our hotel:\n\nBest Western Oslo", id="the best, no regards"),
        pytest.param("It has not come yet.\n\nSent by DHL on Monday", id="sent by post"),
        pytest.param("Name: Ann\n_____\nTown: Oslo\n_____\nWish: fibre", id="a form"),
        pytest.param("| a | b |\n| 1 | 2 |", id="a table"),
    ],
)
def test_what_only_looks_like_a_quote_or_a_signature_is_new(text: str) -> None:
    assert parts(text) == Separated(text, "", "")


@pytest.mark.parametrize(
    "postscript",
    [
        "PS: Ring før torsdag, takk.",
        "P.S. Ring før torsdag, takk.",
        "P. S.: Ring før torsdag, takk.",
        "ЗЫ: Ring før torsdag, takk.",
    ],
)
@pytest.mark.parametrize("above", ["Mvh\nKari", "-- \nKari Berg\nFjell AS"])
def test_a_postscript_is_no_part_of_the_signature(above: str, postscript: str) -> None:
    found = parts(f"{NEW}\n\n{above}\n\n{postscript}\n\nSendt fra min iPhone")
    assert found.new_text == f"{NEW}\n\n{postscript}"
    assert found.signature == f"{above}\n\nSendt fra min iPhone"


def test_a_question_below_the_name_is_no_part_of_the_signature() -> None:
    found = parts(f"{NEW}\n\nMvh\nKari\nFjell AS\n\nFikk dere forresten bildet fra meg?")
    assert found.new_text == f"{NEW}\n\nFikk dere forresten bildet fra meg?"
    assert found.signature == "Mvh\nKari\nFjell AS"


def test_a_question_below_the_delimiter_is_the_signature_s() -> None:
    signature = "-- \nKari\n\nWho is it that reads all of these lines?"
    assert parts(f"{NEW}\n\n{signature}").signature == signature


def test_a_company_that_is_called_ps_is_no_postscript() -> None:
    signature = "Mvh\nKari Berg\nPS Elektro AS"
    assert parts(f"{NEW}\n\n{signature}").signature == signature


@pytest.mark.parametrize(
    ("text", "new"),
    [
        pytest.param(
            "> a?\n\nYes.\n\n> b?\n\nNo.", "> a?\n\nYes.\n\n> b?\n\nNo.", id="between quotes"
        ),
        pytest.param("> a?\n\nYes.", "Yes.", id="below the quote"),
        pytest.param("Yes.\n\n> a?", "Yes.", id="above the quote"),
        pytest.param("Hi,\n\n> a?\n\nYes.", "Hi,\n\n> a?\n\nYes.", id="around the quote"),
        pytest.param("> a?\n\nYes.\n\n> b?\n> c?", "Yes.", id="the rest is not answered"),
        pytest.param("> only\n> quotes", "", id="only quotes"),
        pytest.param("Yes.\n\n> a?\n\n-----------\n", "Yes.", id="a rule below the quote"),
        pytest.param(
            "Yes.\n\n  On 12 Oct 2026 at 9:12, Ola<o@n.example> wrote:   a?\nb?",
            "Yes.",
            id="the quote beside its introduction",
        ),
        pytest.param("", "", id="nothing"),
        pytest.param(
            "On Mon, 12 Oct 2026 09:00:33 +0200\nOla Hansen <o@n.example> wrote:\n\n> a?\n\nYes.",
            "Yes.",
            id="the date on a line of its own",
        ),
        pytest.param(
            "Yes.\n\n----------------\nКому: Анна (a@x.example);\nТема: Вопрос;\n"
            '12.10.2026, 09:00, "Ola" <o@n.example>:\n\na?',
            "Yes.",
            id="labels above the introduction",
        ),
        pytest.param(
            "Yes.\n-------- Oryginalna wiadomość --------Od: Ola <o@n.example> Data: 12.10\na?",
            "Yes.",
            id="a separator that ran into the header",
        ),
        pytest.param(
            "Yes.\n\n\u202bבתאריך יום ב׳, 12 באוק׳ 2026 ב-9:00 מאת \u202aOla\u202c\u200f "
            "<\u202ao@n.example\u202c\u200f>:\u202c\n\n> a?",
            "Yes.",
            id="marks of direction",
        ),
        pytest.param(
            "I get this error here:\n\n> 4711: unknown\n> try again",
            "I get this error here:\n\n> 4711: unknown\n> try again",
            id="shown, not answered",
        ),
        pytest.param(
            "This is what you asked:\n\nFrom: Oslo\nTo: Bergen\nDate: 14.10.2026\nSubject: Trip",
            "This is what you asked:\n\nFrom: Oslo\nTo: Bergen\nDate: 14.10.2026\nSubject: Trip",
            id="a list that looks like a header",
        ),
        pytest.param(
            "I was sent this one today:\n\nFrom: Ola <o@n.example>\nSent: 12.10.2026\nTo: K\n"
            "Subject: Hi\n\na?",
            "I was sent this one today:",
            id="a mail that is shown is a quote",
        ),
        pytest.param(
            "> a long quoted line that a mail program has broken into two pieces, the\n"
            "second without its mark\n> more\n\nYes.",
            "Yes.",
            id="a quote badly wrapped",
        ),
    ],
)
def test_answers_and_quotes(text: str, new: str) -> None:
    assert parts(text).new_text == new


def test_an_introduction_is_quoted_even_where_its_quote_is_kept() -> None:
    intro = "On Mon, Oct 12, 2026 at 9:00 AM Ola <o@n.example> wrote:"
    found = parts(f"Hi,\n{intro}\n> a?\n\nYes.\n")
    assert found.new_text == "Hi,\n> a?\n\nYes."
    assert found.quoted_text == intro


def test_what_we_sent_is_a_quote_even_without_a_mark() -> None:
    sent = (
        "Hei Kari,\n\nvi har sendt deg et nytt passord, og du kan logge inn igjen nå.\n\nHilsen Ola"
    )
    text = "Fint!\n\nHei Kari,\nvi har sendt deg et nytt passord,\nog du kan logge inn igjen nå.\n"
    found = parts(text, sent)
    assert found.new_text == "Fint!"
    assert found.quoted_text.startswith("Hei Kari,")


SENT = (
    "Hei Tor, vi trenger litt mer fra deg:\n\nHvilken dato flytter du ut av leiligheten?\n\n"
    "Hva viser måleren?\n\nMed vennlig hilsen\nOla"
)
ANSWERED = (
    "Hei Tor, vi trenger litt mer fra deg:\n\nHvilken dato flytter du ut av leiligheten?\n\n"
    "1. november\n\nHva viser måleren?\n\n45112 kWh\n\n"
)
HEADER = (
    "Fra: Ola <o@n.example>\nSendt: mandag 12. oktober 2026 09:00\nTil: Tor\nEmne: Flytting\n\n"
)


def test_answers_inside_of_what_we_sent_are_new_words() -> None:
    found = parts(f"Se under.\n\n{HEADER}{ANSWERED}Med vennlig hilsen\nOla", SENT)
    assert found.new_text == f"Se under.\n{ANSWERED.strip()}"
    assert found.quoted_text == f"{HEADER.strip()}\n\n\nMed vennlig hilsen\nOla"


def test_answers_inside_of_a_marked_quote_are_new_words_though_marked() -> None:
    quote = "\n".join(f"> {line}".rstrip() for line in ANSWERED.split("\n"))
    introduction = "man. 12. okt. 2026 kl. 09:00 skrev Ola <o@n.example>:"
    found = parts(f"{introduction}\n\n{quote}\n> Med vennlig hilsen\n> Ola", SENT)
    assert "> 1. november" in found.new_text.split("\n")
    assert "> 45112 kWh" in found.new_text.split("\n")
    assert found.quoted_text.startswith(introduction)


@pytest.mark.parametrize(
    "quoted",
    [
        pytest.param(f"{HEADER}{SENT}", id="nothing inside"),
        pytest.param(
            f"{HEADER}We thank you for the new address.\n\nOla\n\n{HEADER}{ANSWERED}Ola",
            id="answers to an older mail",
        ),
        pytest.param(
            "> Takk!\n>\n" + "\n".join(f">> {line}" for line in ANSWERED.split("\n")),
            id="answers in a deeper quote",
        ),
        pytest.param(
            f"{HEADER}{SENT.replace('Hva viser', '[cid:image001.png@01]' + chr(10) + 'Hva viser')}",
            id="a picture",
        ),
        pytest.param(
            f"{HEADER}{SENT.replace('Hva viser', 'Hvor mye viser')}", id="words that were changed"
        ),
    ],
)
def test_what_stands_otherwise_in_a_quote_of_ours_stays_quoted(quoted: str) -> None:
    assert parts(f"{NEW}\n\n{quoted}", SENT, "We thank you for the new address.").new_text == NEW


def test_the_name_that_we_also_greet_is_the_customer_s_own_above_our_words() -> None:
    found = parts(f"Den 1. november.\n\nTor\n\n{SENT}", SENT)
    assert found.new_text == "Den 1. november.\n\nTor"
    assert found.quoted_text == SENT


def test_a_short_answer_that_we_also_used_is_no_quote() -> None:
    assert parts("Hilsen", "Hilsen Ola").new_text == "Hilsen"


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param("a:\n" * 50_000, id="colons"),
        pytest.param("<" * 200_000, id="angles"),
        pytest.param("On 12.10.2026 " * 20_000, id="dates"),
        pytest.param("From: a\n" * 50_000, id="labels"),
        pytest.param("> \n" * 100_000, id="quotes"),
        pytest.param("-- \n" * 50_000, id="delimiters"),
        pytest.param("wrote:\n" * 50_000, id="verbs"),
        pytest.param("____\n----\n" * 30_000, id="rules"),
        pytest.param("x" * 2_000_000, id="one long line"),
        pytest.param(" " * 500_000 + "x", id="blanks"),
    ],
)
def test_hostile_texts_take_little_time(hostile: str) -> None:
    began = time.process_time()
    parts(hostile, "something we sent before, long enough to matter")
    assert time.process_time() - began < 5

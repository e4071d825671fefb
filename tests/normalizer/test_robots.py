"""Are programs without headers known by their words, and people who use the same left alone?"""

import pytest

from normalizer.robots import said_so

VACATION = {
    "Fraværsassistent: Faktura": "Jeg er borte fra kontoret frem til mandag.",
    "Fravær: Faktura": "Jeg er ikke på jobb i dag, tilbake 5. mai.",
    "SV: Automatisk svar: Hei": "Jeg er på ferie til mandag.",
    "Ferie: Re: Hei": "Dette er et automatisk svar. Jeg er på ferie.",
    "Automatisk svar: Hvor er fakturaen?": "Jeg er på ferie. Haster det? Ring 22 33 44 55.",
    "Urlop: Re: Hei": "Jestem na urlopie do poniedziałku.",
    "Urlop Re: Faktura": "Jestem na urlopie do piątku.",
    "Nieobecność w biurze: Faktura": "W dniach 5-9.10 zastępuje mnie Anna.",
    "Puhkusel: Re: Arve": "Olen puhkusel kuni esmaspäevani.",
    "Automaatne teade: Arve": "Täname! Vastame esimesel võimalusel.",
    "В отпуске: Счёт": "Я в отпуске до понедельника.",
    "Нет на рабочем месте: Счёт": "Отсутствую на рабочем месте до среды.",
    "Отсутствие на рабочем месте": "Здравствуйте, меня не будет в офисе с 1 по 5 мая.",
    "OOO: Invoice": "I’m out of the office this week.",
    "Auto: Invoice": "Thanks for your mail. I'm away.",
    "[Auto-Reply] Invoice": "Thank you for contacting us.",
    "Out of Office Re: Invoice": "I will be back on Monday.",
    "Kari Moe is out of the office.": "I will be out of the office starting 5 October.",
    "AUTO: Kari Moe is out of the office (returning 12.10.2026)": "I am out of the office.",
    "SV: Faktura (automatisk svar)": "Jeg er på ferie.",
}


@pytest.mark.parametrize(("subject", "text"), VACATION.items())
def test_vacation_mail_is_known_by_its_subject(subject: str, text: str) -> None:
    assert said_so(subject, text)


@pytest.mark.parametrize(
    "text",
    [
        "Hei, dette er et automatisk svar på din henvendelse.",
        "Denne e-posten er sendt automatisk og kan ikke besvares.",
        "Dziękujemy. Wiadomość wygenerowana automatycznie, prosimy na nią nie odpowiadać.",
        "Teie kiri on kätte saadud. See on automaatne teade, palun ärge sellele vastake.",
        "Это автоматическое сообщение. Ваше обращение зарегистрировано под номером 4711.",
        "This mailbox is not read. This is an automatically generated e-mail.",
        "Your request has been received. ***This is an automated message, do not reply***",
        "I am away.\n\nNote: This is an automated response to your message.",
        "Please note that this is an automated reply.",
    ],
)
def test_a_program_is_known_by_a_sentence_of_its_own(text: str) -> None:
    assert said_so("Re: Faktura", text)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Ticket 4711 has been assigned to you", "Hi Kari,\nticket 4711 has been assigned to you."),
        ("Du er tildelt sak 12", "Hei! Du er tildelt sak 12 i køen."),
        ("Zgłoszenie 12 zostało Ci przydzielone", "Zgłoszenie 12 zostało Ci przydzielone."),
        ("Pöördumine 12 on määratud teile", "Pöördumine 12 on määratud teile."),
        ("Вам назначена заявка 12", "Здравствуйте! Вам назначена заявка 12."),
    ],
)
def test_another_desk_tells_of_work_in_its_subject_and_below(subject: str, text: str) -> None:
    assert said_so(subject, text)
    assert not said_so(f"Re: {subject}", "Hei, hva skal jeg gjøre med denne?")
    assert not said_so(subject, "Hei, hva betyr denne meldingen?")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("SV: Faktura", "Hei, fikk bare et automatisk svar i går. Når kommer fakturaen?"),
        ("Automatisk svar fungerer ikke", "Vårt automatiske svar i Outlook sendes ikke ut."),
        ("Ferie", "Hei, jeg er på ferie neste uke. Kan jeg få utsatt betalingen?"),
        ("Dør", "Hei. Dette er en automatisk døråpner som ikke virker."),
        ("SV: Automatisk svar: Hei", "Takk, da venter jeg til mandag."),
        ("Re: Faktura", "Dzień dobry, dostałem tylko automatyczną odpowiedź."),
        ("Automatyczna odpowiedź nie działa", "Jak ją włączyć w Outlooku?"),
        ("Automaatvastus", "Kuidas seadistada automaatvastus?"),
        ("Автоответчик не работает", "Пишет «это автоматический ответ» всем подряд."),
        ("Re: Invoice", 'All I got is "This is an automated response". Please look at this.'),
        ("Re: Invoice", "Can you help? Here is what I got:\nThis is an automated response."),
        ("Re: Invoice", "Your system writes:\n\nThis is an automated response.\n\nStop it."),
        ("Out of office: how do I set it up?", "Could you tell me how that is done?"),
        ("Setting out of office", "I am on vacation from Monday and want it to be told."),
        ("Auto: oil change", "The car needs one."),
        ("What was assigned to you", "Which tickets were assigned to you last week?"),
    ],
)
def test_a_person_may_use_the_same_words(subject: str, text: str) -> None:
    assert not said_so(subject, text)

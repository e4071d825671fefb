"""What the bot says by itself, in the language of whoever it talks to."""

from collections.abc import Mapping, Sequence

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "greeting": "Hello, this is {desk}. Write what it is about, and send pictures or files if "
        "that helps. A person answers here.\n\n/status – how your requests stand\n"
        "/human – a person is to look at it soon",
        "nothing": "You have no requests here yet. Just write what it is about.",
        "status": "Your latest requests:",
        "in-private": "For that please write to me alone: {link}",
        "solved": "Solved",
        "not-yet": "Not yet",
        "thanks": "Thank you for telling us!",
        "new": "received",
        "working": "we are working on it",
        "waiting-for-customer": "we are waiting for your answer",
        "done": "resolved",
    },
    "nb": {
        "greeting": "Hei, dette er {desk}. Skriv hva det gjelder, og send gjerne bilder eller "
        "filer. Et menneske svarer her.\n\n/status – hvordan det går med henvendelsene dine\n"
        "/human – be om at et menneske ser på det snart",
        "nothing": "Du har ingen henvendelser her ennå. Bare skriv hva det gjelder.",
        "status": "De siste henvendelsene dine:",
        "in-private": "Skriv til meg alene om det: {link}",
        "solved": "Løst",
        "not-yet": "Ikke ennå",
        "thanks": "Takk for at du sa fra!",
        "new": "mottatt",
        "working": "vi jobber med saken",
        "waiting-for-customer": "vi venter på svar fra deg",
        "done": "løst",
    },
    "pl": {
        "greeting": "Dzień dobry, tu {desk}. Proszę napisać, o co chodzi, i dołączyć zdjęcia lub "
        "pliki, jeśli to pomoże. Odpowie tu człowiek.\n\n/status – stan zgłoszeń\n"
        "/human – niech wkrótce zajmie się tym człowiek",
        "nothing": "Nie ma tu jeszcze żadnych zgłoszeń. Wystarczy napisać, o co chodzi.",
        "status": "Ostatnie zgłoszenia:",
        "in-private": "W tej sprawie proszę napisać do mnie prywatnie: {link}",
        "solved": "Rozwiązane",
        "not-yet": "Jeszcze nie",
        "thanks": "Dziękujemy za informację!",
        "new": "przyjęte",
        "working": "pracujemy nad tym",
        "waiting-for-customer": "czekamy na odpowiedź",
        "done": "rozwiązane",
    },
    "et": {
        "greeting": "Tere, siin {desk}. Kirjutage, milles asi on, ja saatke pilte või faile, kui "
        "sellest on abi. Siin vastab inimene.\n\n/status – kuidas teie pöördumistega on\n"
        "/human – inimene vaatab selle peagi üle",
        "nothing": "Teil ei ole siin veel ühtegi pöördumist. Kirjutage lihtsalt, milles asi on.",
        "status": "Teie viimased pöördumised:",
        "in-private": "Selleks kirjutage mulle eraviisiliselt: {link}",
        "solved": "Lahendatud",
        "not-yet": "Veel mitte",
        "thanks": "Aitäh teatamast!",
        "new": "kätte saadud",
        "working": "tegeleme sellega",
        "waiting-for-customer": "ootame teie vastust",
        "done": "lahendatud",
    },
    "ru": {
        "greeting": "Здравствуйте, это {desk}. Напишите, в чём дело; можно прислать снимки и "
        "файлы. Здесь отвечает человек.\n\n/status – как обстоят ваши обращения\n"
        "/human – чтобы человек скоро посмотрел",
        "nothing": "У вас здесь пока нет обращений. Просто напишите, в чём дело.",
        "status": "Ваши последние обращения:",
        "in-private": "Об этом напишите мне лично: {link}",
        "solved": "Решено",
        "not-yet": "Ещё нет",
        "thanks": "Спасибо, что сообщили!",
        "new": "получено",
        "working": "мы этим занимаемся",
        "waiting-for-customer": "мы ждём вашего ответа",
        "done": "решено",
    },
}
STATES: Mapping[str, str] = {
    "new": "new",
    "waiting-for-customer": "waiting-for-customer",
    "resolved": "done",
    "closed": "done",
}
"""How an inquiry stands, as customers read it; all else is being worked on."""


def words_in(wish: str, languages: Sequence[str]) -> Mapping[str, str]:
    """Return the words for a person: in their language if the desk has it, else in the desk's."""
    known = [language for language in languages if language in WORDS] or ["en"]
    code = wish.partition("-")[0].lower()
    return WORDS[code if code in known else known[0]]


def language_for(wish: str, languages: Sequence[str]) -> str:
    """Return which of the desk's languages a person is addressed in; "" where it has none."""
    code = wish.partition("-")[0].lower()
    return code if code in languages else next(iter(languages), "")

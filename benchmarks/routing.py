"""What deciding costs with ten rules and with thousands, and what loading them does.

Rules of every kind that a large desk has: word lists in several languages, words of their own,
patterns, addresses, headers, attributes, hours, what was decided above. A tenth of the messages
match a rule in the middle, the others only the last one.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.configuration import Configuration
from config.load import load
from deskbridge.kinds import SettingsByKind
from inquiry.decision import Facts
from inquiry.journey import ChannelName
from inquiry.understood import Message, Party
from router.decide import decide

SIZES = (10, 100, 1_000, 5_000)
ROUNDS = 7
MESSAGES = 60
HEAD = """version: 1
desk: {name: Bench, url: http://127.0.0.1:8080, languages: [en, nb, pl, et, ru], data_dir: data}
channels:
  mail: {kind: smtp, listen: 127.0.0.1:2525, addresses: [support@nordlys.example]}
specialists:
  ola: {name: Ola Hansen, email: ola@nordlys.example, languages: [en, nb, pl, et, ru]}
queues:
  first-line: {members: [ola]}
calendars:
  office: {timezone: Europe/Oslo, open: {mon-fri: 08:00-16:00}}
customers:
  attributes: {contract: [basic, gold], vip: boolean}
"""
KINDS = (
    "{{mentions: list-{n}}}",
    "{{text: 'never {n} said'}}",
    "{{subject: '/\\bORD-{n}-(?P<order>[0-9]{{8}})\\b/i'}}",
    "{{body: '/\\bсчёт[-–]{n}\\b/i'}}",
    "{{from: customer-{n}.example}}",
    "{{mentions: list-{n}, customer: {{contract: gold}}, outside: office}}",
    "{{all: [{{mentions: list-{n}}}, {{not: {{subject: 'weather {n}'}}}}], priority: high}}",
    "{{header: {{x-shop: 'shop {n}'}}}}",
    "{{any: [{{subject: 'thing {n}'}}, {{body: 'matter {n}*'}}], language: [pl, nb]}}",
    "{{customer: {{vip: yes}}, subject: 'special {n}'}}",
)
TEXT = """Hello, I have a question about the router that you sent me last week. It worked for
three days and since this morning the lamp is red. I have tried to turn it off and on again, and I
have read the manual, but nothing has helped. Could somebody please call me? My number is in my
account. Vennlig hilsen, Kari. Proszę o pomoc. Не работает. Ei tööta. """
WORDS = "{{en: [word{n}, thing{n}*], nb: [ord{n}*], pl: [słowo {n}], ru: [слово{n}*]}}"


def main() -> None:
    """Measure and print ratios to ten rules."""
    with tempfile.TemporaryDirectory(prefix="deskbridge-bench-") as folder:
        configurations = {size: loaded(Path(folder), size) for size in SIZES}
    taken: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(ROUNDS):
        for size, (configuration, _) in configurations.items():
            taken[size].append(_round(configuration, size))
    least = {size: statistics.median(times) for size, times in taken.items()}
    for size in SIZES:
        seconds = configurations[size][1]
        print(
            f"  {size:5} rules  {least[size] * 1e6:6.0f} µs a message"
            f"  {least[size] / least[SIZES[0]]:.2f} x ten rules   loaded in {seconds:.2f} s"
        )
    print(f"routing: 1000 rules cost {least[1_000] / least[10]:.2f} x what 10 cost (at most 2)")


def loaded(folder: Path, size: int) -> tuple[Configuration, float]:
    """Load so many rules; return how long that took, too."""
    file = folder / f"{size}.yaml"
    file.write_text(_text(size), "utf-8")
    began = time.perf_counter()
    configuration = load(file, SettingsByKind())
    return configuration, time.perf_counter() - began


def _text(size: int) -> str:
    lists = "".join(f"  list-{n}: {WORDS.format(n=n)}\n" for n in range(size))
    rules = "".join(
        f"  - {{name: r{n}, when: {KINDS[n % len(KINDS)].format(n=n)}, then: {{category: c{n}}}}}\n"
        for n in range(size - 1)
    )
    last = "  - {name: rest, when: always, then: {category: other, queue: first-line}}\n"
    return f"{HEAD}words:\n{lists}rules:\n{rules}{last}"


def messages(size: int, count: int = MESSAGES) -> Iterator[tuple[Message, Facts]]:
    """Make messages of which every tenth matches a rule in the middle."""
    for number in range(count):
        hit = f" word{size // 20 * 10}" if number % 10 == 0 else ""
        text = TEXT + hit
        message = Message(
            sender=Party(f"kari{number}@kunde.example", "Kari"),
            subject=f"The lamp is red {number}",
            text=text,
            new_text=text,
            language="en",
            headers={"x-mailer": "Thunderbird"},
        )
        now = datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(minutes=number)
        facts = Facts(now=now, channel=ChannelName("mail"), attributes={"contract": "gold"})
        yield message, facts


def _round(configuration: Configuration, size: int) -> float:
    written = list(messages(size))
    began = time.perf_counter()
    for message, facts in written:
        decide(configuration.rules, message, facts)
    return (time.perf_counter() - began) / len(written)


if __name__ == "__main__":
    main()

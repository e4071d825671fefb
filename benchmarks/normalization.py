"""How quickly mail is understood, beside what Python's own library needs for far less.

Reported, not judged. One process on one core, the same mails, rounds in turns:

* ours: everything that ``normalize`` does, with language, quotes, signature and sanitised HTML
* email: ``email`` with ``policy.default``: parse, the headers that people see, every part's text
  or bytes, and tags taken out of HTML by one pattern
"""

import argparse
import email.message
import email.policy
import os
import re
import statistics
import time
from collections.abc import Callable, Sequence
from email import message_from_bytes
from html import unescape
from pathlib import Path

import normalizer.preloaded  # noqa: F401 - as in a worker
from inquiry.journey import MAIL, Envelope
from inquiry.understood import Known
from normalizer.normalize import normalize

GOLDEN = Path(__file__).parents[1] / "tests" / "mails"
KNOWN = Known(languages=("nb", "pl", "et", "ru", "en"))
SHOWN = ("From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References")
WORDS = (
    "The printer in the hall prints everything twice since this morning.",
    "Skriveren i gangen skriver ut alt to ganger siden i dag tidlig.",
    "Drukarka na korytarzu od rana drukuje wszystko dwa razy.",
    "Koridoris olev printer trükib hommikust saati kõike kaks korda.",
    "Принтер в коридоре с утра печатает всё по два раза.",
)
MAIL_OF_5_KB = """\
From: Kari Nordmann <kari.{number}@fjell.example>
To: help@desk.nordlys.example
Subject: =?utf-8?q?Skriveren_p=C3=A5_kontoret_{number}?=
Date: Mon, 05 Jan 2026 10:00:00 +0100
Message-ID: <{number}@fjell.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="part{number}"

--part{number}
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{text}

--{SPACE}
Kari Nordmann

--part{number}
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 8bit

<html><head><style>p {{margin: 0}}</style></head><body>
{html}
<div>-- <br>Kari Nordmann</div></body></html>

--part{number}--
"""


def main() -> None:
    """Measure, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    golden = [path.read_bytes() for path in sorted(GOLDEN.glob("*.eml"))]
    print(f"milliseconds of CPU per mail, median of {rounds} rounds  ours  email  ratio")
    _compare("golden mails", golden, rounds)
    _compare("text and HTML, 5 KB", [a_mail(number) for number in range(100)], rounds)


def a_mail(number: int) -> bytes:
    """Write a mail of about 5 KB as mail programs do: the same words as text and as HTML."""
    sentences = [WORDS[number % len(WORDS)]] * 27
    text = "\n".join(sentences)
    html = "\n".join(f'<p class="line" dir="ltr"><b>{each}</b></p>' for each in sentences)
    written = MAIL_OF_5_KB.format(SPACE=" ", number=number, text=text, html=html)
    return written.replace("\n", "\r\n").encode()


def _compare(name: str, mails: Sequence[bytes], rounds: int) -> None:
    _spent(_ours, mails)  # what is loaded once is no cost of a mail
    pairs = [(_spent(_ours, mails), _spent(_library, mails)) for _ in range(rounds)]
    ours, library = (statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = statistics.median(theirs / mine for mine, theirs in pairs)
    size = sum(map(len, mails)) / len(mails)
    print(
        f"{name:24} {len(mails):4} of {size:6.0f} bytes   {ours:9.3f} {library:6.3f} {ratio:6.1f}"
    )


def _spent(understand: Callable[[bytes], object], mails: Sequence[bytes]) -> float:
    began = time.process_time()
    for raw in mails:
        understand(raw)
    return (time.process_time() - began) * 1000 / len(mails)


def _ours(raw: bytes) -> object:
    return normalize(MAIL, raw, Envelope(), KNOWN)


def _library(raw: bytes) -> list[str]:
    found = message_from_bytes(raw, policy=email.policy.default)
    read = []
    for name in SHOWN:
        try:
            read.append(str(found.get(name, "")))
        except Exception:  # it raises on real mail; then it has less to do
            read.append("")
    return [*read, *(_read(part) for part in found.walk() if not part.is_multipart())]


def _read(part: email.message.EmailMessage) -> str:
    try:
        part.get_filename()
        content = part.get_content()
    except Exception:
        return ""
    if part.get_content_type() == "text/html":
        return unescape(re.sub(r"<[^>]*>", " ", content))
    return content if isinstance(content, str) else ""


if __name__ == "__main__":
    main()

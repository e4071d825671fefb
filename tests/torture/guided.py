"""``python -m tests.torture.guided``: the laws, with inputs that coverage guides."""

import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-untyped]

with atheris.instrument_imports(include=["normalizer", "inquiry"]):
    from inquiry.journey import CHAT, FORM, MAIL, SLACK, TELEGRAM, WEBHOOK
    from tests.torture.laws import check
    from tests.torture.odd import GOLDEN

MEDIA = (MAIL, MAIL, MAIL, "text/plain", "text/html", FORM, TELEGRAM, SLACK, CHAT, WEBHOOK)


def one(data: bytes) -> None:
    """Take the first byte as the kind, the others as the message."""
    if data:
        check(MEDIA[data[0] % len(MEDIA)], data[1:])


def seeds(folder: Path) -> None:
    """Write the golden mails down as what to begin with."""
    for number, raw in enumerate(GOLDEN):
        (folder / str(number)).write_bytes(b"\0" + raw)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="deskbridge-fuzz-") as corpus:
        seeds(Path(corpus))
        kept = f"-artifact_prefix={tempfile.gettempdir()}/deskbridge-"  # what breaks a law
        limits = [kept, "-max_len=4000", "-len_control=0", "-print_final_stats=1"]
        atheris.Setup(["guided", *limits, *sys.argv[1:], corpus], one)
        atheris.Fuzz()

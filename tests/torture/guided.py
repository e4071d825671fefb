"""``python -m tests.torture.guided``: the laws, with inputs that coverage guides."""

import sys

import atheris  # type: ignore[import-untyped]

with atheris.instrument_imports(include=["normalizer", "inquiry"]):
    from inquiry.journey import FORM, MAIL, TELEGRAM
    from tests.torture.laws import check

MEDIA = (MAIL, MAIL, MAIL, "text/plain", "text/html", FORM, TELEGRAM)


def one(data: bytes) -> None:
    """Take the first byte as the kind, the others as the message."""
    if data:
        check(MEDIA[data[0] % len(MEDIA)], data[1:])


if __name__ == "__main__":
    atheris.Setup(["guided", "-max_len=4000", "-print_final_stats=1", *sys.argv[1:]], one)
    atheris.Fuzz()

"""Cutting a text into what fits one message of a messenger."""

from collections.abc import Callable, Iterator


def cut(text: str, longest: Callable[[str, int], int], limit: int) -> Iterator[str]:
    """Cut a text at paragraphs, lines or words where that is possible.

    ``longest`` says how many letters at the beginning of a text fit into ``limit``, by whatever the
    messenger counts.
    """
    rest = text.encode(errors="replace").decode().strip()
    while rest:
        end = longest(rest, limit)
        if end < len(rest):
            end = _seam(rest, end)
        yield rest[:end].rstrip()
        rest = rest[end:].lstrip()


def _seam(text: str, end: int) -> int:
    for seam in ("\n\n", "\n", " "):
        found = text.rfind(seam, end // 2, end + 1)
        if found > 0:
            return found
    return end

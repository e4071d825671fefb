"""Going through what stands in a file, whatever words it uses."""

from collections.abc import Iterator
from dataclasses import dataclass

from config.nodes import Listing, Node, Scalar, Table


@dataclass(frozen=True, slots=True)
class Found:
    """One piece of text and the keys that lead to it."""

    keys: tuple[str, ...]
    """The last one is nearest."""
    scalar: Scalar


def scalars(node: Node | None, keys: tuple[str, ...] = ()) -> Iterator[Found]:
    """Return all values in and below a node, in order."""
    waiting = [(keys, node)]
    while waiting:
        keys, node = waiting.pop()
        if isinstance(node, Scalar):
            yield Found(keys, node)
        elif isinstance(node, Listing):
            waiting += [(keys, item) for item in reversed(node.items)]
        elif isinstance(node, Table):
            waiting += [((*keys, e.key.text), e.value) for e in reversed(node.entries)]


def below(node: Node | None, *path: str) -> Iterator[Scalar]:
    """Return the values below a path of keys; ``*`` stands for any key."""
    for found in scalars(node):
        keys = found.keys[: len(path)]
        if len(keys) == len(path) and all(
            want in ("*", key) for want, key in zip(path, keys, strict=True)
        ):
            yield found.scalar

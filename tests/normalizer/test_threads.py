"""What evidence is there of where a mail belongs, and how strong is it?"""

import pytest

from normalizer.limits import REFERENCES
from normalizer.threads import message_ids, own_id, thread_keys

TOKEN = "12.abcdefghijklmnop.qrstuvwxyz234567"


@pytest.mark.parametrize(
    ("recipients", "references", "in_reply_to", "keys"),
    [
        pytest.param([], [], [], (), id="a new mail belongs nowhere"),
        pytest.param([f"help+{TOKEN}@d.example"], [], [], (TOKEN,), id="plus address"),
        pytest.param([f"HELP+{TOKEN.upper()}@D.EXAMPLE"], [], [], (TOKEN,), id="shouted"),
        pytest.param(["help+news@d.example"], [], [], (), id="some other plus address"),
        pytest.param([], ["<1@a>", "<2@a>"], ["<2@a>"], ("<2@a>", "<1@a>"), id="nearest first"),
        pytest.param([], ["<1@a>"], [], ("<1@a>",), id="references only"),
        pytest.param([], [], ["<1@a>", "<2@a>"], ("<1@a>", "<2@a>"), id="answers two"),
        pytest.param(
            [f"help+{TOKEN}@d.example"], ["<1@a>"], [], (TOKEN, "<1@a>"), id="the surest first"
        ),
    ],
)
def test_thread_keys(
    recipients: list[str], references: list[str], in_reply_to: list[str], keys: tuple[str, ...]
) -> None:
    assert thread_keys(recipients, references, in_reply_to) == keys


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        pytest.param("<1@a> <2@b>", ["<1@a>", "<2@b>"], id="as they should be"),
        pytest.param("<1@a>,<2@b>", ["<1@a>", "<2@b>"], id="commas"),
        pytest.param("1@a 2@b", ["<1@a>", "<2@b>"], id="bare"),
        pytest.param("<1@a> (comment) <1@a>", ["<1@a>"], id="twice"),
        pytest.param("Your mail of Monday", [], id="words"),
        pytest.param("<1 @a>", ["<1@a>"], id="broken by a blank"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_message_ids(text: str, ids: list[str]) -> None:
    assert message_ids(text) == ids


def test_only_the_last_references_count() -> None:
    ids = message_ids(" ".join(f"<{n}@a>" for n in range(1_000)))
    assert len(ids) == REFERENCES
    assert ids[-1] == "<999@a>"


@pytest.mark.parametrize(
    ("text", "message_id"),
    [
        pytest.param("<1@a>", "<1@a>", id="as it should be"),
        pytest.param("1@a", "<1@a>", id="bare"),
        pytest.param("<1@a", "<1@a>", id="not closed"),
        pytest.param("<1@@a>", "<1@@a>", id="two at signs"),
        pytest.param("", "", id="none"),
    ],
)
def test_own_id(text: str, message_id: str) -> None:
    assert own_id(text) == message_id

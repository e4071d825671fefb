"""Are pasted rules tried on stored messages, in bounds, and never put in force?"""

from pathlib import Path

import pytest

from deskbridge.lab import Explainer
from deskbridge.proposing import LONGEST, answer
from tests.deskbridge.running_desk import running_desk
from tests.deskbridge.test_lab import TEXT, arrived, mail, tables
from tests.servers.ports import free_port
from web.desk import CannotTell

RULES = TEXT[TEXT.index("rules:") :]


@pytest.fixture
def text(tmp_path: Path) -> str:
    made = TEXT.replace("DATA", str(tmp_path / "data"))
    return made.replace("SMTP", str(free_port())).replace("WEB", str(free_port()))


async def test_pasted_rules_are_compared_and_not_put_in_force(tmp_path: Path, text: str) -> None:
    async with running_desk(tmp_path / "desk.yaml", text) as desk:
        await arrived(desk.bridge, mail("All is down"))
        await arrived(desk.bridge, mail("Hello"), "2")
        before, in_force = await tables(desk.bridge), desk.bridge.configuration.hash
        explainer = Explainer(desk.bridge)
        same = await explainer.propose(RULES)
        assert (same.wrong, same.messages, same.different, same.all_read) == (False, 2, 0, True)
        moved = RULES.replace("then: {queue: second-line}", "then: {queue: first-line}")
        trial = await explainer.propose(moved)
        assert (trial.messages, trial.different) == (2, 1)
        ((change, count),) = trial.changes
        assert (change.field, change.was, change.now, change.rule, count) == (
            *("queue", "second-line", "first-line", "outage"),
            1,
        )
        assert len(trial.names) == 1
        assert "unreachable-queue" in trial.problems[0]
        wrong = await explainer.propose("rules: [")
        assert wrong.wrong
        assert wrong.problems[0].startswith("2:1: error[yaml]: ")
        assert (await tables(desk.bridge), desk.bridge.configuration.hash) == (before, in_force)


async def test_what_is_too_much_is_refused(tmp_path: Path, text: str) -> None:
    async with running_desk(tmp_path / "desk.yaml", text) as desk:
        explainer = Explainer(desk.bridge)
        with pytest.raises(CannotTell, match="longer than 1,000,000 letters"):
            await explainer.propose("#" * (LONGEST + 1))


def test_the_process_answers_from_what_it_is_given_alone() -> None:
    told = answer(
        {
            "kept": f"# ==> desk.yaml <==\n{TEXT}",
            "pasted": RULES,
            "templates": [],
            "form_fields": {},
            "written": [],
        }
    )
    assert (told["wrong"], told["messages"], told["all_read"]) == (False, 0, True)

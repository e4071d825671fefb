"""Does what a package from outside understands come out fit for the desk, and break only itself?"""

import hashlib
import json
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from inquiry.data import understood_from_text
from inquiry.journey import OUTSIDE, Envelope
from inquiry.understood import Deletion, Edit, Known, Message, Party
from normalizer import outside
from normalizer.normalize import normalize
from normalizer.outside import NotUnderstood
from normalizer.scan import scan
from normalizer.workers import Outcome, Task, WorkerDied, Workers

KNOWN = Known(languages=("nb", "pl", "en"))
CODE = '''\
import json, os, signal
from inquiry.understood import Attachment, Deletion, Edit, Message, Party

def understand(raw, envelope, known):
    """By their first word."""
    said = json.loads(raw)
    match said.pop("does", "message"):
        case "edit":
            return Edit(remote_id="1", conversation="r", message=Message(**said))
        case "deletion":
            return Deletion(remote_id="1", conversation="r")
        case "nonsense":
            return "nonsense"
        case "death":
            os.kill(os.getpid(), signal.SIGKILL)
    file = said.pop("file", None)
    files = [Attachment(filename="", content_type="a/b", size=0, sha256="", content=b"abc")]
    who = said.pop("who", None)
    return Message(**said, sender=Party(*who) if who else None, attachments=files if file else ())
'''


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "pigeon_words.py").write_text(CODE)
    about = tmp_path / "pigeon_words-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeon-words\nVersion: 1.0\n")
    points = "pigeon = pigeon_words:understand\nbroken = no_such_module:understand\n"
    (about / "entry_points.txt").write_text(f"[{outside.GROUP}]\n{points}")
    monkeypatch.syspath_prepend(tmp_path)
    outside._installed.cache_clear()
    yield
    outside._installed.cache_clear()
    sys.modules.pop("pigeon_words", None)


def raw(**said: object) -> bytes:
    return json.dumps(said).encode()


def understood(**said: object) -> Message:
    found = normalize(f"{OUTSIDE}pigeon", raw(**said), Envelope(), KNOWN)
    assert isinstance(found, Message)
    return found


def test_who_and_what_is_enough() -> None:
    message = understood(who=["NO-7", "Kari"], text="Skriveren virker ikke, kan noen hjelpe meg?")
    assert message.sender == Party("NO-7", "Kari")
    assert message.new_text == message.text == "Skriveren virker ikke, kan noen hjelpe meg?"
    assert (message.language, message.language_guess) == ("nb", "nb")


def test_what_it_says_of_the_language_counts() -> None:
    assert understood(text="ok", language="pl").language == "pl"


def test_nothing_comes_through_that_no_database_stores() -> None:
    message = understood(
        who=[" NO\x007\n", "Ka\x00ri\n"],
        subject="a\nb\x00",
        text="one\x00\r\ntwo\ud800",
        html="<b onclick='x()'>hi</b><script>x()</script>",
        conversation="r\x00",
        remote_id="1\x00",
        form={"a\x00": "b\x00"},
    )
    assert message.sender == Party("NO7", "Kari")
    assert (message.conversation, message.remote_id, message.form) == ("r", "1", {"a": "b"})
    assert message.subject == "a b"
    assert message.text == message.new_text == "one\ntwo"
    assert message.html == "<b>hi</b>"


def test_files_are_kept_under_the_hash_of_their_bytes() -> None:
    (file,) = understood(text="see", file=True).attachments
    assert (file.filename, file.size) == ("attachment-1.bin", 3)
    assert file.sha256 == hashlib.sha256(b"abc").hexdigest()


def test_edits_and_deletions_are_understood_too() -> None:
    edit = normalize(f"{OUTSIDE}pigeon", raw(does="edit", text="new\x00"), Envelope(), KNOWN)
    assert isinstance(edit, Edit)
    assert edit.message.new_text == "new"
    gone = normalize(f"{OUTSIDE}pigeon", raw(does="deletion"), Envelope(), KNOWN)
    assert isinstance(gone, Deletion)


@pytest.mark.parametrize(
    ("media_type", "bytes_", "told"),
    [
        pytest.param("pigeon", b"{", "failed: JSONDecodeError in decoder.py", id="bytes"),
        pytest.param("pigeon", raw(does="nonsense"), "failed: TypeError in outside.py", id="type"),
        pytest.param("pigeon", raw(text=7), "failed: ", id="a number where a text belongs"),
        pytest.param("broken", b"", "failed: ModuleNotFoundError", id="import"),
        pytest.param("parrot", b"", "no package here understands x-deskbridge/parrot", id="none"),
    ],
)
def test_what_is_not_understood_is_told(media_type: str, bytes_: bytes, told: str) -> None:
    with pytest.raises(NotUnderstood) as failure:
        normalize(OUTSIDE + media_type, bytes_, Envelope(), KNOWN)
    assert told in str(failure.value)


def test_who_the_channel_knows_to_write_is_looked_up() -> None:
    found = scan(f"{OUTSIDE}pigeon", b"", Envelope(authenticated_as="NO-7"))
    assert found.sender == Party("NO-7")
    assert scan(f"{OUTSIDE}pigeon", b"", Envelope()).sender is None


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    pool = Workers(1, patience=timedelta(seconds=5))
    yield pool
    await pool.close()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param({"does": "nonsense"}, "failed: TypeError", id="it fails"),
        pytest.param({"does": "death"}, "killed the worker", id="it dies"),
    ],
)
async def test_a_worker_loses_only_the_message_that_it_failed_over(
    workers: Workers, said: dict[str, str], told: str
) -> None:
    def task(**said: str) -> Task:
        return Task(
            media_type=f"{OUTSIDE}pigeon", raw=raw(**said), envelope=Envelope(), known=KNOWN
        )

    with pytest.raises(WorkerDied):
        await workers.many([task(text="before"), task(**said)])
    died = await workers.alone(task(**said))
    assert isinstance(died, WorkerDied)
    assert told in str(died)
    after = await workers.alone(task(text="after"))
    assert isinstance(after, Outcome)
    found = understood_from_text(after.text)
    assert isinstance(found, Message)
    assert found.new_text == "after"

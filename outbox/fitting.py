"""Whether a channel can carry a dispatch at all: asked before anything is sent. Pure."""

from channels.contract import Limits
from inquiry.errors import PermanentFailure
from inquiry.journey import Dispatch
from inquiry.words import Unfit


def check(dispatch: Dispatch, limits: Limits) -> None:
    """Let through what fits.

    Raises:
        PermanentFailure: it never will; its code is one of :class:`inquiry.words.Unfit`.
    """
    if limits.text is not None and len(dispatch.text) > limits.text:
        told = f"the text has {len(dispatch.text)} characters, the channel carries {limits.text}"
        raise PermanentFailure(told, code=Unfit.TEXT_TOO_LONG)
    if dispatch.files and not limits.files:
        raise PermanentFailure("the channel carries no files", code=Unfit.NO_FILES)
    most = limits.file_size
    for file in dispatch.files:
        if most is not None and len(file.content) > most:
            told = f"{file.filename} has {_mb(len(file.content))}, the channel carries {_mb(most)}"
            raise PermanentFailure(told, code=Unfit.FILE_TOO_LARGE)


def _mb(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{size} bytes"

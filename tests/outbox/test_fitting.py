"""Is what a channel can't carry found out before anything is sent?"""

import pytest

from channels.contract import Limits
from inquiry.errors import PermanentFailure
from inquiry.journey import Dispatch, File
from outbox.fitting import check
from tests.builders import a_dispatch

SMALL = File(filename="plan.pdf", content_type="application/pdf", content=b"x" * 10)
LARGE = File(filename="film.mp4", content_type="video/mp4", content=b"x" * 250_000)


@pytest.mark.parametrize(
    ("dispatch", "limits", "code", "told"),
    [
        pytest.param(
            a_dispatch(text="x" * 141),
            Limits(text=140),
            "text-too-long",
            "the text has 141 characters, the channel carries 140",
            id="too long",
        ),
        pytest.param(
            a_dispatch(files=(SMALL,)),
            Limits(files=False),
            "no-files",
            "the channel carries no files",
            id="no files",
        ),
        pytest.param(
            a_dispatch(files=(SMALL, LARGE)),
            Limits(file_size=200_000),
            "file-too-large",
            "film.mp4 has 0.2 MB, the channel carries 0.2 MB",
            id="one of several is too large",
        ),
        pytest.param(
            a_dispatch(files=(SMALL,)),
            Limits(file_size=9),
            "file-too-large",
            "plan.pdf has 10 bytes, the channel carries 9 bytes",
            id="a small one",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_a_word_for_programs(
    dispatch: Dispatch, limits: Limits, code: str, told: str
) -> None:
    with pytest.raises(PermanentFailure) as refused:
        check(dispatch, limits)
    assert (refused.value.code, str(refused.value)) == (code, told)


@pytest.mark.parametrize(
    ("dispatch", "limits"),
    [
        pytest.param(a_dispatch(text="x" * 140), Limits(text=140), id="just short enough"),
        pytest.param(a_dispatch(text="x" * 99_999), Limits(), id="no limit"),
        pytest.param(a_dispatch(files=(SMALL,)), Limits(file_size=10), id="just small enough"),
        pytest.param(a_dispatch(), Limits(files=False), id="without files"),
    ],
)
def test_what_fits_goes(dispatch: Dispatch, limits: Limits) -> None:
    check(dispatch, limits)

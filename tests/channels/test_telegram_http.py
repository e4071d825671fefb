"""Is it said in plain words why Telegram can't be reached?"""

import pytest

from channels.telegram.http import Http, NeverLeft


@pytest.mark.parametrize(
    ("url", "words"),
    [
        pytest.param("http://nowhere.invalid/", "its name can't be found", id="no such name"),
        pytest.param("http://127.0.0.1:1/", "nobody listens there", id="a closed port"),
        pytest.param("http://", "its address is none", id="no address"),
    ],
)
async def test_a_request_that_never_leaves(url: str, words: str) -> None:
    async with Http("1:secret") as http:
        with pytest.raises(NeverLeft) as failure:
            await http.do_request(url, "POST")
    assert failure.value.message == words

"""Are patterns right for all alphabets, unable to hang, and looked for only where they may be?"""

import time

import pytest

from router.patterns import BadPattern, is_pattern, pattern


@pytest.mark.parametrize(
    ("written", "text", "found"),
    [
        pytest.param(r"/\børe\b/", "femti øre.", "øre", id="a Norwegian boundary"),
        pytest.param(r"/\børe\b/", "høre", None, id="inside a Norwegian word"),
        pytest.param(r"/\bсчёт\b/i", "Мой СЧЁТ!", "СЧЁТ", id="Cyrillic without case"),
        pytest.param(r"/\d+/", "٣٤", "٣٤", id="digits of another script"),
        pytest.param(r"/\bord-\d{8}\b/", "ORD-12345678", None, id="case counts without i"),
        pytest.param(r"/^second$/m", "first\nsecond", "second", id="lines with m"),
        pytest.param(r"/a.b/s", "a\nb", "a\nb", id="a dot is any sign with s"),
    ],
)
def test_a_pattern_finds(written: str, text: str, found: str | None) -> None:
    match = pattern(written).search(text)
    assert (match and match[0]) == found


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param(
            r"/\bORD-(?P<order>\d{8}/i",
            "missing ) in the group that starts at character 7",
            id="a group left open",
        ),
        pytest.param("/[a/", "unterminated character set at character 3", id="a class left open"),
        pytest.param("/a/x", "no flag 'x' after the last slash; there are i, m and s", id="flag"),
        pytest.param("abc", "a pattern stands between slashes: '/…/'", id="no slashes"),
        pytest.param("/*a/", "nothing to repeat at character 1", id="nothing to repeat"),
    ],
)
def test_a_bad_pattern_says_where_it_is_bad(written: str, said: str) -> None:
    with pytest.raises(BadPattern) as refused:
        pattern(written)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("written", "needed"),
    [
        pytest.param(r"/\bORD-(?P<order>\d{8})\b/i", "ord-", id="what stands before a group"),
        pytest.param(r"/\d+ invoice \d+/", "invoice", id="the longest piece"),
        pytest.param(r"/colou?r/", "colo", id="what may be missing is not needed"),
        pytest.param(r"/abc|def/", None, id="either of two"),
        pytest.param(r"/(abc)?/", None, id="inside a group"),
        pytest.param(r"/[abc]+/", None, id="inside a class"),
        pytest.param(r"/счёт/", None, id="letters that folding may change"),
        pytest.param(r"/(?i:abc)/", None, id="a group with flags"),
        pytest.param(r"/ab\d/", None, id="too short to be worth it"),
        pytest.param(r"/abcd{0}/", "abc", id="a number of times may be none"),
        pytest.param(r"/(?P<order>\d)\g<order>/", None, id="the name of a group before it"),
        pytest.param(r"/\u006frder/", None, id="the number of a letter"),
        pytest.param(r"/\1234/", None, id="a letter in octal"),
        pytest.param(r"/[[:alpha:]xyz]+/", None, id="inside a class with a class"),
    ],
)
def test_what_a_match_must_contain(written: str, needed: str | None) -> None:
    needs = pattern(written).needs
    assert (needs and needs.folded) == needed


def test_a_catastrophic_pattern_gives_up_in_time() -> None:
    began = time.process_time()
    with pytest.raises(TimeoutError):
        pattern("/(a|aa)+$/").search("a" * 5000 + "b")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("written", "is_one"),
    [("/a/", True), ("/a/i", True), ("a", False), ("/", False), ("a/b", False), ("/srv/in", True)],
)
def test_patterns_are_known_by_their_slashes(written: str, is_one: bool) -> None:
    assert is_pattern(written) is is_one


def test_patterns_written_alike_are_equal() -> None:
    assert pattern("/a/") == pattern("/a/")
    assert hash(pattern("/a/")) == hash(pattern("/a/"))
    assert pattern("/a/") != pattern("/a/i")

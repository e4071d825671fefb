"""Is what others have written as JSON read without trusting its shape?"""

from collections.abc import Callable

import pytest

from inquiry.untrusted import Object, inner, object_of, objects, size, string


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        pytest.param(b'{"a": 1}', {"a": 1}, id="an object"),
        pytest.param(b"[1]", {}, id="a list"),
        pytest.param(b"{", {}, id="half an object"),
        pytest.param(b"\xff\xfe\x00", {}, id="no text"),
        pytest.param(b'{"a":' * 100_000, {}, id="deeper than anybody reads"),
    ],
)
def test_what_is_no_object_is_an_empty_one(raw: bytes, found: Object) -> None:
    assert object_of(raw) == found


@pytest.mark.parametrize(
    ("read", "right", "empty"),
    [
        pytest.param(inner, {"b": 1}, {}, id="an object"),
        pytest.param(objects, [{"b": 1}], [], id="objects"),
        pytest.param(string, "b", "", id="a text"),
        pytest.param(size, 7, 0, id="a size"),
    ],
)
def test_what_is_of_another_kind_is_empty(
    read: Callable[[Object, str], object], right: object, empty: object
) -> None:
    assert read({"a": right}, "a") == right
    wrong = [one for one in (None, 1.5, -1, 2**50, "b", {"b": 1}, [{"b": 1}]) if one != right]
    assert [read({"a": one}, "a") for one in wrong] == [empty] * len(wrong)
    assert read({}, "a") == empty


def test_of_a_long_list_some_are_taken_and_what_is_no_object_counts() -> None:
    assert objects({"a": [{"b": 1}, "c", {"b": 2}]}, "a", 2) == [{"b": 1}]

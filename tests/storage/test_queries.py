"""Is the SQL loaded for each database in its own words?"""

import pytest

from storage.queries import numbered, queries, with_hints, with_rows


@pytest.mark.parametrize(
    ("sql", "dialect", "expected"),
    [
        pytest.param("SELECT 1", "sqlite", "SELECT 1", id="nothing to fill in"),
        pytest.param("LIMIT 1 /*+ skip_locked */", "sqlite", "LIMIT 1 ", id="one writer at a time"),
        pytest.param(
            "LIMIT 1 /*+ skip_locked */",
            "postgres",
            "LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED",
            id="many at a time",
        ),
        pytest.param("/* a remark */", "postgres", "/* a remark */", id="a remark is no hint"),
    ],
)
def test_hints_are_filled_in(sql: str, dialect: str, expected: str) -> None:
    assert with_hints(sql, dialect) == expected


def test_an_unknown_hint_is_a_bug() -> None:
    with pytest.raises(KeyError, match="no_such_hint"):
        with_hints("/*+ no_such_hint */", "sqlite")


def test_what_queries_have_in_common_is_filled_in_and_no_query_itself() -> None:
    assert with_hints("a /*+ _b */", "sqlite", {"_b": "AND b"}) == "a AND b"
    assert not any("._" in name for name in queries("sqlite"))


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        pytest.param(
            "sqlite", "WITH new (a, b) AS (VALUES (:a, :b) /*+= more_rows */)", id="row by row"
        ),
        pytest.param(
            "postgres",
            "WITH new (a, b, number) AS "
            "(SELECT * FROM unnest(:a::bigint[], :b::text[]) WITH ORDINALITY)",
            id="column by column",
        ),
    ],
)
def test_many_rows_are_a_table(dialect: str, expected: str) -> None:
    assert with_rows("WITH new /*+ rows(a bigint,\n b text) */", dialect) == expected


@pytest.mark.parametrize(
    ("sql", "expected", "names"),
    [
        pytest.param("SELECT 1", "SELECT 1", (), id="no values"),
        pytest.param("a = :a AND b = :b", "a = $1 AND b = $2", ("a", "b"), id="in their order"),
        pytest.param("a = :a OR b = :a", "a = $1 OR b = $1", ("a",), id="the same value once"),
        pytest.param(":a::text[]", "$1::text[]", ("a",), id="a cast is no value"),
    ],
)
def test_values_get_numbers_for_postgresql(sql: str, expected: str, names: tuple[str, ...]) -> None:
    assert numbered(sql) == (expected, names)


def test_both_databases_know_the_same_queries() -> None:
    sqlite, postgres = queries("sqlite"), queries("postgres")
    assert set(sqlite) == set(postgres)
    for name, text in sqlite.items():
        assert set(numbered(text)[1]) == set(numbered(postgres[name])[1]), name

"""Does the PostgreSQL of the tests do what the tests count on?"""

from collections.abc import Iterator

import pytest

from tests.servers.postgres import BIN, Postgres, postgres
from tests.servers.programs import needed

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    needed(str(BIN / "postgres"))
    with postgres(durable=True) as started:
        yield started


def test_a_database_starts_as_a_copy_of_its_template(server: Postgres) -> None:
    server.create("migrated")
    server.sql("CREATE TABLE letters (word text)", database="migrated")
    copied = server.create(template="migrated").rpartition("/")[2]
    assert server.sql("SELECT count(*) FROM letters", database=copied) == "0"
    server.drop(server.dsn(copied))
    with pytest.raises(RuntimeError, match="does not exist"):
        server.sql("SELECT 1", database=copied)


def test_what_was_committed_survives_a_crash(server: Postgres) -> None:
    server.sql("CREATE TABLE kept AS SELECT 7 AS number")
    server.crash()
    server.start()
    assert server.sql("SELECT number FROM kept") == "7"
    assert server.sql("SHOW fsync") == "on"

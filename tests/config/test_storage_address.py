"""Is the address of a database understood before anybody connects, and its password kept?"""

from pathlib import Path

import pytest

from config.report import rendered
from config.storage_address import passwords_in, storage_address
from tests.config.builders import DESK, problems

RIGHT = [
    "sqlite",
    "postgresql://db/desk",
    "postgres://desk@db.example:5432/desk",
    "postgresql://desk:hunter2@[::1]:5432/desk?sslmode=verify-full",
    "postgresql://desk:hun%2Fter2@one:5432,two:5433/desk?target_session_attrs=primary",
    "postgresql:///desk?host=/var/run/postgresql&port=5432,5433",
    "postgresql://desk:hun:ter2@db/desk",
]
WRONG = [
    ("mysql://db/desk", "neither sqlite nor an address postgresql://"),
    ("sqlite:///x", "neither sqlite nor an address postgresql://"),
    ("postgresql://desk:hunter2@db:port/desk", "db.example:5432"),
    ("postgresql://desk:hunter2@db:70000/desk", "db.example:5432"),
    ("postgresql://desk:hunter2@one,,two/desk", "db.example:5432"),
    ("postgresql://desk:hunter2@[::1/desk", "write / as %2F"),
    ("postgresql://desk:hunter2/x@db/desk", "write / as %2F"),
    ("postgresql://desk:hunter2#x@db/desk", "write / as %2F"),
    ("postgresql://desk:hunter2?x@db/desk", "write / as %2F"),
    ("postgresql:///desk?port=five&password=hunter2", "the port is a number"),
    ("postgresql://db/desk?sslmode=on&password=hunter2", "sslmode is one of disable, allow"),
    ("postgresql://db/desk?target_session_attrs=x", "target_session_attrs is one of any"),
]


@pytest.mark.parametrize("address", RIGHT)
def test_an_address_that_can_be_understood(address: str) -> None:
    assert storage_address(address) == address


@pytest.mark.parametrize(("address", "why"), WRONG)
def test_another_is_refused_at_its_place_and_its_password_is_not_told(
    tmp_path: Path, address: str, why: str
) -> None:
    (found,) = problems(tmp_path, desk=f"{DESK}  storage: {address}\n".replace(" #", " "))
    assert (found.code, found.place.line, found.place.column) == ("value", 8, 12)
    assert why in found.text
    assert "hunter2" not in rendered(found)


@pytest.mark.parametrize(
    ("address", "secret"),
    [
        ("sqlite", set()),
        ("postgresql://db/desk", set()),
        ("postgresql://desk@db/desk", set()),
        ("postgresql://desk:hunter2@db/desk", {"hunter2"}),
        ("postgresql://desk:hun@ter2@db/desk", {"hun@ter2"}),
        ("postgresql://desk:hun%2Fter+2@db/desk", {"hun%2Fter+2", "hun/ter+2", "hun/ter 2"}),
        ("postgresql://db/desk?user=desk&password=hunter2", {"hunter2"}),
        ("postgresql://desk:one@db/desk?sslpassword=tw%6F", {"one", "tw%6F", "two"}),
        ("postgresql://db/desk?passfile=/run/pass&sslmode=require", set()),
    ],
)
def test_what_has_to_stay_secret(address: str, secret: set[str]) -> None:
    assert passwords_in(address) == secret

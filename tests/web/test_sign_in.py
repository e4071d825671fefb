"""Does nobody get in but who should?"""

import pytest

from storage import credentials
from storage.credentials import FAILURES
from tests.inquiries import KASIA, NOW
from tests.web.site import HERE, Site, location
from web.access import SESSION
from web.sign_in import TOO_OFTEN, WRONG

RIGHT = "correct horse battery"


@pytest.fixture
async def with_password(site: Site) -> Site:
    await credentials.set_password(site.db, KASIA, RIGHT, now=NOW)
    return site


async def test_name_and_password_open_the_console(with_password: Site) -> None:
    site = with_password
    assert location(await site.get("/inbox")) == "/sign-in"
    response = await site.post("/sign-in", {"name": " kasia ", "password": RIGHT})
    assert location(response) == "/inbox"
    cookie = response.cookies[SESSION]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True)
    # the desk's own address is https, which the test's client does not speak
    site.client.session.cookie_jar.update_cookies({SESSION: cookie.value}, site.client.make_url(""))
    assert "Kasia Nowak" in await site.text("/inbox")
    assert location(await site.get("/sign-in")) == "/inbox"
    assert location(await site.post("/sign-out")) == "/sign-in"
    site.client.session.cookie_jar.update_cookies({SESSION: cookie.value}, site.client.make_url(""))
    assert location(await site.get("/inbox")) == "/sign-in"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param("kasia", "wrong", id="a wrong password"),
        pytest.param("kasia", "", id="no password"),
        pytest.param("nobody", RIGHT, id="a wrong name"),
        pytest.param("", "", id="nothing"),
        pytest.param("kasia\0", RIGHT, id="a name with NUL"),
        pytest.param("x" * 5000, "y" * 50_000, id="a very long one"),
    ],
)
async def test_the_answer_to_a_wrong_one_is_always_the_same(
    with_password: Site, name: str, password: str
) -> None:
    response = await with_password.post("/sign-in", {"name": name, "password": password})
    assert response.status == 401
    assert WRONG in await response.text()
    assert SESSION not in response.cookies


async def test_guessing_is_stopped_even_if_it_would_be_right(with_password: Site) -> None:
    for _ in range(FAILURES):
        assert (await with_password.post("/sign-in", {"name": "kasia"})).status == 401
    response = await with_password.post("/sign-in", {"name": "kasia", "password": RIGHT})
    assert response.status == 429
    assert TOO_OFTEN in await response.text()


async def test_a_name_that_only_the_database_knows_does_not_get_in(site: Site) -> None:
    left = type(KASIA)("left")
    await credentials.set_password(site.db, left, RIGHT, now=NOW)
    response = await site.post("/sign-in", {"name": "left", "password": RIGHT})
    assert response.status == 401


async def test_a_link_shows_a_button_and_signs_in_once(site: Site) -> None:
    now = site.moment
    token = await site.db.write(lambda tx: credentials.new_link(tx, KASIA, now=now))
    for _ in range(2):  # a mail scanner opens it first
        assert "Sign in as Kasia Nowak" in await site.text(f"/sign-in/{token}")
    response = await site.post(f"/sign-in/{token}")
    assert location(response) == "/inbox"
    assert response.cookies[SESSION].value
    assert (await site.post(f"/sign-in/{token}")).status == 404
    assert (await site.get(f"/sign-in/{token}")).status == 404


async def test_a_wrong_link_looks_like_a_used_one(site: Site) -> None:
    wrong = await site.get("/sign-in/wrong")
    assert wrong.status == 404
    posted = await site.client.post("/sign-in/wrong", headers=HERE)
    assert posted.status == 404
    assert await wrong.text() == await posted.text()

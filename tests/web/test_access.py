"""May everybody open what the table says, and nothing else?"""

from collections.abc import Iterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from specialists.people import Specialist
from storage.sqlite import Sqlite
from tests.web.site import FORM, HERE, PEOPLE, Site
from web.access import FRONT, TABLE, Access, access_to
from web.app import DEMO, PAGES
from web.desk import Desk

NOBODY, SOMEBODY, LEAD = "nobody", "kasia", "ivar"
SIGN_IN, FORBIDDEN = 303, 403
ROUTES = [(method, path) for method, path, _ in (*PAGES, *DEMO)]


def refused(access: Access, who: str) -> int | None:
    """Return the refusal that the table means, or None where the page itself answers."""
    if access is Access.OPERATOR:
        return FORBIDDEN  # nobody here holds the token
    if access in (Access.SPECIALIST, Access.LEAD) and who == NOBODY:
        return SIGN_IN
    return FORBIDDEN if access is Access.LEAD and who != LEAD else None


def matrix() -> Iterator[object]:
    for (method, path), access in TABLE.items():
        for who in (NOBODY, SOMEBODY, LEAD):
            yield pytest.param(method, path, access, who, id=f"{who} {method} {path}")


def test_the_table_has_every_route_and_every_route_is_in_the_table(site: Site) -> None:
    routes = {
        (route.method, route.resource.canonical)
        for route in site.app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    form = {("GET", FORM.settings.path), ("POST", FORM.settings.path)}
    assert routes == set(TABLE) | form
    assert len(set(ROUTES)) == len(ROUTES)


@pytest.mark.parametrize(("method", "path", "access", "who"), list(matrix()))
async def test_the_table_is_kept(
    site: Site, method: str, path: str, access: Access, who: str
) -> None:
    if who != NOBODY:
        await site.sign_in(who)
    address = path.format(
        reference="NL-2026-99999", number=7, token="none", file="none", act="hold"
    )
    response = await site.client.request(method, address, headers=HERE, allow_redirects=False)
    expected = refused(access, who)
    leaves = path == "/sign-out" and who != NOBODY
    to_sign_in = response.headers.get("Location") == "/sign-in" and not leaves
    found = response.status if response.status == FORBIDDEN or to_sign_in else None
    assert found == expected


async def test_a_route_that_nobody_has_put_into_the_table_is_open_to_nobody(site: Site) -> None:
    async def secret(_request: web.Request) -> web.Response:
        return web.Response(text="secret")

    forgotten = Site(site.db, site.desk.demo.folder / "other") if site.desk.demo else site
    forgotten.app.router.add_get("/forgotten", secret)
    async with TestClient(TestServer(forgotten.app)) as client:
        forgotten.client = client
        await forgotten.sign_in(LEAD)
        response = await forgotten.get("/forgotten")
        assert response.status == FORBIDDEN
        assert "secret" not in await response.text()


def test_head_is_asked_like_get(site: Site) -> None:
    assert access_to(site.app[FRONT].face, "HEAD", "/inbox") is Access.SPECIALIST
    assert access_to(site.app[FRONT].face, "PUT", "/inbox") is None


@pytest.mark.parametrize(
    "headers", [{"X-Forwarded-For": "192.0.2.1"}, {"Forwarded": "for=192.0.2.1"}]
)
async def test_numbers_are_for_this_machine_alone(site: Site, headers: dict[str, str]) -> None:
    assert (await site.get("/metrics")).status == 200
    assert (await site.get("/metrics", **headers)).status == FORBIDDEN


async def test_who_has_left_the_configuration_is_signed_in_no_more(site: Site) -> None:
    await site.sign_in("somebody-else")
    assert (await site.get("/inbox")).status == SIGN_IN


def test_where_nobody_leads_everybody_does(sqlite: Sqlite, site: Site) -> None:
    name, person = next(iter(PEOPLE.items()))
    alone = {name: Specialist(name=name, full_name=person.full_name)}
    desk = Desk(
        db=sqlite, inlet=site.desk.inlet, keys=site.desk.keys, name="x", url="x", people=alone
    )
    assert desk.role(name) == "lead"
    assert site.desk.role(name) == "specialist"


async def test_without_the_demo_there_is_no_mailbox(sqlite: Sqlite, site: Site) -> None:
    assert site.desk.demo
    real = Site(sqlite, site.desk.demo.folder / "other", demo=None)
    async with TestClient(TestServer(real.app)) as client:
        real.client = client
        for method, path, _ in DEMO:
            response = await client.request(method, path.format(file="x"), headers=HERE)
            assert response.status == 404

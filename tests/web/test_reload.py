"""Is a reload for the operator alone, and does everybody see how the last one ended?"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.form import Field, FormChannel, Settings
from inquiry.journey import ChannelName
from storage.sqlite import Sqlite
from tests.inquiries import NOW
from tests.web.site import FORM, HERE, Site, served
from web.access import FRONT
from web.app import face_of
from web.desk import Loaded

TOKEN = "an-operators-token"
RIGHT = {"Authorization": f"Bearer {TOKEN}"}
REFUSED = Loaded(
    successful=False,
    tried_at=NOW,
    in_force_since=NOW - timedelta(hours=1),
    sentence="not reloaded: 1 error; configuration 7f3a9c stays in force",
    problems=("desk.yaml:3:7: error[value]: <b>no</b>\n  port: x\n        ^ a number",),
)


class Reload:
    """Remembers how it was asked, and answers as told."""

    def __init__(self, applied: bool) -> None:
        self.applied = applied
        self.asked: list[bool] = []

    async def __call__(self, skip_tests: bool) -> tuple[bool, Mapping[str, Any]]:
        self.asked.append(skip_tests)
        return self.applied, {"applied": self.applied}


@pytest.mark.parametrize(("applied", "status"), [(True, 200), (False, 422)])
async def test_whoever_holds_the_token_is_told_how_it_ended(
    sqlite: Sqlite, tmp_path: Path, applied: bool, status: int
) -> None:
    reload = Reload(applied)
    async with served(sqlite, tmp_path, operator_token=TOKEN, reload=reload) as site:
        answer = await site.post("/-/reload", headers=RIGHT)
        assert (answer.status, await answer.json()) == (status, {"applied": applied})
        await site.post("/-/reload?skip-tests", headers={**RIGHT, **HERE})
    assert reload.asked == [False, True]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"Authorization": "Bearer "}, id="an empty token"),
        pytest.param({"Authorization": f"Bearer {TOKEN}x"}, id="another token"),
        pytest.param({"Authorization": f"Basic {TOKEN}"}, id="in another way"),
        pytest.param(
            {"Authorization": f"Bearer {TOKEN}", "Sec-Fetch-Site": "cross-site"}, id="page"
        ),
    ],
)
@pytest.mark.parametrize("token", [TOKEN, ""])
async def test_nobody_else_may(
    sqlite: Sqlite, tmp_path: Path, headers: dict[str, str], token: str
) -> None:
    reload = Reload(applied=True)
    async with served(sqlite, tmp_path, operator_token=token, reload=reload) as site:
        await site.sign_in("ivar")
        assert (await site.post("/-/reload", headers=headers)).status == 403
        assert (await site.get("/-/reload", **headers)).status == 405
    assert reload.asked == []


async def test_a_refused_configuration_stands_on_top_of_every_page(
    sqlite: Sqlite, tmp_path: Path
) -> None:
    async with served(sqlite, tmp_path, loaded=lambda: REFUSED) as site:
        await site.sign_in("kasia")
        for page in ("/inbox", "/status", "/outbox", "/quarantine"):
            text = await site.text(page)
            assert "the old one stays in force" in text
            assert "error[value]: &lt;b&gt;no&lt;/b&gt;" in text
            assert REFUSED.sentence in text
        assert "the old one stays in force" not in await site.text("/new")
        metrics = await site.text("/metrics")
    found = dict(line.rsplit(" ", 1) for line in metrics.splitlines() if line[:1] != "#")
    name = "deskbridge_config_last_reload_success"
    assert float(found[f"{name}ful"]) == 0
    assert float(found[f"{name}_timestamp_seconds"]) == REFUSED.in_force_since.timestamp()


async def test_what_waits_for_a_restart_stands_on_the_status_page(
    sqlite: Sqlite, tmp_path: Path
) -> None:
    remark = "web.listen 127.0.0.1:8080 → 0.0.0.0:80 needs a restart"
    fine = replace(REFUSED, successful=True, problems=(), remarks=(remark,))
    async with served(sqlite, tmp_path, loaded=lambda: fine) as site:
        await site.sign_in("kasia")
        assert remark in await site.text("/status")
        inbox = await site.text("/inbox")
        assert remark not in inbox
        assert "the old one stays in force" not in inbox


@pytest.mark.parametrize(
    ("customers", "told", "metric"),
    [
        pytest.param("customers.csv:2:1: <b>", True, "0.0", id="wrong"),
        pytest.param("", False, "1.0", id="in force"),
        pytest.param(None, False, "", id="no file"),
    ],
)
async def test_a_file_of_customers_that_is_wrong_stands_on_top_of_every_page(
    sqlite: Sqlite, tmp_path: Path, customers: str | None, told: bool, metric: str
) -> None:
    loaded = replace(REFUSED, successful=True, problems=(), customers=customers)
    async with served(sqlite, tmp_path, loaded=lambda: loaded) as site:
        await site.sign_in("kasia")
        for page in ("/inbox", "/status"):
            text = await site.text(page)
            assert ("<pre>customers.csv:2:1: &lt;b&gt;</pre>" in text) is told
        lines = (await site.text("/metrics")).splitlines()
    name = "deskbridge_customers_import_successful "
    assert [line.removeprefix(name) for line in lines if line.startswith(name)] == [
        figure for figure in [metric] if figure
    ]


async def test_another_desk_is_shown_from_one_request_to_the_next(site: Site) -> None:
    field = {"street": Field(label={"en": "Street"})}
    forms = (FormChannel(ChannelName("web"), Settings(path="/ask", fields=field)),)
    assert (await site.get("/ask")).status == 404
    site.app[FRONT].show(face_of(replace(site.desk, name="Polaris", forms=forms, people={})))
    text = await site.text("/ask?lang=en")
    assert "Street" in text
    assert "Polaris" in text
    assert (await site.get(FORM.settings.path)).status == 404
    assert (await site.post("/ask", {"email": "x"})).status == 422
    assert (await site.client.put("/ask", headers=HERE)).status == 405


async def test_a_form_cannot_open_a_page_of_ours(site: Site) -> None:
    forms = (FormChannel(ChannelName("web"), Settings(path="/inbox")),)
    face = face_of(replace(site.desk, forms=forms))
    assert face.open == frozenset()
    site.app[FRONT].show(face)
    assert (await site.get("/inbox")).status == 303

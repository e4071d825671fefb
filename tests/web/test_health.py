"""Do programs that watch the desk learn the truth, and no secrets?"""

import pytest
from prometheus_client import Counter
from prometheus_client.parser import text_string_to_metric_families

from specialists.acts import progress
from storage.database import StorageUnavailable
from tests.inquiries import NOW, OLA
from tests.web.site import Site


async def test_who_is_alive_says_so(site: Site) -> None:
    assert await site.text("/livez") == "ok\n"


async def test_a_desk_is_ready_while_its_database_can_be_written(site: Site) -> None:
    assert await site.text("/readyz") == "ready\n"
    assert await site.text("/readyz?verbose") == "database: ok\n"


class Failing:
    """A database that can't be written."""

    def __init__(self, broken: str = "") -> None:
        self.broken = broken

    async def write(self, _work: object) -> None:
        raise StorageUnavailable("/srv/secret is full")


@pytest.mark.parametrize(
    ("database", "told"),
    [
        pytest.param(Failing(), "database: unavailable\n", id="full"),
        pytest.param(Failing("fsync failed on /srv/secret"), "database: broken\n", id="broken"),
    ],
)
async def test_else_it_is_not(site: Site, database: Failing, told: str) -> None:
    object.__setattr__(site.desk, "db", database)
    response = await site.get("/readyz")
    assert (response.status, await response.text()) == (503, "not ready\n")
    assert await (await site.get("/readyz?verbose")).text() == told


class Full:
    """A database on a full disk: what is there can be changed, nothing is taken in."""

    broken = ""

    async def write(self, _work: object) -> None:
        return None

    async def has_room(self) -> bool:
        return False


async def test_a_desk_that_takes_nothing_in_is_not_ready(site: Site) -> None:
    object.__setattr__(site.desk, "db", Full())
    assert (await site.get("/readyz")).status == 503
    assert await (await site.get("/readyz?verbose")).text() == "database: full\n"


async def numbers(site: Site) -> dict[str, float]:
    """Return every sample by name and labels."""
    families = text_string_to_metric_families(await site.text("/metrics"))
    return {
        f"{sample.name}{dict(sorted(sample.labels.items()))}": sample.value
        for family in families
        for sample in family.samples
    }


async def test_the_numbers_are_those_of_the_tables(site: Site) -> None:
    first = await site.inquiries.opened()
    await site.inquiries.opened()
    await progress.resolve(site.db, inquiry=first.id, specialist=OLA, now=NOW)
    found = await numbers(site)
    assert found["deskbridge_inquiries{'queue': 'first-line', 'state': 'new'}"] == 1
    assert not any("'resolved'" in name for name in found)
    assert found["deskbridge_arrivals{'state': 'understood'}"] == 2
    assert found["deskbridge_arrivals{'state': 'quarantined'}"] == 0
    assert found["deskbridge_channel_up{'channel': 'support-mail'}"] == 1
    last = "deskbridge_channel_last_receive_timestamp_seconds{'channel': 'support-mail'}"
    assert found[last] == NOW.timestamp()
    assert found["deskbridge_outbox_oldest_seconds{}"] == 0
    assert any(name.startswith("deskbridge_build_info") for name in found)


async def test_what_the_program_counts_is_among_them(site: Site) -> None:
    counter = Counter("deskbridge_tries", "Tries.", registry=site.desk.metrics)
    counter.inc(3)
    assert (await numbers(site))["deskbridge_tries_total{}"] == 3


async def test_no_number_names_a_customer(site: Site) -> None:
    opened = await site.inquiries.opened()
    text = await site.text("/metrics")
    assert "kunde.example" not in text
    assert opened.reference not in text


async def test_the_status_page_says_why_a_channel_is_tried_again(kasia: Site) -> None:
    object.__setattr__(kasia.desk, "channel_up", lambda: {"support-mail": False})
    trouble = {"support-mail": "cannot use the mailbox: no such host"}
    object.__setattr__(kasia.desk, "channel_trouble", lambda: trouble)
    assert "cannot use the mailbox: no such host" in await kasia.text("/status")


async def test_the_status_page_shows_the_same_to_people(kasia: Site) -> None:
    await kasia.inquiries.opened()
    text = " ".join((await kasia.text("/status")).split())
    assert "<b>1</b>open inquiries" in text
    assert '<th scope="row"><a href="/inbox?q=is:open+queue:first-line">first line</a></th>' in text
    assert "support-mail" in text
    assert "works</span>" in text
    assert "ready</span>" in text

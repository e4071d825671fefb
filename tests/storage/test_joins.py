"""Are joins undone without a trace, and does nothing but a join make two one?"""

from itertools import pairwise

import pytest

from inquiry.claims import Claim
from inquiry.errors import Conflict, NotFound
from inquiry.journey import CustomerId
from inquiry.words import ClaimSource, JoinWay
from specialists.acts import joining
from storage import claims, joins
from storage.claims import Suggestion
from storage.database import ConstraintViolated, Database
from storage.records import Line, Record, put
from tests.people import KASIA, SHOP, People

MAILS = [f"{name}@kunde.example" for name in ("ada", "bo", "cy", "di")]
WHOSE = "SELECT customer FROM contact_points ORDER BY id"


@pytest.fixture
async def people(database: Database) -> People:
    """Four customers, each with an inquiry."""
    made = People(database)
    for address in MAILS:
        await made.mails(address, "help")
    return made


async def whose(people: People) -> list[int]:
    inquiries = await people.rows("SELECT customer FROM inquiries ORDER BY id")
    found = [row["customer"] for row in await people.rows(WHOSE)]
    assert [row["customer"] for row in inquiries] == found, "an inquiry is whose its writer is"
    return found


async def test_undone_everything_is_as_before(people: People) -> None:
    before = await whose(people)
    numbers = [await people.join(one, other, 1) for one, other in pairwise(MAILS)]
    assert len(set(await whose(people))) == 1
    for number in (numbers[1], numbers[0], numbers[2]):
        await people.part(number)
    assert await whose(people) == before
    kept = await people.rows("SELECT actor, ended_by FROM joins")
    assert [tuple(row.values()) for row in kept] == [("specialist:kasia",) * 2] * 3
    assert await people.kinds(1) == ["opened", "decided", *["joined"] * 3, *["parted"] * 3]


async def test_undoing_the_middle_leaves_two_pairs(people: People) -> None:
    numbers = [await people.join(one, other) for one, other in pairwise(MAILS)]
    await people.part(numbers[1])
    assert await whose(people) == [1, 1, 3, 3]


async def test_two_ways_to_the_same_person_are_both_undone(people: People) -> None:
    await people.join(MAILS[0], MAILS[1])
    with pytest.raises(Conflict, match="already"):
        await people.join(MAILS[1], MAILS[0])


async def test_a_join_is_undone_once(people: People) -> None:
    number = await people.join(MAILS[0], MAILS[1])
    await people.part(number)
    with pytest.raises(Conflict, match="undone already"):
        await people.part(number)
    with pytest.raises(NotFound):
        await people.part(number + 1)


async def test_joined_again_it_is_another_join(people: People) -> None:
    first = await people.join(MAILS[0], MAILS[1])
    await people.part(first)
    second = await people.join(MAILS[0], MAILS[1])
    assert second != first
    point = await people.db.read(lambda tx: joins.of(tx, CustomerId(1)))
    assert [(one.in_force, one.way) for one in point] == [
        (False, JoinWay.SPECIALIST),
        (True, JoinWay.SPECIALIST),
    ]


async def test_who_took_part_as_the_same_person_does_no_more(people: People) -> None:
    await people.goes_on("501", await people.code(1, MAILS[0]))
    link = await people.link(1, "501")
    (join,) = await people.rows("SELECT id FROM joins")
    await people.part(join["id"])
    await people.writes("501", "am I still there?")
    assert await people.texts(1) == ["help"]
    assert await people.texts(5) == ["am I still there?"]
    await people.writes("502", link)
    assert await people.customer("502") != await people.customer(MAILS[0])
    with pytest.raises(Conflict, match="takes no part"):
        await people.answer(1, "x", to=await people.point("501"))


async def test_what_was_written_to_them_stays_theirs(people: People) -> None:
    await people.goes_on("501", await people.code(1, MAILS[0]))
    await people.answer(1, "written before")
    (join,) = await people.rows("SELECT id FROM joins")
    await people.part(join["id"])
    await people.answer(1, "written after")
    await people.deliver()
    assert people.got("501")[-1] == "written before"
    assert people.got(MAILS[0]) == ["written after"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("one = 2, other = 1", id="the wrong way round"),
        pytest.param("other = one", id="with itself"),
        pytest.param("other = 99", id="with nobody"),
        pytest.param("way = 'suggestion'", id="by a suggestion"),
        pytest.param("ended_at = 1", id="ended by nobody"),
    ],
)
async def test_the_table_refuses_what_is_no_join(people: People, change: str) -> None:
    await people.join(MAILS[0], MAILS[1])
    with pytest.raises(ConstraintViolated):
        await people.db.script(f"UPDATE joins SET {change};")


async def suggested(people: People, who: str) -> list[Suggestion]:
    customer = CustomerId(await people.customer(who))
    return await people.db.read(lambda tx: claims.suggested(tx, customer))


class TestSuggestions:
    """What is said is shown, and does nothing else."""

    async def test_an_address_in_the_chats_form(self, people: People) -> None:
        await people.writes("visitor-1", "hi", channel=SHOP, form={"email": " ADA@kunde.example"})
        (one,) = await suggested(people, "visitor-1")
        assert (one.other.address, one.sources, one.verified) == (
            MAILS[0],
            ("chat", "address"),
            False,
        )
        (other_way,) = await suggested(people, MAILS[0])
        assert other_way.other.address == "visitor-1"
        assert await people.customer("visitor-1") != await people.customer(MAILS[0])

    async def test_words_suggest_nothing(self, people: People) -> None:
        await people.writes("501", f"I am {MAILS[0]}, my number is +47 22 33 44 55")
        assert await suggested(people, "501") == []

    async def test_the_surer_comes_first(self, people: People) -> None:
        point = await people.point(MAILS[3])
        said = [
            Claim(sort="email", value=MAILS[0], source=ClaimSource.CHAT, verified=False),
            Claim(sort="email", value=MAILS[1], source=ClaimSource.PROFILE, verified=True),
        ]
        await people.db.write(lambda tx: claims.note(tx, point, said, now=people.now))
        found = await suggested(people, MAILS[3])
        assert [(one.other.address, one.verified) for one in found] == [
            (MAILS[1], True),
            (MAILS[0], False),
        ]

    async def test_one_number_in_two_places(self, people: People) -> None:
        for who, number in (("501", "+47 22 33 44 55"), ("502", "0047 22334455")):
            headers = {"phone": number, "phone-of": "sender"}
            await people.writes(who, "[contact]", headers=headers)
        (one,) = await suggested(people, "501")
        assert (one.other.address, one.sort, one.verified) == ("502", "phone", True)

    async def test_a_line_of_the_customer_file(self, people: People) -> None:
        await people.rows(
            "INSERT INTO customer_imports (id, file, fingerprint, configured, began_at, touched_at,"
            " ended_at) VALUES (7, 'f', '', '', 1, 1, 1)"
        )
        record = Record("kunde")
        lines = [
            Line("email", MAILS[2], record, 3),
            Line("phone", "+4722334455", record, 3),
            Line("email", MAILS[1], record, 4),
        ]
        await people.db.write(lambda tx: put(tx, 7, lines))
        await people.writes("501", "[contact]", headers={"phone": "+4722334455"})
        (one,) = await suggested(people, "501")
        assert (one.other.address, one.sources) == (MAILS[2], ("customer file", "address"))

    async def test_denied_it_is_not_suggested_again(self, people: People) -> None:
        await people.writes("visitor-1", "hi", channel=SHOP, form={"email": MAILS[0]})
        pair = (await people.point("visitor-1"), await people.point(MAILS[0]))
        await joining.say_strangers(people.db, *pair, specialist=KASIA, now=people.now)
        await people.writes("visitor-1", "hi", channel=SHOP, form={"email": MAILS[0]})
        assert await suggested(people, "visitor-1") == []
        assert await suggested(people, MAILS[0]) == []

    async def test_joined_it_is_suggested_no_more_and_undone_again(self, people: People) -> None:
        await people.writes("visitor-1", "hi", channel=SHOP, form={"email": MAILS[0]})
        number = await people.join("visitor-1", MAILS[0])
        assert await suggested(people, MAILS[0]) == []
        pair = (await people.point("visitor-1"), await people.point(MAILS[0]))
        with pytest.raises(Conflict, match="joined"):
            await joining.say_strangers(people.db, *pair, specialist=KASIA, now=people.now)
        await people.part(number)
        assert len(await suggested(people, MAILS[0])) == 1

    async def test_all_of_a_desk_each_pair_once(self, people: People) -> None:
        for number, address in enumerate(MAILS[:3]):
            await people.writes(f"visitor-{number}", "hi", channel=SHOP, form={"email": address})
        found = await people.db.read(lambda tx: claims.all_suggested(tx, limit=10))
        assert len(found) == 3
        assert len(await people.db.read(lambda tx: claims.all_suggested(tx, limit=2))) == 2

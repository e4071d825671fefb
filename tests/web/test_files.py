"""Can what customers send be saved, and never be shown or run?"""

import pytest

from inquiry.journey import MessageId
from inquiry.understood import Attachment
from storage import arrivals
from storage.database import Transaction
from storage.inquiries import reading
from tests.inquiries import Opened, a_message
from tests.rows import rows
from tests.web.site import Site
from web.files import MAIL_POLICY, download, original_name
from web.pages import shown_name

EVIL = b"<script>alert(1)</script>"


async def attach(
    site: Site, opened: Opened, filename: str = "a.html", *, blocked: bool = False
) -> int:
    """Add a file to the first message of an inquiry; return its number."""

    async def work(tx: Transaction) -> int:
        it = await reading.shown(tx, opened.reference)
        attachment = Attachment(
            filename=filename, content_type="text/html", size=len(EVIL), sha256="", content=EVIL
        )
        await arrivals.add_attachment(tx, opened.arrival, attachment)
        message: MessageId = it.messages[0].id
        await tx.run(
            "opening.adopt_attachments", arrival=opened.arrival, message=message, blocked=blocked
        )
        return (await reading.shown(tx, opened.reference)).messages[0].files[-1].id

    return await site.db.write(work)


async def test_a_file_can_only_be_saved(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    number = await attach(kasia, opened, "rap\u202eport.html")
    response = await kasia.get(f"/inquiry/{opened.reference}/file/{number}")
    assert await response.read() == EVIL
    assert response.content_type == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="rapport.html"')
    assert "sandbox" in response.headers["Content-Security-Policy"]
    text = await kasia.text(f"/inquiry/{opened.reference}")
    assert "rapport.html</bdi></a>" in text
    assert "\u202e" not in text


async def test_a_blocked_file_is_named_and_kept_back(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    number = await attach(kasia, opened, "virus.exe", blocked=True)
    assert (await kasia.get(f"/inquiry/{opened.reference}/file/{number}")).status == 404
    text = await kasia.text(f"/inquiry/{opened.reference}")
    assert "virus.exe" in text
    assert "blocked" in text
    assert f"/file/{number}" not in text


async def test_a_number_opens_nothing_under_another_inquiry(kasia: Site) -> None:
    mine = await kasia.inquiries.opened(a_message(html="<p>x</p>"))
    other = await kasia.inquiries.opened()
    number = await attach(kasia, mine)
    for path in (f"file/{number}", "original/1", "html/1"):
        assert (await kasia.get(f"/inquiry/{mine.reference}/{path}")).status == 200
        assert (await kasia.get(f"/inquiry/{other.reference}/{path}")).status == 404


@pytest.mark.parametrize("number", ["0", "-1", "1e3", "٣", "9" * 40, "1%00", "x"])
async def test_what_is_no_number_of_ours_is_not_found(kasia: Site, number: str) -> None:
    opened = await kasia.inquiries.opened()
    for room in ("file", "original", "html"):
        assert (await kasia.get(f"/inquiry/{opened.reference}/{room}/{number}")).status == 404


async def test_an_original_is_byte_for_byte_what_came_in(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    response = await kasia.get(f"/inquiry/{opened.reference}/original/1")
    assert await response.read() == b"raw 1"
    assert f"arrival-{opened.arrival}.eml" in response.headers["Content-Disposition"]


async def test_html_stands_in_a_box_that_can_do_nothing(kasia: Site) -> None:
    opened = await kasia.inquiries.opened(a_message(html="<p>nie <b>działa</b></p>"))
    response = await kasia.get(f"/inquiry/{opened.reference}/html/1")
    assert response.headers["Content-Security-Policy"] == MAIL_POLICY
    assert response.headers["Referrer-Policy"] == "no-referrer"
    text = await response.text()
    assert "<body><p>nie <b>działa</b></p></body>" in text
    assert '<html lang="pl">' in text


def test_the_box_has_neither_scripts_nor_our_origin() -> None:
    assert "allow-scripts" not in MAIL_POLICY
    assert "allow-same-origin" not in MAIL_POLICY
    assert "script-src" not in MAIL_POLICY
    assert "http" not in MAIL_POLICY


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("zdjęcie.jpg", "zdjęcie.jpg", id="an ordinary one"),
        pytest.param("../../etc/passwd", "_.._etc_passwd", id="a path"),
        pytest.param("C:\\temp\\a.txt", "C:_temp_a.txt", id="another path"),
        pytest.param("photo\u202egpj.exe", "photogpj.exe", id="turned round"),
        pytest.param("a\u200b.h\u200dtml", "a.html", id="invisible letters"),
        pytest.param('a"\r\nX: y.txt', 'a"X: y.txt', id="a header inside"),
        pytest.param("\0", "file", id="nothing but NUL"),
        pytest.param("", "file", id="none"),
        pytest.param("x" * 500 + ".pdf", "x" * 146 + ".pdf", id="a long one keeps its ending"),
        pytest.param("e\u0301.txt", "é.txt", id="one letter in two"),
    ],
)
def test_a_name_is_data(name: str, shown: str) -> None:
    assert shown_name(name) == shown
    disposition = download(name, b"").headers["Content-Disposition"]
    assert disposition.isascii()
    assert disposition.count('"') == 2
    assert "\n" not in disposition


def test_an_original_is_named_after_what_it_is() -> None:
    assert original_name(7, "message/rfc822") == "arrival-7.eml"
    assert original_name(7, "application/json") == "arrival-7.json"


async def name(site: Site, opened: Opened, **changes: str) -> None:
    """Let the first message of an inquiry name a file that is not here yet."""

    async def work(tx: Transaction) -> None:
        it = await reading.shown(tx, opened.reference)
        named = Attachment(
            filename="skjerm.png", content_type="image/png", size=0, sha256="", remote="f1"
        )
        await arrivals.add_attachment(tx, opened.arrival, named)
        message = it.messages[0].id
        await tx.run(
            "opening.adopt_fetches", arrival=opened.arrival, message=message, blocked=False
        )

    await site.db.write(work)
    for column, value in changes.items():
        await rows(site.db, f"UPDATE fetches SET {column} = '{value}'")


async def test_a_file_that_is_only_named_is_told_of(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    await name(kasia, opened)
    text = await kasia.text(f"/inquiry/{opened.reference}")
    assert "skjerm.png</bdi>" in text
    assert "on its way" in text
    assert "/file/" not in text
    assert (await kasia.get(f"/inquiry/{opened.reference}/file/1")).status == 404


async def test_why_a_file_does_not_come_is_told_and_it_can_be_tried_again(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    reason = "too large for Telegram <b>"
    await name(kasia, opened, reason=reason, state="failed")
    page = f"/inquiry/{opened.reference}"
    text = await kasia.text(page)
    assert "could not be fetched" in text
    assert "too large for Telegram &lt;b&gt;" in text
    assert (await kasia.post(f"{page}/fetch/1")).status == 303
    assert "on its way" in await kasia.text(page)
    assert (await kasia.post(f"{page}/fetch/1")).status == 409
    other = await kasia.inquiries.opened()
    await rows(kasia.db, "UPDATE fetches SET state = 'failed'")
    assert (await kasia.post(f"/inquiry/{other.reference}/fetch/1")).status == 409

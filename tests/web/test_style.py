"""Can everybody read and use the pages: contrast, labels, headings, languages?"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from deskbridge import kinds
from specialists import acts
from tests.inquiries import KASIA, NOW, OLA, a_message
from tests.web.site import Site
from web.pages import HTML, STATIC, templates

TOKEN = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\);")
SHEET = (STATIC / "desk.css").read_text("utf-8")
TOKENS = {name: (light, dark) for name, light, dark in TOKEN.findall(SHEET)}
TEXT_ON = [
    ("ink", "ground"),
    ("ink", "paper"),
    ("ink", "sunken"),
    ("ink", "note"),
    ("ink", "accent-soft"),
    ("quiet", "ground"),
    ("quiet", "paper"),
    ("quiet", "sunken"),
    ("quiet", "note"),
    ("quiet", "accent-soft"),
    ("accent", "ground"),
    ("accent", "paper"),
    ("accent", "accent-soft"),
    ("accent", "sunken"),
    ("on-accent", "accent"),
    ("note-ink", "note"),
    ("good", "good-soft"),
    ("good", "paper"),
    ("warn", "warn-soft"),
    ("warn", "paper"),
    ("bad", "bad-soft"),
    ("bad", "paper"),
    ("bad", "ground"),
]
EDGES = [("edge", "paper"), ("edge", "ground"), ("accent", "paper"), ("note-ink", "note")]


def luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("sheet", ["static/desk.css", "chat/widget.css"])
def test_letters_are_as_large_as_whoever_reads_likes_them(sheet: str) -> None:
    """A browser has a size of its own for that; pixels would overrule it."""
    sizes = re.findall(r"\bfont(?:-size)?:\s*([^;}]*)", (HTML.parent / sheet).read_text("utf-8"))
    assert len(sizes) > 10
    assert [size for size in sizes if "px" in size] == []


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_can_be_read(text: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_controls_can_be_seen(edge: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[edge][theme], TOKENS[ground][theme]) >= 3


def test_colours_stand_only_in_tokens() -> None:
    rest = TOKEN.sub("", SHEET)
    assert re.findall(r"#[0-9a-f]{3,8}\b(?![^{]*\{)", rest) in ([], ["#fff"])  # the mail's paper


def test_the_sheet_stays_small_and_loads_nothing() -> None:
    assert len(SHEET.encode()) < 26_000
    assert "url(" not in SHEET
    assert "@import" not in SHEET
    for script in ("desk.js", "live.js"):
        assert len((STATIC / script).read_bytes()) <= 10_240, script


def test_no_template_runs_or_styles_anything_inline() -> None:
    for path in sorted(HTML.glob("*.html")):
        text = path.read_text("utf-8")
        assert not re.search(r"\son[a-z]+=|\sstyle=|javascript:|<script(?! (type|src)=)", text), (
            path.name
        )
        if path.name != "mail.html":
            assert "| safe" not in text, path.name
            assert "<style" not in text, path.name


@dataclass
class Outline(HTMLParser):
    """What a page is made of, as far as accessibility asks."""

    labels: set[str] = field(default_factory=set)
    fields: list[dict[str, str | None]] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append((tag, values))
        if identity := values.get("id"):
            self.ids.append(identity)
        if tag == "label":
            self.labels.add(values.get("for") or "")
            self.inside.append(tag)
        if tag in ("input", "select", "textarea") and values.get("type") != "hidden":
            self.fields.append({**values, "wrapped": "label" if self.inside else ""})
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self.inside.pop()

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every ``tag``."""
        return [values for found, values in self.tags if found == tag]


async def pages(site: Site) -> dict[str, str]:
    """Return one of every sort of page, filled."""
    opened = await site.inquiries.opened(a_message(html="<p>x</p>", quoted_text="> y"))
    await site.inquiries.opened(assign_to=KASIA)
    await acts.note(site.db, inquiry=opened.id, specialist=OLA, text="x", now=NOW)
    await acts.answer(site.db, inquiry=opened.id, specialist=KASIA, text="ok", now=NOW)
    link = await site.link(opened)
    addresses = ["/inbox", "/outbox", "/quarantine", "/status", "/new", "/demo/mailbox", link]
    addresses += [f"/inquiry/{opened.reference}", f"/inquiry/{opened.reference}/why", "/demo/write"]
    addresses += ["/rules", f"/rules/lab?stored={opened.reference}&field=queue&value=x"]
    found = {address: await site.text(address) for address in addresses}
    site.client.session.cookie_jar.clear()
    return {**found, "/sign-in": await site.text("/sign-in")}


async def test_every_page_can_be_used_by_ear_and_keyboard(kasia: Site) -> None:
    for address, text in (await pages(kasia)).items():
        outline = Outline()
        outline.feed(text)
        (html,) = outline.named("html")
        assert html["lang"], address
        assert outline.headings.count(1) == 1, address
        steps = zip(outline.headings, outline.headings[1:], strict=False)
        assert address == "/inbox" or all(after <= before + 2 for before, after in steps), address
        assert len(outline.named("main")) == 1, address
        assert len(set(outline.ids)) == len(outline.ids), address
        for one in outline.fields:
            labelled = one["wrapped"] or one.get("id") in outline.labels or one.get("aria-label")
            assert labelled, (address, one)
        for image in outline.named("svg"):
            assert image["aria-hidden"] == "true", address
        for frame in outline.named("iframe"):
            assert frame["title"], address
            assert "allow-scripts" not in str(frame["sandbox"]), address
        for time in outline.named("time"):
            assert "T" in str(time["datetime"]), address


async def test_the_console_can_be_skipped_into(kasia: Site) -> None:
    text = await kasia.text("/inbox")
    assert '<a class="skip" href="#main">' in text
    assert '<main id="main" tabindex="-1">' in text
    assert text.index('class="skip"') < text.index("<nav")
    assert text.count('role="status"') == 1


async def test_every_message_says_its_language(kasia: Site) -> None:
    opened = await kasia.inquiries.opened()
    text = await kasia.text(f"/inquiry/{opened.reference}")
    assert 'lang="pl" dir="auto">Drukarka</span>' in text
    assert '<div class="text" lang="pl" dir="auto">nie działa</div>' in text
    assert '<textarea id="answer" name="text" rows="7" lang="pl"' in text


def test_each_sort_of_contact_has_an_icon_and_one_from_outside_that_of_another_system() -> None:
    icon = templates().get_template("icons.html").module.channel_icon  # type: ignore[attr-defined]
    drawn = {contact: str(icon(contact)) for _, _, contact in kinds.OURS.values()}
    assert len(set(drawn.values())) == len(drawn) > 3
    assert str(icon("pigeon")) == drawn["webhook"]

"""Every built page, opened from disk in Chromium, without a network."""

import gzip
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browser import at_rest, in_both_themes, needs_chromium, violations
from built import ROOT, built_book
from playwright.sync_api import expect

pytestmark = needs_chromium


SOURCES = sorted((ROOT / "book").glob("*.ipynb")) + sorted((ROOT / "book").glob("*.md"))
PAGES = [f"book/{path.stem}.html" for path in SOURCES] + ["search.html"]
CHAPTERS = sorted((ROOT / "book").glob("[0-9]*.ipynb"))


# Code is highlighted alike everywhere: that of the first file of the source is checked.
CONTEXT = {
    "exclude": [
        ["#the-proofs .highlight"],
        ["#the-proofs-around-the-network .highlight"],
        ["#the-source section:not(:first-of-type) .highlight"],
        ["#the-source-around-the-network .highlight"],
    ]
}
# What depends on the width; all else is the same on a phone.
BY_WIDTH = ["target-size", "scrollable-region-focusable", "link-in-text-block"]
NARROW = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": BY_WIDTH},
}
LISTINGS = [  # thousands of lines of code
    f"book/{name}{around}.html"
    for name in ("proofs", "source")
    for around in ("", "_around")
]
EVERY_PAGE = [
    pytest.param(path, marks=[pytest.mark.long] * (path in LISTINGS)) for path in PAGES
]
TYPICAL = "book/02_squash.html"  # formulas, figures, code, an explorer, boxes to open
NAMELESS = """() => [...document.querySelectorAll('.bd-article :is(img, [role=img])')]
  .map(e => e.getAttribute('alt') ?? e.getAttribute('aria-label') ?? '')
  .filter(text => text.length < 15 || /\\.(png|svg)$/.test(text))"""
UNRENDERED = """() => [...document.querySelectorAll('span.math, div.math')]
  .filter(e => !e.querySelector('.katex')).map(e => e.textContent)"""


# KiB that a page may ask for before its load event, gzipped as a server sends it.
HEAVIEST = 300
HEAVIER = {
    "book/06_capsnet.html": 350,  # two such figures
    "book/08_encodes.html": 720,  # hundreds of drawn digits
}
BLANK_ICONS = """() => [...document.querySelectorAll('[class*="fa-"]')].filter(
  e => /\\bfa-(?!solid|lg)/.test(e.className) &&
    !getComputedStyle(e).maskImage.startsWith('url')).map(e => e.className)"""


def weight(addresses):
    """Of files, in KiB; fonts and pictures are compressed already."""
    total = 0
    for address in set(addresses):
        path = Path(unquote(urlsplit(address).path))
        if address.startswith("file:"):
            content = path.read_bytes()
            packed = path.suffix in (".woff2", ".png")
            total += len(content if packed else gzip.compress(content))
    return total / 1024


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_pages_are_whole_and_quiet(open_page, path):
    """No fault, no outside request, nothing nameless, nothing wide."""
    page = open_page(built_book() / path, width=320)
    assert page.faults == []
    assert weight(page.loaded) <= HEAVIER.get(path, HEAVIEST)
    assert page.evaluate(BLANK_ICONS) == []
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(UNRENDERED) == []
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert violations(page, CONTEXT, NARROW) == []
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = false)")
    for width in (320, 390, 1280):  # 390: most phones
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize(
    "path",
    [p if p == TYPICAL else pytest.param(p, marks=pytest.mark.long) for p in PAGES],
)
def test_pages_are_accessible(open_page, path):
    """Nothing for axe, in light and dark, whatever is opened."""
    page = open_page(built_book() / path)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert in_both_themes(page, CONTEXT) == []


def test_every_page_is_looked_at():
    built = [path.name for path in built_book().glob("book/*.html")]
    assert sorted(built) == sorted(path.split("/")[-1] for path in PAGES[:-1])


def test_pictures_change_their_colours_with_the_theme(open_page):
    page = open_page(built_book() / "book" / "02_squash.html")
    ink = "getComputedStyle(document.querySelector('svg.caps-picture text')).fill"
    assert page.evaluate(ink) == "rgb(31, 35, 40)"
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate(ink) == "rgb(230, 232, 235)"


def test_a_formula_leads_to_its_line(open_page):
    page = open_page(built_book() / "book" / "02_squash.html")
    page.locator(".caps-evidence-line a").first.click()
    page.wait_for_url("**/source.html#*")
    line = page.url.split("#")[1]
    assert line.startswith("squash-")
    text = page.locator(f"#{line}").evaluate("e => e.parentElement.textContent")
    assert "return (s * (norm / (1 + norm**2)))" in text


def test_a_search_finds_the_chapter(open_page):
    page = open_page(built_book() / "search.html")
    page.goto(page.url + "?q=coupling")
    found = page.locator("#search-results")
    expect(found).to_contain_text("Votes and routing")  # hits come one by one
    assert page.faults == []


def test_on_paper_is_the_chapter_alone(open_page):
    page = open_page(built_book() / "book" / "06_capsnet.html")
    page.emulate_media(media="print")
    for part in ("#jb-print-toc", ".bd-footer", ".prev-next-area", ".bd-sidebar"):
        assert page.locator(part).count() > 0, part
        assert not page.locator(part).first.is_visible(), part
    assert page.locator(".bd-article h1").first.is_visible() or (
        page.locator("#jb-print-docs-body h1").is_visible()
    )


def test_on_one_page_is_one_sheet_of_paper(open_page):
    page = open_page(built_book() / "book" / "one_page.html")
    sheets = {
        paper: page.pdf(format=paper).count(b"/Type /Page\n")
        for paper in ("A4", "Letter")
    }
    assert sheets == {"A4": 1, "Letter": 1}


def test_there_is_no_dead_colab_button(open_page):
    page = open_page(built_book() / "book" / "02_squash.html")
    links = page.locator("a[href*='colab.research']").count()
    assert (
        links == page.locator("a[href*='/blob/gh-pages/book/02_squash.ipynb']").count()
    )


def test_the_first_screen_is_the_thing_itself(open_page):
    """What it is, two ways on, and a pad that answers: all without scrolling."""
    page = open_page(built_book() / "book" / "index.html")
    page.set_viewport_size({"width": 1280, "height": 800})
    for place in (".caps-lead", ".caps-ways a >> nth=1", ".cx-pad"):
        box = page.locator(place).bounding_box()
        assert box["y"] > 0
        assert box["y"] + box["height"] < 800
    at_rest(page, "playground")
    page.get_by_role("button", name="Clear").click()
    x, y = box["x"] + box["width"] / 2, box["y"]  # of the pad
    page.mouse.move(x, y + 50)
    page.mouse.down()
    page.mouse.move(x, y + 230, steps=12)
    page.mouse.up()
    expect(page.locator(".cx-verdict")).to_contain_text("It reads a 1.")


def test_each_chapter_has_a_card_that_leads_to_it(open_page):
    page = open_page(built_book() / "book" / "index.html", width=390)
    found = page.evaluate("""() => [...document.querySelectorAll('.caps-card')].map(
      card => [card.querySelector('a').getAttribute('href'), card.innerText,
        card.querySelectorAll('svg > *').length > 1])""")
    assert [one[0] for one in found] == [f"{path.stem}.html" for path in CHAPTERS]
    assert all(drawn and "minutes. Needs" in text for _, text, drawn in found)
    page.locator(".caps-card >> nth=3").click()
    page.wait_for_url("**/04_routing.html")


def test_every_page_says_what_it_is():
    """In its description, and with a mark; nothing is published that has no content."""
    published = {str(p.relative_to(built_book())) for p in built_book().rglob("*.html")}
    published = {name for name in published if not name.startswith("alone/")}
    assert published - {"index.html", "404.html"} == set(PAGES)
    for path in PAGES[:-1]:
        text = (built_book() / path).read_text()
        assert text.count('<meta name="description"') == 1, path
        assert 'rel="icon"' in text


def test_the_lost_are_led_back():
    text = (built_book() / "404.html").read_text()
    assert 'href="/book/index.html"' in text
    assert "/_static/book.css" in text

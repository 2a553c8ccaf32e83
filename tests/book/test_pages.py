"""Every built page, opened from disk in Chromium, without a network."""

import pytest
from browser import in_both_themes, needs_chromium, violations
from built import ROOT, built_book

pytestmark = needs_chromium


SOURCES = sorted((ROOT / "book").glob("*.ipynb")) + sorted((ROOT / "book").glob("*.md"))
PAGES = [f"book/{path.stem}.html" for path in SOURCES] + ["search.html"]


# Code is highlighted alike everywhere: that of the first file of the source is checked.
CONTEXT = {
    "exclude": [
        ["#the-proofs .highlight"],
        ["#the-source section:not(:first-of-type) .highlight"],
    ]
}
# What depends on width, colours aside: those are the same on a phone.
NARROW = {
    "resultTypes": ["violations"],
    "rules": {"color-contrast": {"enabled": False}},
}
NAMELESS = """() => [...document.querySelectorAll('.bd-article :is(img, [role=img])')]
  .map(e => e.getAttribute('alt') ?? e.getAttribute('aria-label') ?? '')
  .filter(text => text.length < 15 || /\\.(png|svg)$/.test(text))"""
UNRENDERED = """() => [...document.querySelectorAll('span.math, div.math')]
  .filter(e => !e.querySelector('.katex')).map(e => e.textContent)"""


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_whole_quiet_and_accessible(open_page, path):
    """No fault, no outside request, nothing nameless, nothing wide, nothing for axe."""
    page = open_page(built_book() / path, width=320)
    assert page.faults == []
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(UNRENDERED) == []
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert violations(page, CONTEXT, NARROW) == []
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = false)")
    for width in (320, 390, 1280):  # 390: most phones
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width
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
    page.wait_for_selector("#search-results li")
    assert "Votes and routing" in page.locator("#search-results").text_content()
    assert page.faults == []


def test_there_is_no_dead_colab_button(open_page):
    page = open_page(built_book() / "book" / "02_squash.html")
    links = page.locator("a[href*='colab.research']").count()
    assert (
        links == page.locator("a[href*='/blob/gh-pages/book/02_squash.ipynb']").count()
    )

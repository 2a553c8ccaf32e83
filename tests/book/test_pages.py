"""Every built page, opened from disk in Chromium, without a network."""

import pytest
from browser import in_both_themes, needs_chromium
from built import built_book

pytestmark = needs_chromium


def pages():
    found = sorted(built_book().glob("book/*.html"))
    assert len(found) == 14  # preface, ten chapters, source, proofs, references
    return [*found, built_book() / "search.html"]


# The code of the proofs is highlighted like that of the source, which is checked.
CONTEXT = {"exclude": [["#the-proofs .highlight"]]}
NAMELESS = """() => [...document.querySelectorAll('.bd-article :is(img, [role=img])')]
  .map(e => e.getAttribute('alt') ?? e.getAttribute('aria-label') ?? '')
  .filter(text => text.length < 15 || /\\.(png|svg)$/.test(text))"""
UNRENDERED = """() => [...document.querySelectorAll('span.math, div.math')]
  .filter(e => !e.querySelector('.katex')).map(e => e.textContent)"""


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_are_whole_quiet_and_accessible(open_page, width):
    """No fault, no outside request, nothing nameless, nothing wide, nothing for axe."""
    formulas = pictures = 0
    for path in pages():
        page = open_page(path, width=width)
        where = f"{path.name} at {width} px"
        assert page.faults == [], where
        for narrow in {width, 390}:  # 390: most phones
            page.set_viewport_size({"width": narrow, "height": 900})
            scrolled = page.evaluate("document.documentElement.scrollWidth")
            assert scrolled == narrow, f"{path.name} at {narrow} px"
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(NAMELESS) == [], where
        assert page.evaluate(UNRENDERED) == [], where
        formulas += page.locator(".katex").count()
        pictures += page.locator("svg.caps-picture").count()
        page.evaluate(
            "document.querySelectorAll('details').forEach(d => d.open = true)"
        )
        assert in_both_themes(page, CONTEXT) == [], where
        page.close()
    assert formulas > 50
    assert pictures > 20


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

"""What carries the explorers: small states in notebooks, a small host in pages."""

import gzip
import html
import json
import re
import shutil
import sys
from unittest import mock

import docutils.frontend
import docutils.utils
import nbformat
import pytest
from browser import needs_chromium
from built import ROOT, built_book
from docutils import nodes

from capsnet_tutorial.explorers import __all__ as names

sys.path.insert(0, str(ROOT / "tools"))
sys.path.insert(0, str(ROOT / "book" / "_ext"))
import check_book
import run_chapter
from capsbook import explorers

STATIC = ROOT / "book" / "_ext" / "capsbook" / "static"
HOST = STATIC / "explorers-host.js"


# ------------------------------------------------------------------ light


def test_the_host_is_at_most_two_and_a_half_kilobytes():
    assert len(gzip.compress(HOST.read_bytes(), 9)) <= 2600


LARGER = {  # and 2 MB of weights, when one of them is seen
    "explorer-playground.js": 40_000,
    "explorer-digit_routing.js": 40_000,
}


def test_an_explorer_adds_at_most_thirty_kilobytes():
    seen = 0
    for script in built_book().glob("_static/explorer-*.js"):
        parts = [script.read_bytes(), HOST.read_bytes()]
        most = LARGER.get(script.name, 30_000)
        assert sum(len(gzip.compress(part, 9)) for part in parts) <= most, script.name
        seen += 1
    assert seen == len(names)


# ------------------------------------------------------------------ stored notebooks


def executed(state, **data):
    """A notebook as nbclient leaves it, with one widget."""
    view = {"model_id": "0123abcd", "version_major": 2, "version_minor": 0}
    output = nbformat.v4.new_output(
        "execute_result", {explorers.VIEW: view, "text/plain": "x", **data}
    )
    cell = nbformat.v4.new_code_cell("x", outputs=[output], execution_count=1)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    models = {"state": {"0123abcd": {"state": state}, "4567": {"state": {}}}}
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": models}
    return notebook


def test_a_chapter_stores_the_state_of_an_explorer_and_nothing_else():
    name = "capsnet_tutorial.explorers.squash.SquashExplorer"
    state = {
        "_anywidget_id": name,
        "_esm": "…",
        "layout": "IPY_MODEL_1",
        "tooltip": None,
    }
    state |= {"second": None, "s": [1.6, 1.2], "link": "", "first": "", "note": ""}
    notebook = executed(state, **{"image/svg+xml": "<svg/>"})
    run_chapter.clean(notebook)
    (output,) = notebook.cells[0].outputs
    assert sorted(output.data) == ["image/svg+xml", "text/plain"]
    assert output.metadata == {
        "explorer": {"name": "squash", "state": {"s": [1.6, 1.2], "second": None}}
    }
    assert "widgets" not in notebook.metadata
    assert "0123abcd" not in nbformat.writes(notebook)


def test_a_chapter_keeps_other_widgets_as_views_with_a_fixed_name():
    notebook = executed({"_model_name": "IntSliderModel", "value": 3})
    before = list(check_book.faults_of_cell(notebook.cells[0]))
    assert "stored a widget with a random name; use tools/run_chapter.py" in before
    run_chapter.clean(notebook)
    assert notebook.cells[0].outputs[0].data[explorers.VIEW]["model_id"] == "cell-00"
    assert list(check_book.faults_of_cell(notebook.cells[0])) == []


def test_plain_editions_carry_no_state():
    for folder in ("book", "_sources/book"):
        text = (built_book() / folder / "02_squash.ipynb").read_text()
        assert '"explorer"' not in text
        assert "image/svg+xml" in text
        assert "SquashExplorer()" in text
        assert "0.3 long, and what comes out" in text  # a role, as plain words
        assert "{try}" not in text


# ------------------------------------------------------------------ the host


GOOD = """export default { initialize() {}, render({ model, el }) {
  const show = () => { el.textContent = 'alive: ' + model.get('x'); };
  model.on('change:x', show); show();
  el.onclick = () => { model.set('x', model.get('x') + 1); model.save_changes(); };
} };"""
CODE = {
    "good": GOOD,
    "late": "export default { initialize() {}, render() { throw Error('late'); } };",
    "typo": "export default {",
}
PAGE = """<!doctype html><title>Host</title>{figures}
<input type="text"><p id="words"><a class="caps-try" href="?good=1~x:9#f">nine</a></p>
<script>window.capsExplorers = {code};</script>
<script src="explorers-host.js"></script>"""
FIGURE = """<figure><div data-explorer="{name}" data-state='{{"x": 1}}'></div>
<svg class="caps-picture" role="img" width="9" height="9"></svg></figure>"""


@pytest.fixture
def host_page(tmp_path, open_page):
    """A page with a good explorer between two broken ones and one without code."""
    shutil.copy(HOST, tmp_path)
    code = json.dumps({name: {"esm": esm, "css": ""} for name, esm in CODE.items()})
    figures = "".join(
        FIGURE.format(name=name) for name in ("typo", "good", "late", "lost")
    )
    (tmp_path / "page.html").write_text(PAGE.format(figures=figures, code=code))
    return open_page(tmp_path / "page.html")


@needs_chromium
def test_one_that_fails_leaves_its_picture_and_the_others(host_page):
    good = host_page.locator("[data-explorer=good]")
    assert good.inner_text() == "alive: 1"
    good.click()
    assert good.inner_text() == "alive: 2"
    for name in ("typo", "late", "lost"):
        figure = host_page.locator(f"figure:has([data-explorer={name}])")
        assert "did not come to life" in figure.inner_text()
        assert figure.locator("svg").is_visible()
        assert "caps-alive" not in (figure.get_attribute("class") or "")
    assert len(host_page.faults) == 3
    assert all(fault.startswith("console: ") for fault in host_page.faults)


@needs_chromium
def test_words_set_an_explorer_without_leaving_the_page(host_page):
    host_page.evaluate("document.body.dataset.same = 'yes'")
    host_page.get_by_text("nine").click()
    assert host_page.evaluate("document.body.dataset.same") == "yes"
    host_page.wait_for_url("**/page.html?good=1~x:9")


# ------------------------------------------------------------------ Sphinx


@pytest.fixture
def document(monkeypatch):
    """A document of docutils, of a chapter with one explorer, in `fig-x`."""
    made = docutils.utils.new_document("", docutils.frontend.get_default_settings())
    made.settings.env = mock.Mock(docname="book/x")
    state = {"name": "squash", "state": {"s": [1, 2], "quote": '"<'}}
    monkeypatch.setattr(explorers, "stored", lambda env, docname: {"fig-x": state})
    return made


def test_a_control_that_needs_python_says_so(document):
    tag = f'<script type="{explorers.VIEW}">{{}}</script>'
    document += [
        nodes.raw("", tag, format="html"),
        nodes.raw("", "<b/>", format="html"),
    ]
    explorers.PlaceExplorers(document).run()
    note, other = document.children
    assert 'role="note"' in note.astext()
    assert "needs Python" in note.astext()
    assert other.astext() == "<b/>"


def test_only_the_figure_of_an_explorer_gets_its_place(document):
    document += [nodes.figure(names=["fig-x"]), nodes.figure(names=["fig-y"])]
    explorers.PlaceExplorers(document).run()
    with_place, without = document.children
    place = with_place[0].astext()
    found = re.search('data-state="([^"]*)"', place)[1]
    assert json.loads(html.unescape(found)) == {"s": [1, 2], "quote": '"<'}
    assert with_place["classes"] == ["caps-explorer"]
    assert without.children == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("in words <squash=1~s:1,2>", "?squash=1~s:1,2#fig-x"),
        ("in words <routing=1~s:1,2>", None),
        ("in words <squash=s:1,2>", None),
        ("in words", None),
    ],
)
def test_words_that_set_nothing_are_a_warning(document, monkeypatch, text, address):
    monkeypatch.setattr(explorers, "logger", mock.Mock())
    role, inliner = explorers.TryRole(), mock.Mock(document=document)
    inliner.reporter.get_source_and_line.return_value = ("x", 1)
    (found,), _ = role("try", text, text, 1, inliner)
    assert explorers.logger.warning.called == (address is None)
    if address:
        assert found["refuri"] == address
        assert found.astext() == "in words"


# ------------------------------------------------------------------ in a page


def test_an_address_lands_where_it_says(open_page):
    """The living figures above it are taller than the pictures that they replace."""
    for chapter, anchor in (
        ("04_routing", "a-real-digit"),
        ("06_capsnet", "fig-playground"),
    ):
        path = built_book() / "book" / f"{chapter}.html"
        for width in (1280, 390):
            page = open_page(path, f"#{anchor}", width=width)
            page.locator("html[data-explorers=running]").wait_for()
            at = page.locator(f"#{anchor}").evaluate(
                """e => [e.getBoundingClientRect().top,
                  parseFloat(getComputedStyle(document.documentElement)
                    .scrollPaddingTop)]"""
            )
            assert abs(at[0] - at[1]) <= 8, (chapter, width)


def test_radio_buttons_of_two_explorers_have_different_names(open_page):
    page = open_page(built_book() / "book" / "06_capsnet.html")
    page.locator("html[data-explorers=running]").wait_for()
    names = page.evaluate(
        """() => [...document.querySelectorAll('.cx')].map(frame =>
          [...new Set([...frame.querySelectorAll('[type=radio]')].map(e => e.name))])"""
    )
    digits, pad = names  # their choices, bars and strips
    assert len(digits) + len(pad) >= 4
    assert not set(digits) & set(pad)


def test_words_show_the_figure_and_lead_back(open_page):
    path = built_book() / "book" / "06_capsnet.html"
    page = open_page(path, reduced_motion="reduce")
    page.locator("html[data-explorers=running]").wait_for()
    words = page.locator("a.caps-try[href^='?digit_routing']").last
    words.click()
    figure = page.locator("[data-explorer=digit_routing] .cx-figure")
    top = figure.evaluate("e => e.getBoundingClientRect().top")
    assert 0 <= top < 100
    page.get_by_role("button", name="Back to the text").click()
    assert words.evaluate("e => e === document.activeElement")
    seen = words.evaluate("e => e.getBoundingClientRect().top")
    assert 0 < seen < 900
    assert page.get_by_role("button", name="Back to the text").count() == 0

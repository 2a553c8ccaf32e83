"""What carries the explorers: one module from many, small states, a small host."""

import gzip
import json
import shutil
import subprocess
import sys

import nbformat
import pytest
import traitlets
from browser import needs_chromium
from node import EXPLORERS, run

from book import ROOT, built_book
from capsnet_tutorial.explorers import __all__ as names
from capsnet_tutorial.explorers import base, joining

sys.path.insert(0, str(ROOT / "tools"))
sys.path.insert(0, str(ROOT / "book" / "_ext"))
import check_book
import run_chapter
from capsbook import explorers

STATIC = ROOT / "book" / "_ext" / "capsbook" / "static"
HOST = STATIC / "explorers-host.js"
MODULES = sorted(
    path.stem for path in EXPLORERS.glob("*.py") if path.with_suffix(".js").exists()
)


# ------------------------------------------------------------------ one module


def test_every_explorer_is_one_module_without_imports(tmp_path):
    assert len(MODULES) == len(names)
    for name in MODULES:
        text = joining.module(name)
        assert text.count("export default") == 1
        assert "import {" not in text
        (tmp_path / "joined.mjs").write_text(text)  # two equal names would stop it here
        address = json.dumps((tmp_path / "joined.mjs").as_uri())
        script = f"console.log(Object.keys((await import({address})).default))"
        done = subprocess.run(
            ["node", "--input-type=module", "-e", script],
            capture_output=True,
            text=True,
        )
        assert "'initialize', 'render'" in done.stdout, done.stderr


def test_what_is_imported_comes_first_and_once(tmp_path):
    (tmp_path / "leaf.js").write_text("// a comment\nexport const leaf = 1;\n")
    (tmp_path / "twig.js").write_text(
        'import { leaf } from "./leaf.js";\nexport const twig = leaf + 1;\n'
    )
    (tmp_path / "tree.js").write_text(
        'import { leaf } from "./leaf.js";\nimport {\n  twig,\n} from "./twig.js";\n'
        "export default leaf + twig;\n"
    )
    lines = joining.module("tree", tmp_path).split("\n")
    assert [line for line in lines if line] == [
        "const leaf = 1;",
        "const twig = leaf + 1;",
        "export default leaf + twig;",
    ]


def test_another_form_of_import_is_an_error(tmp_path):
    (tmp_path / "tree.js").write_text('import * as leaf from "./leaf.js";\n')
    with pytest.raises(ValueError, match=r"tree\.js: write `import"):
        joining.module("tree", tmp_path)


def test_colours_are_those_of_the_palette():
    style = joining.style("squash")
    assert "--below: var(--caps-below, #0072b2)" in style
    assert "html[data-theme='dark'] .cx" in style
    assert "--below: var(--caps-below, #56b4e9)" in style


def test_the_book_needs_no_torch_for_the_code():
    script = (
        "import sys; from capsbook import explorers; "
        "explorers.joining().module('squash'); assert 'torch' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", script], check=True, cwd=ROOT / "book" / "_ext"
    )


# ------------------------------------------------------------------ light


def test_the_host_is_at_most_two_kilobytes():
    assert len(gzip.compress(HOST.read_bytes(), 9)) <= 2000


def test_an_explorer_adds_at_most_thirty_kilobytes():
    seen = 0
    for script in built_book().glob("_static/explorer-*.js"):
        parts = [script.read_bytes(), HOST.read_bytes()]
        assert sum(len(gzip.compress(part, 9)) for part in parts) <= 30_000, script.name
        seen += 1
    assert seen == len(names)


# ------------------------------------------------------------------ links


CODECS = """
const kinds = { s: listOf(fixed(1, -5, 5), 2), m: oneOf("a", "b"), n: maybe(flag),
  grid: listOf(listOf(fixed(0, 0, 9)), undefined, ".") };
"""


def links(body, **given):
    return run("link.js", CODECS + body, **given)


def test_a_state_survives_its_link():
    state = {"s": [-1.5, 5], "m": "b", "n": None, "grid": [[1, 2], [], [3]]}
    text = links("return encode(kinds, given.state)", state=state)
    assert text == "1~s:-15,50~m:b~n:-~grid:1,2..3"
    assert links("return decode(kinds, given.text)", text=text) == state


@pytest.mark.parametrize(
    "text",
    ["", "0~m:a", "2~m:a", "1~m", "1~m:c", "1~s:1", "1~s:1,2,3", "1~s:1.5,2",
     "1~s:51,0", "1~s:,1", "1~n:2", "1~other:1", "1~constructor:1",
     "1~s:1e1,0", "1~", "1~m:a~"],
)  # fmt: skip
def test_what_cannot_be_read_is_an_error(text):
    body = (
        "try { decode(kinds, given.text); return 'read'; } catch (e) { return e.name; }"
    )
    assert links(body, text=text) == "RangeError"


def test_what_is_written_is_put_in_range_and_rounded():
    body = "return rounded(kinds, { s: [9, -1.26], other: 7 })"
    assert links(body) == {"s": [5, -1.3], "other": 7}


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
    host_page.wait_for_timeout(350)
    assert host_page.url.endswith("page.html?good=1~x:9")


def test_a_control_that_needs_python_says_so():
    assert 'role="note"' in explorers.NEEDS_KERNEL
    assert "open the chapter in JupyterLab" in explorers.NEEDS_KERNEL


# ------------------------------------------------------------------ the base class


def test_traits_take_tensors_arrays_and_tuples():
    class Small(base.Explorer):
        _esm, _css = "export default {}", ""
        xs = traitlets.List().tag(sync=True)

    assert Small(xs=(1, 2)).xs == [1, 2]
    assert Small(link="1~x:1").link == "1~x:1"
    with pytest.raises(NotImplementedError):
        Small().picture()

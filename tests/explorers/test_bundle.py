"""What explorers are made of: one module from many, links, and the base class."""

import json
import subprocess
import sys

import pytest
import traitlets
from built import ROOT
from node import run

from capsnet_tutorial import explorers
from capsnet_tutorial.explorers import __all__ as names
from capsnet_tutorial.explorers import base
from capsnet_tutorial.explorers.bundle import joining

MODULES = [getattr(explorers, name).__module__.split(".")[-1] for name in names]


# ------------------------------------------------------------------ one module


def test_every_explorer_is_one_module_without_imports(tmp_path):
    assert len(set(MODULES)) == len(names)
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


def test_what_is_imported_comes_first_and_once_in_a_scope_of_its_own(tmp_path):
    (tmp_path / "leaf.js").write_text(
        "// a comment\nconst own = 0;\nexport const leaf = 1;\nexport const dry = 2;\n"
    )
    (tmp_path / "twig.js").write_text(
        '/** @param {number} x */\nimport { leaf } from "./leaf.js";\n'
        "export function twig(x) { return leaf + x; }\n"
    )
    (tmp_path / "tree.js").write_text(
        'import numbers from "./tree.json" with { type: "json" };\n'
        'import { leaf } from "./leaf.js";\nimport {\n  twig,\n} from "./twig.js";\n'
        "export default leaf + twig(numbers.x);\n"
    )
    (tmp_path / "tree.json").write_text('{"x": 7}')
    lines = joining.joined(tmp_path / "tree.js").split("\n")
    leaf, twig = (f"${tmp_path.name}_{name}" for name in ("leaf", "twig"))
    assert [line for line in lines if line] == [
        f"const {leaf} = (() => {{",
        "const own = 0;",
        "const leaf = 1;",
        "const dry = 2;",
        "return { leaf };",
        "})();",
        f"const {twig} = (() => {{",
        f"const {{ leaf }} = {leaf};",
        "function twig(x) { return leaf + x; }",
        "return { twig };",
        "})();",
        'const numbers = {"x": 7};',
        f"const {{ leaf }} = {leaf};",
        f"const {{ twig }} = {twig};",
        "export default leaf + twig(numbers.x);",
    ]


def test_comments_and_types_stay_behind_and_texts_come_whole(tmp_path):
    (tmp_path / "tree.js").write_text(
        """/**
 * A block.
 */
export default function tree(x) {
  /** @param {string} text */
  const leaf = (text) => text; // at the end
  // of its own

  return /** @type {any} */ (x) ? leaf("a // b") : `/${x} // c`;
}
/** @typedef {number} Last */
"""
    )
    assert joining.joined(tmp_path / "tree.js").split("\n") == [
        "export default function tree(x) {",
        "const leaf = (text) => text;",
        'return (x) ? leaf("a // b") : `/${x} // c`;',
        "}",
        "",
    ]


@pytest.mark.parametrize(
    "line",
    [
        'import * as leaf from "./leaf.js";',
        'import leaf from "./leaf.js";',
        'import { leaf as leave } from "./leaf.js";',
        'export { leaf } from "./leaf.js";',
        "export const { a, b } = numbers;",
        "export let count = 0;",
    ],
)
def test_another_form_of_import_or_export_is_an_error(tmp_path, line):
    (tmp_path / "leaf.js").write_text("export const leaf = 1;\n")
    (tmp_path / "twig.js").write_text(f"{line}\n")
    (tmp_path / "tree.js").write_text('import { twig } from "./twig.js";\n')
    with pytest.raises(ValueError, match=r"twig\.js: `(im|ex)port .*` is not read"):
        joining.joined(tmp_path / "tree.js")


def test_colours_are_those_of_the_palette():
    style = joining.style("squash")
    assert "--below: var(--caps-below, #0072b2)" in style
    assert "html[data-theme='dark'] .cx" in style
    assert "--below: var(--caps-below, #56b4e9)" in style


def test_the_book_needs_no_torch_for_the_code():
    script = (
        "import sys; from capsbook import explorers; "
        "explorers.alone('joining').module('squash'); assert 'torch' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", script], check=True, cwd=ROOT / "book" / "_ext"
    )


# ------------------------------------------------------------------ numbers


def test_numbers_are_written_as_people_read_them():
    def written(body):
        return run("kit/numbers.js", f"return {body}")

    assert written("[-0.04, -0.06, 12.345].map((x) => decimals(x, 1))") == [
        "0.0",
        "−0.1",
        "12.3",
    ]
    assert written("[NaN, 1 / 0].map((x) => decimals(x, 1))") == 2 * ["undefined"]
    assert written("[0.5, -0.5, 0].map((x) => signed(x, 1))") == ["+0.5", "−0.5", "0"]
    assert written("[minus(-3), minus(3)]") == ["−3", "3"]
    assert written("[-1, 4, 9].map((x) => clamp(x, 2, 7))") == [2, 4, 7]


# ------------------------------------------------------------------ links


CODECS = """
const kinds = { s: listOf(fixed(1, -5, 5), 2), m: oneOf("a", "b"), n: maybe(flag),
  grid: listOf(listOf(fixed(0, 0, 9)), undefined, ".") };
"""


def links(body, **given):
    return run("kit/link.js", CODECS + body, **given)


def test_a_state_survives_its_link():
    state = {"s": [-1.5, 5], "m": "b", "n": None, "grid": [[1, 2], [], [3]]}
    text = links("return encode(kinds, given.state)", state=state)
    assert text == "1~s:-15,50~m:b~n:-~grid:1,2..3"
    assert links("return decode(kinds, given.text)", text=text) == state
    assert links("return ['0', '-'].map(kinds.n.read)") == [False, None]
    assert links("return [false, null].map(kinds.n.write)") == ["0", "-"]


@pytest.mark.parametrize(
    "text",
    ["", "0~m:a", "2~m:a", "1~m", "1~m:c", "1~s:1", "1~s:1,2,3", "1~s:1.5,2",
     "1~s:51,0", "1~s:-51,0", "1~s:,1", "1~n:2", "1~other:1", "1~constructor:1",
     "1~s:1e1,0", "1~", "1~m:a~"],
)  # fmt: skip
def test_what_cannot_be_read_is_an_error(text):
    body = (
        "try { decode(kinds, given.text); return 'read'; } catch (e) { return e.name; }"
    )
    assert links(body, text=text) == "RangeError"


def test_what_is_written_is_put_in_range_and_rounded():
    body = "return rounded(kinds, { s: [9, 1.26], other: 7 })"
    assert links(body) == {"s": [5, 1.3], "other": 7}


# ------------------------------------------------------------------ the base class


def test_traits_take_tensors_arrays_and_tuples():
    class Small(base.Explorer):
        _esm, _css = "export default {}", ""
        xs = traitlets.List().tag(sync=True)

    assert Small(xs=(1, 2)).xs == [1, 2]
    assert Small(link="1~x:1").link == "1~x:1"
    with pytest.raises(NotImplementedError):
        Small().picture()

"""Every axis letter in annotations and einops strings is in the axis key."""

import ast
import re

import pytest
from built import ROOT

PACKAGE = ROOT / "capsnet_tutorial"
EINOPS = {"einsum", "rearrange", "reduce", "repeat"}
BOOK = set("bijdetchw")  # the letters of the whole book
ROOMS = {  # and those of a room, as the docstrings there explain them
    "encoding": set("kmnps"),
    "fast": set("oxy") | {"di", "height", "width"},
    "images": set("n"),
    "overlaps": set("n"),
    "runs": set("n"),
    "variants": set("oxy"),
}
FILES = sorted(PACKAGE.rglob("*.py"))


def shapes(tree):
    """Of annotations, such as Float[Tensor, "b j e"], and of einops patterns."""
    typed = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "jaxtyping"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") in typed:
            yield node.slice.elts[-1].value
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in EINOPS:
            yield from (a.value for a in node.args if isinstance(a, ast.Constant))


def axes_of(shape):
    """Names of axes: letters, or words; numbers and rests are none."""
    plain = re.sub(r"\*\w+|->|[(),#]", " ", shape)
    return {name for name in plain.split() if not name.isdigit()}


def unknown_axes(path, text=None):
    room = path.relative_to(PACKAGE).parts[0] if path.parent != PACKAGE else ""
    known = BOOK | ROOMS.get(room, set()) | {"_"}
    tree = ast.parse(path.read_text(encoding="utf-8") if text is None else text)
    found = [(shape, axes_of(shape) - known) for shape in shapes(tree)]
    return len(found), [(shape, axes) for shape, axes in found if axes]


def test_axis_letters_are_those_of_the_key():
    seen = 0
    for path in FILES:
        n, unknown = unknown_axes(path)
        assert unknown == [], path
        seen += n
    assert seen >= 100


@pytest.mark.parametrize(
    "line",
    [
        'def f(x: Int64[Tensor, "2 q"]): ...',
        'def f(x: Float[Tensor, "*rest q"]): ...',
        'einsum(a, b, "b i q, b j -> b i j")',
    ],
)
@pytest.mark.parametrize("room", ["", "runs", "fast"])
def test_a_letter_of_no_key_is_found_anywhere(line, room):
    text = f"from jaxtyping import Float, Int64\n{line}\n"
    path = PACKAGE / room / "new.py"
    assert [axes for _, axes in unknown_axes(path, text)[1]] == [{"q"}]

"""Every axis letter in annotations and einops strings is in the axis key."""

import ast
import re
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "capsnet_tutorial"
KEY = set("bijdetchw" + "kmnps")  # the second half: encoding.py and drawings.py
ONLY_IN = {"convolution.py": set("oxy_") | set("height") | set("width")}
ANNOTATIONS = {"Bool", "Float", "Integer"}
EINOPS = {"einsum", "rearrange", "reduce", "repeat"}


def shape_strings():
    """Shapes in annotations, such as Float[Tensor, "b j e"], and einops patterns."""
    for path in sorted(PACKAGE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Subscript)
                and getattr(node.value, "id", "") in ANNOTATIONS
            ):
                yield path.name, node.slice.elts[-1].value
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in EINOPS:
                strings = [a.value for a in node.args if isinstance(a, ast.Constant)]
                yield path.name, strings[0]


def test_axis_letters_are_those_of_the_key():
    seen = 0
    for file, shape in shape_strings():
        letters = set(re.sub(r"\*rest|->|[\d(), #]", "", shape))
        unknown = letters - KEY - ONLY_IN.get(file, set())
        assert not unknown, f"{file}: {shape!r} uses {unknown}"
        seen += 1
    assert seen >= 30

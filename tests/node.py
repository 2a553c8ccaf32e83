"""Run the JavaScript of the explorers in node, as it is."""

import json
import subprocess
from pathlib import Path

import torch

import capsnet_tutorial

EXPLORERS = Path(capsnet_tutorial.__file__).parent / "explorers"
NODE = """
import {{ readFileSync }} from "node:fs";
import * as module from {module};
const lists = (key, value) => (ArrayBuffer.isView(value) ? [...value] : value);
const given = JSON.parse(readFileSync(0));
const bytes = (base64) => Uint8Array.from(Buffer.from(base64, "base64")).buffer;
const answer = await (async ({{ {names} }}) => {{ {body} }})(module);
console.log(JSON.stringify(answer ?? null, lists));
"""


def run(module: str, body: str, **given):
    """What a piece of JavaScript returns that sees the exports of one module.

    Args:
        module: a file in capsnet_tutorial/explorers, such as "model/capsules.js".
        body: statements; they read `given.NAME`, and the last is a `return`.
        given: lists, numbers, texts and tensors.
    """
    path = EXPLORERS / module
    names = [line.split("(")[0].split() for line in path.read_text().splitlines()]
    exports = [words[2] for words in names if words[:1] == ["export"]]
    script = NODE.format(
        module=json.dumps(path.as_uri()), names=", ".join(exports), body=body
    )
    done = subprocess.run(
        ["node", "--input-type=module", "--no-warnings", "--eval", script],
        input=json.dumps(given, default=lambda x: x.tolist()),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_close(found, expected, atol=1e-5):
    """Equal numbers, in equal shapes, to the accuracy that the explorers promise."""
    expected = torch.as_tensor(expected, dtype=torch.float64)
    found = torch.as_tensor(found, dtype=torch.float64)
    torch.testing.assert_close(found, expected, atol=atol, rtol=0)

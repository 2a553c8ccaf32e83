"""Run the JavaScript of the explorers in node, as it is: one node for all tests."""

import atexit
import functools
import json
import os
import subprocess
from pathlib import Path

import torch

import capsnet_tutorial

EXPLORERS = Path(capsnet_tutorial.__file__).parent / "explorers"
WORKER = """
import { createInterface } from "node:readline";

const AsyncFunction = (async () => {}).constructor;
const bytes = (base64) => Uint8Array.from(Buffer.from(base64, "base64")).buffer;
const lists = (key, value) => (ArrayBuffer.isView(value) ? [...value] : value);
async function answer({ url, body, given }) {
  const module = await import(url);
  const names = ["given", "bytes", `{ ${Object.keys(module)} }`];
  const asked = new AsyncFunction(...names, body);
  return asked(given, bytes, module);
}
for await (const line of createInterface({ input: process.stdin })) {
  const said = await answer(JSON.parse(line)).then(
    (value) => ({ value: value ?? null }),
    (error) => ({ error: String(error?.stack ?? error) }),
  );
  process.stdout.write(JSON.stringify(said, lists) + "\\n");
}
"""


@functools.cache
def worker(process: int) -> subprocess.Popen:
    """The node of one process of Python: a fork must not share its parent's."""
    node = subprocess.Popen(
        ["node", "--input-type=module", "--no-warnings", "--eval", WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(node.kill)
    return node


def run(module: str, body: str, **given):
    """What a piece of JavaScript returns that sees the exports of one module.

    Args:
        module: a file in capsnet_tutorial/explorers, such as "model/capsules.js".
        body: statements; they read `given.NAME`, and the last is a `return`.
        given: lists, numbers, texts and tensors.
    """
    node = worker(os.getpid())
    asked = {"url": (EXPLORERS / module).as_uri(), "body": body, "given": given}
    node.stdin.write(json.dumps(asked, default=lambda x: x.tolist()) + "\n")
    node.stdin.flush()
    line = node.stdout.readline()
    if not line:
        worker.cache_clear()
        raise AssertionError("node ended; what it said is above")
    said = json.loads(line)
    assert "error" not in said, said["error"]
    return said["value"]


def assert_close(found, expected, atol=1e-5):
    """Equal numbers, in equal shapes, to the accuracy that the explorers promise."""
    expected = torch.as_tensor(expected, dtype=torch.float64)
    found = torch.as_tensor(found, dtype=torch.float64)
    torch.testing.assert_close(found, expected, atol=atol, rtol=0)

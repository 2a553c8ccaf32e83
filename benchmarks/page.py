"""Time a frame of the playground: pixels to lengths, and one capsule drawn again.

    python benchmarks/page.py          `tiny` in Chromium, and in node if there is one
    python benchmarks/page.py small    a preset of that size with random weights

Prints milliseconds, and writes no record: a browser on another machine has its own.
"""

import argparse
import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from capsnet_tutorial import CapsNet, load_mnist, load_pretrained
from capsnet_tutorial.capsnet import PRESETS
from capsnet_tutorial.explorers.bundle.joining import EXPLORERS, joined
from capsnet_tutorial.explorers.bundle.weights import pack

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from browser import CHROMIUM, OPTIONS

FRAMES = """async ({ text, header, base64, image, address }) => {
  const { createNetwork } = await import(address(text));
  const block = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
  const clock = (run) => {
    const start = performance.now();
    run();
    return performance.now() - start;
  };
  let net;
  const created = clock(() => (net = createNetwork(header, block)));
  const pixels = Float32Array.from(image);
  const frame = () => net.decode(net.forward(pixels).pose[0], 0);
  const first = clock(frame);
  const later = Array.from({ length: 300 }, () => clock(frame)).sort((a, b) => a - b);
  const [median, p95] = [0.5, 0.95].map((share) => later[Math.floor(share * 300)]);
  return { created, first, median, p95 };
}"""
BLOB = "(text) => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))"
DATA = "(text) => 'data:text/javascript,' + encodeURIComponent(text)"


def in_chromium(given: dict) -> dict:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=OPTIONS.split(), headless=True
        )
        call = f"(given) => ({FRAMES})({{ ...given, address: {BLOB} }})"
        found = browser.new_page().evaluate(call, given)
        browser.close()
    return found


def in_node(given: dict) -> dict:
    script = (
        "const given = JSON.parse(require('fs').readFileSync(0));"
        f"({FRAMES})({{ ...given, address: {DATA} }})"
        ".then((found) => console.log(JSON.stringify(found)))"
    )
    command = ["node", "--eval", script]
    done = subprocess.run(command, input=json.dumps(given), text=True, check=True,
                          stdout=subprocess.PIPE)  # fmt: skip
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?", default="tiny", choices=list(PRESETS))
    name = parser.parse_args().name
    model = load_pretrained(name) if name == "tiny" else CapsNet(PRESETS[name])
    header, block = pack(model)
    image = load_mnist("val", source="mini").tensors[0][0].flatten().tolist()
    given = {
        "text": joined(EXPLORERS / "model" / "network.js"),
        "header": header,
        "base64": base64.b64encode(block).decode(),
        "image": image,
    }
    places = {"Chromium": in_chromium} | (
        {"node": in_node} if shutil.which("node") else {}
    )
    for place, measure in places.items():
        found = measure(given)
        print(
            f"{name} in {place}: "
            + ", ".join(f"{k} {v:.1f} ms" for k, v in found.items())
        )


if __name__ == "__main__":
    main()

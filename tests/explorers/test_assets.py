"""Weights that come as scripts: whole, in order, checked, and with progress."""

import re

import pytest
from browser import needs_chromium
from built import ROOT
from node import assert_close

from capsnet_tutorial import load_mnist, load_pretrained
from capsnet_tutorial.explorers.bundle import parts
from capsnet_tutorial.explorers.bundle.joining import EXPLORERS, joined

pytestmark = needs_chromium
MODULE = """async ([network, assets]) => {
  const load = (text) => {
    const blob = new Blob([text], { type: "text/javascript" });
    return import(URL.createObjectURL(blob));
  };
  globalThis.modules = { ...await load(network), ...await load(assets) };
}"""


@pytest.fixture
def page(open_page, tmp_path):
    """A page opened from disk, without a network, that has imported the modules."""
    parts.write_scripts("tiny", ROOT / "data", tmp_path)
    file = tmp_path / "page.html"
    file.write_text("<!doctype html><title>Weights</title>")
    page = open_page(file)
    files = (EXPLORERS / "model" / f"{name}.js" for name in ("network", "assets"))
    page.evaluate(MODULE, list(map(joined, files)))
    return page


LOAD = """async () => {
  const shares = [];
  try {
    const hear = (share) => shares.push(share);
    const { header, block } = await modules.loadWeights("tiny.js", hear);
    return { header, bytes: block.byteLength, shares };
  } catch (error) { return { error: error.message, shares } }
}"""


def test_a_page_from_disk_gets_the_network(page):
    image = load_mnist("val", source="mini").tensors[0][7]
    lengths = page.evaluate(
        """async (image) => {
          const { header, block } = await modules.loadWeights("tiny.js");
          return modules.createNetwork(header, block).forward(image).lengths;
        }""",
        image.flatten().tolist(),
    )
    assert_close(lengths, load_pretrained("tiny")(image[None]).lengths[0])


def test_progress_grows_from_0_to_1(page):
    found = page.evaluate(LOAD)
    shares = found["shares"]
    assert shares[0] == 0
    assert shares[-1] == 1
    assert shares == sorted(shares)
    assert len(set(shares)) == 1 + len(found["header"]["parts"]) > 20


def test_what_was_loaded_is_not_loaded_again(page):
    first = page.evaluate(LOAD)
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    again = page.evaluate(LOAD)
    assert again["bytes"] == first["bytes"] == first["header"]["bytes"]
    assert again["shares"] == [1]
    assert requests == []
    assert page.evaluate("Object.keys(capsnetParts).length") == 0  # no copy is kept


def test_two_widgets_at_once_load_one_copy(page):
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.evaluate(f"Promise.all([({LOAD})(), ({LOAD})()])")
    assert len(requests) == len(set(requests)) > 20


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: None, "tiny-03.js did not load; load the page again"),
        (lambda text: "}", "tiny-03.js did not load"),
        (lambda text: text.replace('";', 'AAAA";'), "1584675 of 1584672 bytes"),
        (
            lambda text: text[:5000] + text[5001:5007] + text[5000:5001] + text[5007:],
            "the weights are damaged",
        ),
    ],
)
def test_what_is_missing_or_damaged_is_said_and_can_be_tried_again(
    page, tmp_path, change, message
):
    file = tmp_path / "tiny-03.js"
    text = file.read_text()
    changed = change(text)
    assert changed != text
    file.unlink() if changed is None else file.write_text(changed)
    assert re.search(message, page.evaluate(LOAD)["error"])
    file.write_text(text)
    assert page.evaluate(LOAD)["shares"][-1] == 1

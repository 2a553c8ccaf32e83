"""tools/play.py: an explorer alone in a page, as its files are now."""

import json
import os
import shutil
import sys
import threading
import urllib.error
import urllib.request

import pytest
from built import ROOT

from capsnet_tutorial.explorers.bundle import joining

sys.path.insert(0, str(ROOT / "tools"))
import play


@pytest.fixture
def get(monkeypatch, tmp_path):
    """What the server answers; joining.EXPLORERS is a copy that a test may change."""
    files = shutil.copytree(joining.EXPLORERS, tmp_path / "explorers")
    monkeypatch.setattr(joining, "EXPLORERS", files)

    def get(path):
        address = f"http://127.0.0.1:{server.server_port}/{path}"
        with urllib.request.urlopen(address) as answer:
            return answer.read().decode()

    with play.serve("digit_routing", port=0) as server:
        threading.Thread(target=server.serve_forever).start()
        yield get
        server.shutdown()


def test_a_saved_file_is_in_the_page_at_its_next_load(get):
    before, file = get("newest"), joining.EXPLORERS / "kit" / "frame.js"
    assert f'!== "{before}"' in get("")
    file.write_text(file.read_text() + 'console.log("new");\n')
    os.utime(file, ns=(0, int(before) + 1))  # however coarse the clock of the disk is
    assert get("newest") == str(int(before) + 1)
    assert json.dumps('console.log("new");\n')[1:-1] in get("")


def test_a_page_begins_as_the_class_in_python(get):
    text = get("?theme=dark&width=320")
    state = json.loads(text.partition("JSON.stringify(")[2].partition(");\n")[0])
    assert (state["digit"], state["weights"]) == (8, "tiny")
    assert not {"link", "block", "header"} & set(state)
    assert 'data-theme="dark"' in text
    assert "max-width: 320px" in text


def test_weights_come_where_the_explorer_asks_for_them(get):
    assert '["tiny.js"]' in get("tiny.js")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get("other.js")


def test_what_cannot_be_joined_is_said_in_the_page(get):
    (joining.EXPLORERS / "kit" / "frame.js").write_text("export let x = 0;\n")
    assert "throw Error(" in get("")
    assert "is not read" in get("")

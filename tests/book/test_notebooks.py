"""Every explorer in JupyterLab and in Notebook: Python and the page always agree.

A real server, a real kernel, and Chromium, which may ask nobody else.  A second client
of the kernel asks Python what the traits are: what was dragged in the page must be
there, and what Python sets must come to the page.  `make test-long` does the same with
the widgets of Colab, in JupyterLab 3 and the classic Notebook.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
from pathlib import Path

import nbformat
import pytest
from browser import chromium, needs_chromium
from built import ROOT
from jupyter_client import BlockingKernelClient

pytestmark = needs_chromium

LEFT, UP = (-30, 5), (90, -90)  # pixels

# Each explorer: what is dragged in the page and where, and traits that Python sets.
VOTES = [[[angle, 1.0], [90.0, 0.5]] for angle in (10.0, 20.0, 200.0)]
EXPLORERS = {
    "SquashExplorer": (".cx-handle", LEFT, {"s": [0.6, -0.8], "second": 60.0}),
    "RoutingExplorer": (
        ".cx-bead",
        LEFT,
        {"arrows": VOTES, "iterations": 2, "child": 2},
    ),
    "MarginExplorer": (
        ".cx-handle",
        LEFT,
        {"lengths": [0.95] * 2 + [0.3] * 8, "present": [True] * 10},
    ),
    "DigitRoutingExplorer": (".cx-handle", UP, {"digit": 3, "iterations": 5}),
    "Playground": (".cx-pad", LEFT, {"digit": 6, "strokes": [], "angle": 90.0}),
}
PLACES = {"JupyterLab": "lab/tree", "Notebook": "notebooks"}
IDLE = ".jp-Notebook-ExecutionIndicator[data-status=idle], .kernel_idle_icon"
EDITOR = ".jp-CodeCell .cm-content, .CodeMirror"
PROMPT = ".jp-CodeCell .jp-InputPrompt, .input_prompt"
PATIENCE = 60  # seconds; all takes far less, on a machine that does nothing else
SERVER = [
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--IdentityProvider.token=",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
]


@contextlib.contextmanager
def jupyter(folder, python=sys.executable):
    """A server for JupyterLab and Notebook that shows a folder; gives its address."""
    own = {f"JUPYTER_{kind}_DIR": folder / kind for kind in ("CONFIG", "RUNTIME")}
    own |= {"IPYTHONDIR": folder / "ipython", "PYTHONPATH": ROOT}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [python, "-m", "jupyter_server", *SERVER, f"--port={port}"]
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(
            [*command, f"--ServerApp.root_dir={folder}"],
            env={**os.environ, **{key: str(path) for key, path in own.items()}},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}/"
    try:
        wait(lambda: answers(address + "api"), "the server to start")
        yield address
    finally:
        server.terminate()
        server.wait()


def answers(address):
    with contextlib.suppress(OSError), urllib.request.urlopen(address):
        return True


def wait(fact, what):
    """Wait until `fact()` is true, and return what it says."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := fact():
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {PATIENCE} s for {what}")


@contextlib.contextmanager
def opened_notebook(address, folder, browser, place):
    """A notebook with a cell for each explorer, run; the page, and its kernel."""
    cells = [f"from capsnet_tutorial.explorers import {', '.join(EXPLORERS)}"]
    cells += [f"{name.lower()} = {name}()\n{name.lower()}" for name in EXPLORERS]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, folder / f"{place}.ipynb")
    before = set((folder / "RUNTIME").glob("kernel-*.json"))
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    page.set_default_timeout(1000 * PATIENCE)
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(f"error: {error}"))
    page.on("console", lambda m: page.faults.append(m.text) if m.type == "error" else 0)
    page.on("request", lambda r: note_request(page, r.url, address))
    page.goto(f"{address}{PLACES[place]}/{place}.ipynb")
    wait(lambda: has_kernel(address, place), "the page to reach its kernel")
    page.locator(IDLE).wait_for()
    page.faults = [fault for fault in page.faults if "outside" in fault]  # not ours
    page.locator(EDITOR).first.click()
    for prompt in page.locator(PROMPT).all():
        page.keyboard.press("Shift+Enter")
        wait(lambda p=prompt: re.search(r"[\d*]", p.inner_text()), "a cell to run")
    page.locator(".cx").nth(len(EXPLORERS) - 1).wait_for()
    (connection,) = set((folder / "RUNTIME").glob("kernel-*.json")) - before
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels()
    yield page, client
    client.stop_channels()
    page.close()


def has_kernel(address, place):
    with urllib.request.urlopen(f"{address}api/sessions") as reply:
        kernels = [s["kernel"] for s in json.load(reply) if place in s["path"]]
    return any(k["connections"] and k["execution_state"] == "idle" for k in kernels)


def note_request(page, url, address):
    ours = address, address.replace("http", "ws"), "data:", "blob:"
    if not url.startswith(ours):
        page.faults.append(f"outside request: {url}")


def python(client, code, expression="None"):
    """Run a line in the kernel, and return the value of an expression after it."""
    asked = {"value": expression}
    reply = client.execute(code, user_expressions=asked, reply=True, timeout=PATIENCE)
    value = reply["content"]["user_expressions"]["value"]
    assert value["status"] == "ok", value
    return eval(value["data"]["text/plain"])  # lists, numbers and texts, by repr


def agree(page_text, client, name):
    """Whether all numbers of the sentence that Python says are on the screen."""
    sentence = python(client, "", f"repr({name})")
    numbers, shown = (re.findall(NUMBER, text) for text in (sentence, page_text()))
    assert numbers, sentence
    return all(any(is_rounded(number, more) for more in shown) for number in numbers)


NUMBER = r"\d+\.\d+"


def is_rounded(number, more):
    """Whether a number is another one, or that one rounded."""
    digits = [len(text.partition(".")[2]) for text in (number, more)]
    return digits[0] <= digits[1] and f"{float(more):.{digits[0]}f}" == number


@pytest.mark.long
@pytest.mark.parametrize("place", PLACES)
def test_python_and_the_page_agree(tmp_path, place):
    with (
        jupyter(tmp_path) as address,
        chromium() as browser,
        opened_notebook(address, tmp_path, browser, place) as (page, client),
    ):
        check_all(page, client)


# What Colab has in August 2026, and the last JupyterLab and classic Notebook for it.
OLD = [
    "ipywidgets==7.7.1",
    "anywidget==0.9.21",
    "ipython==7.34.0",
    "ipykernel<7",
    "jupyterlab<4",
    "jupyterlab_widgets<2",
    "notebook<7",
    "nbclassic",
]


@pytest.fixture(scope="module")
def old_python(tmp_path_factory):
    """Python with old widgets, and beside them all that this one has.  From PyPI."""
    folder = tmp_path_factory.mktemp("old")
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-qq", *OLD], check=True)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.check_output([python, "-c", where], text=True).strip()
    ours = sysconfig.get_path("purelib")
    Path(site, "zz_after_its_own.pth").write_text(ours)
    return python


@pytest.mark.long
@pytest.mark.parametrize("place", PLACES)
def test_python_and_the_page_agree_with_the_widgets_of_colab(
    tmp_path, old_python, place
):
    with (
        jupyter(tmp_path, old_python) as address,
        chromium() as browser,
        opened_notebook(address, tmp_path, browser, place) as (page, client),
    ):
        versions = "__import__('ipywidgets').__version__, __import__('anywidget')"
        found = python(client, "", f"str([{versions}.__version__])")
        assert found == "['7.7.1', '0.9.21']"
        check_all(page, client)


def check_all(page, client):
    for number, (explorer, how) in enumerate(EXPLORERS.items()):
        frame = page.locator(".cx").nth(number)
        frame.scroll_into_view_if_needed()
        check_both_ways(client, page, frame, explorer.lower(), *how)
    assert page.faults == []


def check_both_ways(client, page, frame, name, handle, way, traits):
    def there(trait):
        return python(client, "", f"{name}.{trait}")

    def agreed(what):
        wait(lambda: agree(frame.inner_text, client, name), f"{name} to show {what}")

    def rests():
        return frame.get_attribute("data-settled") == there("link")

    agreed("the first view")
    first = wait(lambda: there("link"), "the link")
    before = {trait: there(trait) for trait in traits}
    assert first == there("first")
    drag(page, frame.locator(handle).first, way)
    wait(lambda: there("link") != first, "the drag to reach Python")
    wait(rests, "the last of the drag")
    agreed("what Python has after the drag")
    dragged = there("link")
    news = "; ".join(f"{name}.{key} = {value}" for key, value in traits.items())
    python(client, f"with {name}.hold_sync(): {news}")
    agreed("what Python has set")
    assert {trait: there(trait) for trait in traits} == traits
    wait(lambda: there("link") not in (first, dragged), "the link of what Python set")
    python(client, f"{name}.link = {first!r}")
    wait(lambda: {trait: there(trait) for trait in traits} == before, "the first view")
    agreed("the first view again")
    assert there("link") == first


def drag(page, handle, way):
    """Take a handle in its middle, or a bar at its end, and bring it elsewhere."""
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + way[0], y + way[1], steps=5)
    page.mouse.up()

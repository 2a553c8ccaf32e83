"""Every explorer in JupyterLab and in Notebook: Python and the page always agree.

Real servers, a real kernel, Chromium without any other network.  A second client of the
same kernel asks Python what the traits are: what was dragged in the page must be there,
and what Python sets must come to the page.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from browser import chromium, needs_chromium
from jupyter_client import BlockingKernelClient

pytestmark = needs_chromium

# Each explorer, and traits that Python sets.  A new one belongs here.
EXPLORERS = {
    "SquashExplorer": {"s": [0.6, -0.8], "second": 60.0},
    "MarginExplorer": {"lengths": [0.95] * 2 + [0.3] * 8, "present": [True] * 10},
}
PLACES = {"JupyterLab": "lab/tree", "Notebook": "notebooks"}
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


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory):
    """A server for JupyterLab and Notebook; its address, and the folder it serves."""
    folder = tmp_path_factory.mktemp("jupyter")
    own = {f"JUPYTER_{kind}_DIR": folder / kind for kind in ("CONFIG", "RUNTIME")}
    own["IPYTHONDIR"] = folder / "ipython"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter_server", *SERVER, f"--port={port}"]
    log = open(folder / "log", "w")  # noqa: SIM115, closed with the server
    server = subprocess.Popen(
        [*command, f"--ServerApp.root_dir={folder}"],
        env={**os.environ, **{key: str(path) for key, path in own.items()}},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        wait(lambda: answers(address + "api"), "the server to start")
        yield address, folder
    finally:
        server.terminate()
        server.wait()
        log.close()


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
def opened_notebook(jupyter, browser, place):
    """A notebook with a cell for each explorer, run; the page, and its kernel."""
    address, folder = jupyter
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
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    page.locator(".jp-CodeCell .cm-content").first.click()
    for prompt in page.locator(".jp-CodeCell .jp-InputPrompt").all():
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
    numbers = re.findall(r"\d+\.\d+", sentence)
    assert numbers, sentence
    return all(number in page_text() for number in numbers)


@pytest.mark.parametrize("place", PLACES)
def test_python_and_the_page_agree(jupyter, place):
    with chromium() as browser, opened_notebook(jupyter, browser, place) as opened:
        page, client = opened
        for number, (explorer, traits) in enumerate(EXPLORERS.items()):
            frame = page.locator(".cx").nth(number)
            check_both_ways(client, page, frame, explorer.lower(), traits)
        assert page.faults == []


def check_both_ways(client, page, frame, name, traits):
    def agreed(what):
        wait(lambda: agree(frame.inner_text, client, name), f"{name} to show {what}")

    def link():
        return python(client, "", f"{name}.link")

    agreed("the first view")
    first = wait(link, "the link")
    assert first == python(client, "", f"{name}.first")
    drag(page, frame.locator(".cx-handle").first)
    wait(lambda: link() != first, "the drag")
    agreed("what Python has after the drag")
    python(client, "; ".join(f"{name}.{key} = {v}" for key, v in traits.items()))
    agreed("what Python has set")
    for trait, value in traits.items():
        assert python(client, "", f"{name}.{trait}") == value
    python(client, f"{name}.link = {first!r}")
    agreed("the first view again")
    assert link() == first


def drag(page, handle):
    """Take a handle in its middle, or a bar at its end, and bring it to the left."""
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 30, y + 5, steps=3)
    page.mouse.up()

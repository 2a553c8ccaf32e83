"""The book, built once for all tests, and a page for each explorer alone."""

import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bs4 import BeautifulSoup
from filelock import FileLock

from capsnet_tutorial.records import write_atomically

ROOT = Path(__file__).parents[1]
EXPLORERS = ROOT / "capsnet_tutorial" / "explorers"
FOLDERS = sorted(path.parent.name for path in EXPLORERS.glob("*/index.js"))


@functools.cache
def built_book() -> Path:
    """Build the book as `make book` does, and return the folder of its pages.

    Several processes of one test run share it: the first builds, the others wait.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        return _build(Path(tempfile.mkdtemp(prefix="capsnet-book-")))
    out = Path(tempfile.gettempdir()) / f"capsnet-book-{run}"
    with FileLock(f"{out}.lock"):
        return _build(out) if not out.exists() else out / "_build" / "html"


def _build(out: Path) -> Path:
    book = Path(sys.executable).with_name("jupyter-book")
    command = [book, "build", ROOT, "-n", "-W", "--keep-going", "--path-output", out]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return out / "_build" / "html"


@functools.cache
def explorer_pages() -> dict[str, list[Path]]:
    """The pages of each explorer, in the order of their names."""
    found = {}
    for path in sorted(built_book().glob("book/*.html")):
        soup = BeautifulSoup(path.read_text(), "html.parser")
        for place in soup.select("[data-explorer]"):
            found.setdefault(place["data-explorer"], []).append(path)
    return found


THEME = """const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => {
  document.documentElement.dataset.theme = dark.matches ? "dark" : "light";
};
dark.addEventListener("change", follow);
follow();"""


@functools.cache
def alone(name: str) -> Path:
    """The figure of an explorer with the styles and scripts of its page, and no more.

    So that a test may open it many times.
    """
    page = explorer_pages()[name][0]
    soup = BeautifulSoup(page.read_text(), "html.parser")
    figure = soup.select_one(f"figure:has([data-explorer={name}])")
    styles = soup.select("link[rel=stylesheet]")
    scripts = soup.select(f"script[src*='explorer-{name}.js'], [src*=explorers-host]")
    head = "".join(map(str, styles)) + f"<script>{THEME}</script>"
    path = built_book() / "alone" / f"{name}.html"
    path.parent.mkdir(exist_ok=True)
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}'
        '</title><meta name="viewport" content="width=device-width">'
        f"{head}{''.join(map(str, scripts))}</head><body style='margin: 0'><main>"
        f'<article class="bd-article">{figure}</article></main></body></html>'
    )
    write_atomically(path, page.encode())  # other processes do the same
    return path

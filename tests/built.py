"""The book, built once for all tests that look at it."""

import functools
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


@functools.cache
def built_book() -> Path:
    """Build the book as `make book` does, and return the folder of its pages."""
    out = Path(tempfile.mkdtemp(prefix="capsnet-book-"))
    book = Path(sys.executable).with_name("jupyter-book")
    command = [book, "build", ROOT, "-n", "-W", "--keep-going", "--path-output", out]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return out / "_build" / "html"

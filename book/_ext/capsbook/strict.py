"""Pages that run under a strict Content-Security-Policy: no script stands in a page.

The theme writes a few lines of JavaScript into each page.  Here each piece becomes a
file, loaded at the same place, and what belongs to parts that the book has not is left
out.  A server that sends `POLICY` then runs our files, and nothing that somebody
managed to write into a page.
"""

import hashlib
import re
from pathlib import Path

POLICY = (
    "default-src 'self'; "
    "script-src 'self' blob:; "  # blob: explorers are modules that work from disk, too
    "style-src 'self' 'unsafe-inline'; "  # pictures and formulas have styles
    "img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'"
)
INLINE = re.compile(
    r"<script(?P<attributes>(?![^>]*\bsrc=)[^>]*)>(?P<code>.*?)</script>\n?", re.S
)
DATA = "application/"  # JSON is not run
# Of buttons to toggle answers, and of kernels in the page: neither is in the book.
UNUSED = re.compile(r"let toggle|var togglebuttonSelector|kernelName =|\s*{\s*request")
HANDLERS = {  # of the theme's buttons: static/strict.js listens to these
    'onclick="toggleFullScreen()"': 'data-run="full-screen"',
    'onclick="window.print()"': 'data-run="print"',
}
HEADER = "header.txt"  # beside the pages: what a server should send with them


def without_inline(page: str, to_root: str) -> tuple[str, dict[str, str]]:
    """A page whose scripts are files, and these: name -> code.

    Args:
        page: HTML.
        to_root: the way from the page to the root of the book, such as "../".
    """
    files: dict[str, str] = {}

    def moved(script: re.Match) -> str:
        attributes, code = script["attributes"], script["code"]
        if DATA in attributes:
            return script[0]
        if UNUSED.match(code):
            return ""
        name = f"inline-{hashlib.sha256(code.encode()).hexdigest()[:12]}.js"
        files[name] = code
        return f'<script{attributes} src="{to_root}_static/{name}"></script>\n'

    page = INLINE.sub(moved, page)
    for old, new in HANDLERS.items():
        page = page.replace(old, new)
    return page, files


def make_strict(app, exception):
    """Once all pages are written: their scripts become files."""
    if exception is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for path in out.rglob("*.html"):
        before = path.read_text(encoding="utf-8")
        depth = len(path.relative_to(out).parts) - 1
        after, files = without_inline(before, "../" * depth)
        for name, code in files.items():
            (out / "_static" / name).write_text(code, encoding="utf-8")
        if after != before:
            path.write_text(after, encoding="utf-8")
    (out.parent / HEADER).write_text(f"Content-Security-Policy: {POLICY}\n")


def setup(app):
    app.add_js_file("strict.js", loading_method="defer")
    app.connect("build-finished", make_strict, priority=800)  # before light.py

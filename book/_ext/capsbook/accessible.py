"""What axe-core finds in pages that others' code writes, mended at the end.

Each entry says what was wrong; tests/book/test_pages.py runs axe-core on all pages.
"""

import re
from pathlib import Path

MENDS = [
    # The sidebar's logo and search stand outside every landmark.
    (
        r'(?<=<div id="pst-primary-sidebar" )(?=class="bd-sidebar-primary)',
        'role="complementary" aria-label="Book" ',
    ),
    # sphinxcontrib-bibtex: a list without items, and a role that is no more.
    (r' role="list"(?= class="citation-list")', ""),
    (r'(?<=class="citation-list") role="list"', ""),
    (r' role="doc-biblioentry"', ""),
    # A chevron in the sidebar has no name.
    (
        r'<summary(?=><span class="toctree-toggle")',
        '<summary aria-label="Chapters of this part"',
    ),
    # A code block that scrolls sideways must be reachable with the keyboard.
    (r"<pre>", '<pre tabindex="0">'),
]


def mend(app, exception):
    if exception is None and app.builder.format == "html":
        for page in Path(app.outdir).rglob("*.html"):
            text = before = page.read_text(encoding="utf-8")
            for wrong, right in MENDS:
                text = re.sub(wrong, right, text)
            if text != before:
                page.write_text(text, encoding="utf-8")


def setup(app):
    app.connect("build-finished", mend)

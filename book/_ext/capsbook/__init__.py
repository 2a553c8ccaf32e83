"""The book's own Sphinx extension: what no published one does.

offline.py     everything a page needs comes with it: maths, style, colours
pictures.py    matplotlib's SVG goes into the page and follows its theme
explorers.py   figures that live, without a kernel
evidence.py    roles {src} and {test}: from a formula to its line and its test
results.py     tables of results, from the records alone
colab.py       each chapter again as plain Markdown, for Colab and download
cards.py       all chapters as cards, on the first page
site.py        what others see of it: descriptions, card, map, 404
accessible.py  mends what axe-core finds in the theme
strict.py      no script stands in a page: for a strict Content-Security-Policy
light.py       of icons, styles and files, what is used stays
"""

from . import (
    accessible,
    cards,
    colab,
    evidence,
    explorers,
    light,
    offline,
    pictures,
    results,
    site,
    strict,
)

PARTS = (
    offline,
    pictures,
    site,
    explorers,
    evidence,
    results,
    colab,
    cards,
    accessible,
    strict,
    light,
)


def setup(app):
    for part in PARTS:
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The book's own Sphinx extension: what no published one does.

offline.py     everything a page needs comes with it: maths, style, colours
pictures.py    matplotlib's SVG goes into the page and follows its theme
explorers.py   figures that live, without a kernel
evidence.py    roles {src} and {test}: from a formula to its line and its test
colab.py       each chapter again as plain Markdown, for Colab and download
accessible.py  mends what axe-core finds in the theme
light.py       of icons, styles and files, what is used stays
"""

from . import accessible, colab, evidence, explorers, light, offline, pictures


def setup(app):
    for part in (offline, pictures, explorers, evidence, colab, accessible, light):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

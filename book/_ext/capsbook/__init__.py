"""The book's own Sphinx extension: what no published one does.

offline.py     everything a page needs comes with it: maths, style, colours
pictures.py    matplotlib's SVG goes into the page and follows its light or dark theme
evidence.py    {src} and {test} roles: from a formula to its line of code and its test
accessible.py  mends what axe-core finds in the theme
"""

from . import accessible, evidence, offline, pictures


def setup(app):
    for part in (offline, pictures, evidence, accessible):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

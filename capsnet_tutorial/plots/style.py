"""One look for every picture: colours by meaning, and matplotlib's settings.

The colours are in palette.json, light and dark; the book's style sheet is made from the
same file, so that formulas, pictures and pages agree.  Book: preface, "Notation".
"""

import json
from pathlib import Path

import matplotlib as mpl

PALETTE = json.loads((Path(__file__).parent / "palette.json").read_text())
COLOUR = PALETTE["light"]  # role -> colour; the book swaps in the dark ones
WIDTH = 5.6  # of a figure, in inches: still readable on a phone

STYLE = {
    "figure.facecolor": COLOUR["paper"],
    "savefig.facecolor": COLOUR["paper"],
    "axes.facecolor": "none",
    "axes.edgecolor": COLOUR["data"],
    "axes.labelcolor": COLOUR["ink"],
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": COLOUR["ink"],
    "axes.titlesize": 10.5,
    "font.family": "sans-serif",
    "font.size": 11,
    "grid.color": COLOUR["rule"],
    "lines.linewidth": 2,
    "svg.fonttype": "none",  # text stays text: it takes the page's font and theme
    "svg.hashsalt": "capsnet-tutorial",
    "text.color": COLOUR["ink"],
    "xtick.color": COLOUR["data"],
    "xtick.labelcolor": COLOUR["ink"],
    "ytick.color": COLOUR["data"],
    "ytick.labelcolor": COLOUR["ink"],
}
in_style = mpl.rc_context(STYLE)  # as a decorator: the style ends with the function


def use_in_notebook() -> None:
    """Show figures in the book's style; chapters call it as they start.

    As SVG, which the pages of the book put inline, and as PNG, which Jupyter also shows
    in a notebook that the reader has not run yet and so does not trust.
    """
    from IPython import get_ipython

    mpl.rcParams.update(STYLE)
    shell = get_ipython()
    shell.run_line_magic("matplotlib", "inline")
    shell.run_line_magic("config", "InlineBackend.figure_formats = ['svg', 'png']")
    keep = "{'bbox_inches': 'tight', 'metadata': {'Date': None, 'Creator': None}}"
    shell.run_line_magic("config", f"InlineBackend.print_figure_kwargs = {keep}")

"""Pictures: arrays in, Figure out.  They draw what the model computed.

style.py      one look: colours by meaning (palette.json), matplotlib's settings
base.py       marks on axes: arrows, squares, bars, digits
figures.py    pictures of every chapter
encoding.py   those of chapter 8
programs.py   that of chapter 11
results.py    results of studies, a dot for every run or a band for all
speed.py      that of chapter 14
explorers.py  those of the explorers, for paper and for pages without JavaScript
"""

from capsnet_tutorial.plots.base import png
from capsnet_tutorial.plots.encoding import (
    beside_chance,
    rows_of_drawings,
    share_tables,
)
from capsnet_tutorial.plots.figures import (
    arrows,
    digits,
    lengths,
    lines,
    on_digit,
    scenes,
    squares,
    tensor_steps,
)
from capsnet_tutorial.plots.overlaps import two_drawings
from capsnet_tutorial.plots.programs import flows
from capsnet_tutorial.plots.results import corridor, curves, dots, effects
from capsnet_tutorial.plots.speed import bars
from capsnet_tutorial.plots.style import use_in_notebook

__all__ = [
    "arrows",
    "bars",
    "beside_chance",
    "corridor",
    "curves",
    "digits",
    "dots",
    "effects",
    "flows",
    "lengths",
    "lines",
    "on_digit",
    "png",
    "rows_of_drawings",
    "scenes",
    "share_tables",
    "squares",
    "tensor_steps",
    "two_drawings",
    "use_in_notebook",
]

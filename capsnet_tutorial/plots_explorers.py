"""Pictures of the explorers, for paper and for pages without JavaScript.

Arrays in, Figure out, as in plots.py; each shows what its explorer shows first.
"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import ArrayLike

from capsnet_tutorial.plots import (
    _draw_arrows,
    _draw_digit,
    _draw_lengths,
    _subplots,
)
from capsnet_tutorial.style import COLOUR, WIDTH, in_style


@in_style
def squash_plane(before: ArrayLike, after: ArrayLike) -> Figure:
    """A vector before and after squash (2), beside the curve of all lengths.

    The rings have radius 0.1 and 0.9; the dotted line at 1 is never reached.
    """
    figure, ((plane, curve),) = _subplots(2.7, 1, 2)
    n, m = np.linalg.norm(before), np.linalg.norm(after)
    limit = max(2.2, 1.05 * n)
    _draw_arrows(plane, [before], "below", limit)
    _draw_arrows(plane, [after], "above", limit)
    for radius in (0.1, 0.9):
        ring = {"fill": False, "edgecolor": COLOUR["rule"], "linestyle": ":"}
        plane.add_patch(Circle((0, 0), radius, **ring))
    length = np.linspace(0, 4, 200)
    curve.plot(length, length**2 / (1 + length**2), color=COLOUR["above"])
    curve.plot(n, m, "o", color=COLOUR["ink"], markersize=5)
    curve.annotate(f"{n:.2g} → {m:.2g}", (n, m), (7, -13), textcoords="offset points")
    for margin in (0.1, 0.9, 1):
        curve.axhline(margin, color=COLOUR["data"], linewidth=1, linestyle=":")
    curve.set(
        xlabel="length before", ylabel="length after", ylim=(0, 1.05), xlim=(0, 4)
    )
    return figure


@in_style
def playground(seen: ArrayLike, remembered: ArrayLike, lengths: ArrayLike) -> Figure:
    """What a network sees (h w), what it remembers (h w), and its lengths (j)."""
    ratios = {"width_ratios": [1, 1, 1.7]}
    figure = Figure(figsize=(WIDTH, 2.1), layout="constrained")
    see, remember, bars = figure.subplots(1, 3, gridspec_kw=ratios)
    _draw_digit(see, seen, role="ink")
    _draw_digit(remember, remembered, role="above")
    see.set_title("the network sees")
    remember.set_title("it remembers")
    _draw_lengths(bars, lengths, [str(j) for j in range(len(lengths))])
    bars.set_title("lengths of the capsules")
    return figure

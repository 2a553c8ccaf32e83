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
    _draw_squares,
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
def digit_routing(
    image: ArrayLike,
    shares: ArrayLike,
    lengths: ArrayLike,
    entropy: ArrayLike,
    passes: int,
    chosen: int,
) -> Figure:
    """A digit, the votes of its primary capsules for one class, and all its passes.

    Args:
        image: (h w), pixels from 0 to 1.
        shares: (rows columns), what each place gives to |s| of the class; a square that
            fills its cell is 2, and purple is below 0.
        lengths: of the class capsules (j) after each pass (n j).
        entropy: of the couplings in each pass (n), in bits.
        passes: how many passes of routing the upper row shows.
        chosen: the class.
    """
    figure = Figure(figsize=(WIDTH, 4.1), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[1.25, 1])
    digit, places, bars = above.subplots(1, 3)
    _draw_digit(digit, image)
    digit.set_title("the image")
    shares = np.asarray(shares)
    for role, values in (("wrong", -shares), ("agreement", shares)):
        _draw_squares(places, values.clip(min=0), role, full=2)
    places.set(xticks=[], yticks=[], title=f"votes for {chosen}")
    lengths = np.asarray(lengths)
    roles = ["above" if j == chosen else "data" for j in range(lengths.shape[1])]
    colours = [COLOUR[role] for role in roles]
    bars.barh(range(len(roles)), lengths[passes - 1], color=colours, height=0.55)
    for margin in (0.1, 0.9):
        bars.axvline(margin, color=COLOUR["data"], linewidth=1, linestyle=":")
    bars.set(xlim=(0, 1), xticks=[0.1, 0.9], yticks=range(len(roles)))
    bars.set_title(f"lengths after {passes}")
    bars.invert_yaxis()
    bars.tick_params(labelsize=9, length=0)
    numbers = range(1, len(lengths) + 1)
    growth, doubt = below.subplots(1, 2)
    for series, colour in zip(lengths.T, colours, strict=True):
        growth.plot(numbers, series, color=colour, linewidth=1)
    growth.plot(numbers, lengths[:, chosen], color=COLOUR["above"])
    growth.set(ylim=(0, 1), yticks=[0.1, 0.9], xlabel="pass", title="length")
    doubt.plot(numbers, entropy, color=COLOUR["agreement"])
    most = np.log2(lengths.shape[1])
    doubt.set(ylim=(0, 1.05 * most), xlabel="pass", title="entropy, bits")
    for axes in (growth, doubt):
        axes.axvline(passes, color=COLOUR["data"], linewidth=1, linestyle=":")
        axes.set_xticks([1, passes, len(lengths)])
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

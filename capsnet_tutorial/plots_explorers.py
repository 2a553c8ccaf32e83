"""Pictures of the explorers, for paper and for pages without JavaScript.

Arrays in, Figure out, as in plots.py; each shows what its explorer shows first.
"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import ArrayLike

from capsnet_tutorial.plots import _draw_arrows, _subplots
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
def margin_bars(lengths: ArrayLike, present: ArrayLike, gradient: ArrayLike) -> Figure:
    """What each length costs, above the ten lengths (j) and where the loss pulls them.

    Args:
        lengths: of the class capsules.
        present: a flag for each; their names get a ring.
        gradient: of the loss; the arrow against a slope of 1 is 0.25 long.
    """
    lengths, step = np.asarray(lengths), -0.25 * np.asarray(gradient)
    figure = Figure(figsize=(WIDTH, 4.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1, 2))
    x = np.linspace(0, 1, 101)
    costs = {True: np.maximum(0, 0.9 - x) ** 2, False: np.maximum(0, x - 0.1) ** 2 / 2}
    names = {True: ("present", 0.2, "agreement"), False: ("absent", 0.8, "above")}
    for there, (name, at, role) in names.items():
        above.plot(x, costs[there], color=COLOUR[role])
        y = np.interp(at, x, costs[there])
        above.annotate(name, (at, y), (0, 12), textcoords="offset points", ha="center")
    for j, (length, there) in enumerate(zip(lengths, present, strict=True)):
        role = names[bool(there)][2]
        cost = np.interp(length, x, costs[bool(there)])
        above.plot(length, cost, "o", color=COLOUR[role], markersize=6)
        below.barh(j - 0.15, length, 0.4, color=COLOUR[role])
        arrow = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9}
        below.annotate(
            "", (length + step[j], j + 0.25), (length, j + 0.25), arrowprops=arrow
        )
    for axes in (above, below):
        for margin in (0.1, 0.9):
            axes.axvline(margin, color=COLOUR["data"], linewidth=1, linestyle=":")
    above.set(ylim=(0, 0.9), ylabel="loss")
    below.set(
        xlim=(0, 1), ylim=(9.6, -0.6), xticks=[0, 0.1, 0.5, 0.9, 1], xlabel="length"
    )
    names = [f"({j})" if there else f"{j}" for j, there in enumerate(present)]
    below.set_yticks(range(len(names)), names)
    return figure

"""Pictures of the explorers, for paper and for pages without JavaScript.

Arrays in, Figure out, as in plots.py; each shows what its explorer shows first.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import ArrayLike

from capsnet_tutorial.plots import _draw_arrows, _subplots
from capsnet_tutorial.style import COLOUR, in_style


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
def routing_planes(votes: ArrayLike, coupling: ArrayLike, pose: ArrayLike) -> Figure:
    """Votes for two parents, A and B, and between them how each child splits its vote.

    Args:
        votes: (i j 2); their thick green part is what the parent is given.
        coupling: (i j), rows add up to 1.
        pose: (j 2), what becomes of the parents.
    """
    votes, coupling, pose = (np.asarray(x) for x in (votes, coupling, pose))
    figure, ((first, bars, second),) = _subplots(2.9, 1, 3)
    limit = max(1.35, 1.2 * np.linalg.norm(votes, axis=-1).max())
    for j, (name, axes) in enumerate(zip("AB", (first, second), strict=True)):
        for end in votes[:, j] * coupling[:, j, None]:
            axes.plot(*np.c_[(0, 0), end], color=COLOUR["agreement"], lw=5, alpha=0.5)
        _draw_arrows(axes, votes[:, j], "below", limit)
        _draw_arrows(axes, pose[j : j + 1], "above", limit)
        for i, (x, y) in enumerate(votes[:, j], 1):
            axes.text(1.13 * x, 1.13 * y, i, ha="center", va="center", fontsize=9.5)
        axes.set_title(f"{name}: length {np.linalg.norm(pose[j]):.3f}")
    _draw_splits(bars, coupling)
    return figure


def _draw_splits(axes: Axes, coupling: np.ndarray) -> None:
    """A row for each child: from the left what A is given, from the right what B is."""
    children = np.arange(1, len(coupling) + 1)
    style = {"color": COLOUR["agreement"], "height": 0.42}
    axes.barh(children, coupling[:, 0], **style)
    axes.barh(children, coupling[:, 1], left=coupling[:, 0], alpha=0.45, **style)
    for i, (a, b) in zip(children, coupling, strict=True):
        axes.text(0, i - 0.26, f"{a:.2f}", va="bottom", fontsize=9)
        axes.text(1, i - 0.26, f"{b:.2f}", va="bottom", ha="right", fontsize=9)
    axes.set(xlim=(0, 1), ylim=(len(coupling) + 0.5, 0.2), yticks=children)
    axes.set(xticks=[], title="coupling")
    axes.tick_params(length=0)
    axes.spines[:].set(visible=False)

"""Pictures of chapter 8: rows of drawings, shares of directions, numbers beside chance.

Arrays in, Figure out.
Book: chapter 8 (book/08_encodes.ipynb).
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from capsnet_tutorial.plots.base import grid_of
from capsnet_tutorial.plots.style import COLOUR, in_style

# From see-through to grey, as digits are drawn; few shades keep the files small.
SHADES = [to_rgba(COLOUR["data"], strength) for strength in (0, 1)]
INK = LinearSegmentedColormap.from_list("ink", SHADES, N=17)


@in_style
def rows_of_drawings(
    panels: Mapping[str, ArrayLike],
    steps: Sequence[float],
    names: Sequence[str] = (),
    *,
    columns: int = 1,
    row_height: float = 7.0,
) -> Figure:
    """Drawings side by side, a row for each direction, a column for each step.

    Args:
        panels: title -> drawings (k s h w), pixels from 0 to 1.
        steps: how far the pose was changed, for each column.
        names: of the rows; their numbers if none are given.
        columns: panels in a row.
        row_height: of a row of panels, in inches.
    """
    figure, grid = grid_of(len(panels), columns, row_height)
    for axes, (title, drawings) in zip(grid, panels.items(), strict=True):
        drawings = np.asarray(drawings)
        n_rows, n_steps, height, width = drawings.shape
        sheet = drawings.transpose(0, 2, 1, 3).reshape(n_rows * height, -1)
        axes.imshow(sheet, cmap=INK, vmin=0, vmax=1, interpolation="none")
        shown = sorted({0, n_steps // 2, n_steps - 1})
        axes.set_xticks(
            [(s + 0.5) * width - 0.5 for s in shown],
            [f"{steps[s]:+g}" if steps[s] else "0" for s in shown],
        )
        middles = [(k + 0.5) * height - 0.5 for k in range(n_rows)]
        axes.set_yticks(middles, names or range(n_rows))
        axes.tick_params(length=0, labelsize=9)
        axes.spines[:].set_visible(False)
        axes.set_title(title)
    return figure


@in_style
def share_tables(
    panels: Mapping[str, ArrayLike], names: Sequence[str], *, columns: int = 5
) -> Figure:
    """Shares as squares, area = number: a square that fills its cell is all of it.

    Args:
        panels: title -> shares (k p), sum 1 over k: a row for each number of the pose.
        names: of the properties.
        columns: panels in a row.
    """
    figure, grid = grid_of(len(panels), columns, 3.6)
    for axes, (title, shares) in zip(grid, panels.items(), strict=True):
        for (k, p), share in np.ndenumerate(np.asarray(shares)):
            side = np.sqrt(share)
            corner = (p - side / 2, k - side / 2)
            axes.add_patch(
                Rectangle(corner, side, side, color=COLOUR["above"], linewidth=0)
            )
        n_rows, n_columns = np.shape(shares)
        axes.set(xlim=(-0.5, n_columns - 0.5), ylim=(n_rows - 0.5, -0.5))
        axes.set(aspect="equal", title=title)
        axes.set_xticks(range(n_columns), names, rotation=90)
        axes.set_yticks(range(0, n_rows, 5))
        axes.tick_params(length=0, labelsize=9)
        axes.spines[:].set(visible=True, color=COLOUR["rule"])
    return figure


@in_style
def beside_chance(
    found: Mapping[str, float], chance: Mapping[str, ArrayLike], *, xlabel: str
) -> Figure:
    """What was found, as a dot, beside all that chance gave, as thin grey lines.

    Args:
        found: name -> number, a row each.
        chance: name -> numbers (n), with the same names.
        xlabel: with the range that is possible; the axis runs from 0 to 1.
    """
    figure, (axes,) = grid_of(1, 1, 0.45 * len(found) + 0.7)
    for row, (name, value) in enumerate(found.items()):
        axes.vlines(chance[name], row - 0.3, row + 0.3, color=COLOUR["data"], lw=0.6)
        axes.plot(value, row, "o", color=COLOUR["above"], markersize=9)
    axes.set_yticks(range(len(found)), list(found))
    axes.set(xlim=(0, 1), ylim=(len(found) - 0.5, -0.5), xlabel=xlabel)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    return figure

"""Pictures for every chapter: arrays in, Figure out.

Book: every chapter.  Axis key: as in routing.py and layers.py.
"""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import matplotlib.ticker
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from numpy.typing import ArrayLike

from capsnet_tutorial.plots.base import (
    draw_arrows,
    draw_digit,
    draw_image,
    draw_lengths,
    draw_squares,
    frame,
    grid_of,
    line_style,
    squares_of,
    subplots,
)
from capsnet_tutorial.plots.style import COLOUR, WIDTH, in_style

# ------------------------------------------------------------------ lines and arrows


@in_style
def lines(
    x: ArrayLike,
    series: Mapping[str, ArrayLike],
    roles: Sequence[str],
    *,
    xlabel: str,
    ylabel: str,
    behind: ArrayLike = (),
    marks: Sequence[tuple[float, float, str]] = (),
) -> Figure:
    """Lines over a common x, each named at its end.

    Args:
        x: common to all lines; integers get integer ticks.
        series: name -> y.
        roles: what each line means, in the order of `series`.
        xlabel, ylabel: with the unit, if there is one.
        behind: more lines (n x), thin, grey and without a name.
        marks: points to show, as (x, y, text).
    """
    figure, ((axes,),) = subplots(3.2)
    x, curves = np.asarray(x), {name: np.asarray(y) for name, y in series.items()}
    for y in np.asarray(behind):
        axes.plot(x, y, color=COLOUR["data"], linewidth=1)
    for (name, y), role in zip(curves.items(), roles, strict=True):
        axes.plot(x, y, **line_style(role))
        axes.annotate(f" {name}", (x[-1], y[-1]), color=COLOUR[role], va="center")
    top = max(y.max() for y in curves.values())
    for mark_x, mark_y, text in marks:
        axes.plot(mark_x, mark_y, "o", color=COLOUR["ink"], markersize=5)
        beside = (9, -3) if mark_y >= top else (7, -13)
        axes.annotate(text, (mark_x, mark_y), beside, textcoords="offset points")
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(7, integer=x.dtype.kind == "i"))
    axes.grid(axis="y")
    return figure


@in_style
def arrows(
    panels: Mapping[str, Sequence[tuple[ArrayLike, str]]], *, limit: float
) -> Figure:
    """Panels of arrows from the origin; the thin circle has radius 1.

    Args:
        panels: title -> groups of vectors (n 2), each with its role.
        limit: half the side of each panel, the same for all.
    """
    figure, row = grid_of(len(panels), len(panels), 2.8)
    for axes, (title, groups) in zip(row, panels.items(), strict=True):
        for vectors, role in groups:
            draw_arrows(axes, vectors, role, limit)
        axes.set_title(title)
    return figure


# ------------------------------------------------------------------ squares and bars


@in_style
def squares(
    panels: Mapping[str, ArrayLike],
    roles: Sequence[str],
    *,
    columns: int = 4,
    xticks: Sequence[str] = (),
    yticks: Sequence[str] = (),
) -> Figure:
    """Panels of squares, area = number: a square that fills its cell is a 1.

    Args:
        panels: title -> values (h w).
        roles: what the squares of each panel mean.
        columns: panels in a row.
        xticks, yticks: names of the columns and rows of every panel.
    """
    figure, grid = grid_of(len(panels), columns, 1.15 * WIDTH / columns)
    for axes, (title, values), role in zip(grid, panels.items(), roles, strict=True):
        draw_squares(axes, values, role)
        axes.set_title(title)
        axes.set_xticks(range(len(xticks)), xticks)
        axes.set_yticks(range(len(yticks)), yticks)
    return figure


@in_style
def lengths(values: ArrayLike, names: Sequence[str]) -> Figure:
    """Lengths of class capsules as bars from 0 to 1, the margins 0.1 and 0.9 marked."""
    figure, ((axes,),) = subplots(2.4)
    draw_lengths(axes, values, names)
    axes.set_ylabel("length")
    return figure


# ------------------------------------------------------------------ digits


@in_style
def digits(
    images: ArrayLike,
    titles: Sequence[str] = (),
    *,
    columns: int = 8,
    wrong: bool = False,
) -> Figure:
    """Images, pixels from 0 to 1, in rows; wrong ones have a purple frame.

    Args:
        images: (n h w), or as networks have them, (n c h w), grey or RGB.
        titles: of the images.
        columns: images in a row.
        wrong: whether they have the frame.

    Raises:
        ValueError: if they are none of these.
    """
    row_height = WIDTH / columns * (1.35 if titles else 1.05)
    figure, grid = grid_of(len(images), columns, row_height)
    for n, (axes, image) in enumerate(zip(grid, np.asarray(images), strict=True)):
        draw_image(axes, image)
        if titles:
            axes.set_title(titles[n], fontsize=10, pad=3)
        if wrong:
            axes.spines[:].set(color=COLOUR["wrong"], linewidth=2, linestyle="--")
    return figure


@in_style
def on_digit(
    image: ArrayLike,
    panels: Mapping[str, ArrayLike],
    role: str,
    *,
    full: float = 1.0,
    columns: int = 4,
) -> Figure:
    """Squares over a digit, each at the middle of the pixels that it comes from.

    Args:
        image: (h w), pixels from 0 to 1.
        panels: title -> values (h w) on the map of primary capsules.
        role: what the squares mean.
        full: the number of a square that touches its neighbours.
        columns: panels in a row.
    """
    stride, middle = 2, 8  # of the two 9 x 9 convolutions: place -> pixel
    figure, grid = grid_of(len(panels), columns, 1.2 * WIDTH / columns)
    for axes, (title, values) in zip(grid, panels.items(), strict=True):
        draw_digit(axes, image, strength=0.6)
        for row, column, side in squares_of(values, full):
            corner = [middle + stride * (k - side / 2) for k in (column, row)]
            style = {"color": COLOUR[role], "linewidth": 0, "alpha": 0.6}
            axes.add_patch(Rectangle(corner, stride * side, stride * side, **style))
        axes.set_title(title)
    return figure


# ------------------------------------------------------------------ drawings


@in_style
def tensor_steps(steps: Sequence[tuple[str, Sequence[int], str, str]]) -> Figure:
    """The shape of one tensor after each layer, from the image down.

    Args:
        steps: (layer above, shape without the batch, sentence, role), first to last.
    """
    figure, ((axes,),) = subplots(1.02 * len(steps))
    arrow = {"arrowstyle": "-|>", "color": COLOUR["data"]}
    for n, (layer, shape, sentence, role) in enumerate(steps):
        _draw_tensor(axes, shape, -n, COLOUR[role])
        axes.text(1.15, 0.12 - n, " × ".join(map(str, shape)), va="center", fontsize=13)
        axes.text(1.15, -0.14 - n, sentence, va="center", fontsize=10)
        if layer:
            axes.annotate("", (0.45, 0.36 - n), (0.45, 0.62 - n), arrowprops=arrow)
            axes.text(
                0.56, 0.49 - n, layer, va="center", color=COLOUR["data"], fontsize=9.5
            )
    axes.set(xlim=(0, 4.6), ylim=(0.45 - len(steps), 0.45))
    axes.set_axis_off()
    return figure


def _draw_tensor(axes: Axes, shape: Sequence[int], y: float, colour: str) -> None:
    """Maps as a pile of squares, a list of vectors as rows of cells."""
    style = {"facecolor": COLOUR["paper"], "edgecolor": colour, "linewidth": 1.3}
    if len(shape) == 3:
        side = 0.16 + 0.36 * shape[-1] / 28
        for layer in range(1 if shape[0] == 1 else 6):
            corner = (
                0.48 - side / 2 - 0.03 * layer,
                y - 0.04 - side / 2 + 0.02 * layer,
            )
            axes.add_patch(
                Rectangle(corner, side, side, zorder=2 - 0.1 * layer, **style)
            )
    else:
        n_cells = {8: 4, 16: 8}.get(shape[-1], 1)
        for row in range(4):
            for cell in range(n_cells):
                corner = (0.45 + 0.09 * (cell - n_cells / 2), y - 0.2 + 0.11 * row)
                axes.add_patch(Rectangle(corner, 0.09, 0.07, **style))


@in_style
def scenes(
    panels: Mapping[str, Mapping[str, ArrayLike]],
    outlines: Mapping[str, ArrayLike],
    votes: Mapping[str, ArrayLike] | None = None,
    *,
    size: float = 5.0,
) -> Figure:
    """Drawings made of parts, and where each part says that the whole is.

    Args:
        panels: title -> part -> pose, a 3 x 3 matrix that places the part.
        outlines: part -> corners (n 2) at the origin.
        votes: part -> 3 x 3 matrix from part to whole; each vote is drawn as a cross.
        size: side of a panel, in the units of the poses.
    """
    figure, row = grid_of(len(panels), len(panels), WIDTH / len(panels) + 0.2)
    for axes, (title, poses) in zip(row, panels.items(), strict=True):
        for part, pose in poses.items():
            pose = np.asarray(pose)
            corners = np.c_[outlines[part], np.ones(len(outlines[part]))] @ pose.T
            axes.add_patch(
                Polygon(corners[:, :2], fill=False, ec=COLOUR["below"], lw=2)
            )
            if votes is not None:
                whole = (pose @ np.asarray(votes[part]))[:2, 2]
                axes.plot(*np.c_[pose[:2, 2], whole], ":", color=COLOUR["below"], lw=1)
                axes.plot(*whole, "x", color=COLOUR["above"], ms=11, mew=2.5)
        axes.set(xlim=(0, size), ylim=(0, size), aspect="equal", xticks=[], yticks=[])
        axes.set_title(title)
        frame(axes)
    return figure

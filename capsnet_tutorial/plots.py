"""Pictures: arrays in, Figure out.  They draw what the model computed.

One visual grammar for the whole book: what is below (children, votes) is blue, what is
above (parents, poses) vermilion, agreement and coupling green, what is wrong purple and
dashed, data grey.  Vectors are arrows, lengths are bars with marks at 0.1 and 0.9, and
numbers from 0 to 1 are squares whose area is the number.  Scales are fixed and said.

Book: every chapter.  Axis key: as in routing.py and layers.py.
"""

from collections.abc import Iterator, Mapping, Sequence

import matplotlib as mpl
import matplotlib.ticker
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon, Rectangle
from numpy.typing import ArrayLike

from capsnet_tutorial.style import COLOUR, WIDTH, in_style, use_in_notebook

__all__ = [
    "arrows",
    "digits",
    "lengths",
    "lines",
    "on_digit",
    "scenes",
    "squares",
    "tensor_steps",
    "use_in_notebook",
]


def _subplots(height: float, n_rows: int = 1, n_columns: int = 1):
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots(n_rows, n_columns, squeeze=False)


def _grid(n_panels: int, columns: int, row_height: float) -> tuple[Figure, list[Axes]]:
    """A figure with `n_panels` axes in rows; places that are left over stay empty."""
    n_rows = -(-n_panels // columns)
    figure, grid = _subplots(row_height * n_rows, n_rows, min(columns, n_panels))
    for axes in grid.flat[n_panels:]:
        axes.set_axis_off()
    return figure, list(grid.flat[:n_panels])


def _frame(axes: Axes) -> None:
    axes.spines[:].set(visible=True, color=COLOUR["rule"])


def _line_style(role: str) -> dict:
    return {"color": COLOUR[role], "linestyle": "--" if role == "wrong" else "-"}


# ------------------------------------------------------------------ lines and arrows


@in_style
def lines(
    x: ArrayLike,
    series: Mapping[str, ArrayLike],
    roles: Sequence[str],
    *,
    xlabel: str,
    ylabel: str,
    marks: Sequence[tuple[float, float, str]] = (),
) -> Figure:
    """Lines over a common x, each named at its end.

    Args:
        x: common to all lines; integers get integer ticks.
        series: name -> y.
        roles: what each line means, in the order of `series`.
        xlabel, ylabel: with the unit, if there is one.
        marks: points to show, as (x, y, text).
    """
    figure, ((axes,),) = _subplots(3.2)
    x, curves = np.asarray(x), {name: np.asarray(y) for name, y in series.items()}
    for (name, y), role in zip(curves.items(), roles, strict=True):
        axes.plot(x, y, **_line_style(role))
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


def _draw_arrows(axes: Axes, vectors: ArrayLike, role: str, limit: float) -> None:
    style = {
        "arrowstyle": "-|>,head_length=0.5,head_width=0.25",
        "shrinkA": 0,
        "shrinkB": 0,
    }
    style |= {"lw": 2.4 if role == "above" else 1.5, **_line_style(role)}
    for x, y in np.asarray(vectors):
        axes.annotate("", (x, y), (0, 0), arrowprops=style)
    axes.add_patch(Circle((0, 0), 1, fill=False, edgecolor=COLOUR["rule"]))
    axes.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
    axes.set_axis_off()


@in_style
def arrows(
    panels: Mapping[str, Sequence[tuple[ArrayLike, str]]], *, limit: float
) -> Figure:
    """Panels of arrows from the origin; the thin circle has radius 1.

    Args:
        panels: title -> groups of vectors (n 2), each with its role.
        limit: half the side of each panel, the same for all.
    """
    figure, row = _grid(len(panels), len(panels), 2.8)
    for axes, (title, groups) in zip(row, panels.items(), strict=True):
        for vectors, role in groups:
            _draw_arrows(axes, vectors, role, limit)
        axes.set_title(title)
    return figure


# ------------------------------------------------------------------ squares and bars


def _squares(values: ArrayLike, full: float) -> Iterator[tuple[int, int, float]]:
    """Row, column and side of each square: the side is 1 where the value is `full`."""
    for (row, column), value in np.ndenumerate(np.asarray(values)):
        yield row, column, np.sqrt(min(max(value / full, 0), 1))


def _draw_squares(axes: Axes, values: ArrayLike, role: str, full: float = 1.0) -> None:
    for row, column, side in _squares(values, full):
        corner = (column - side / 2, row - side / 2)
        axes.add_patch(Rectangle(corner, side, side, color=COLOUR[role], linewidth=0))
    n_rows, n_columns = np.shape(values)
    axes.set(xlim=(-0.5, n_columns - 0.5), ylim=(n_rows - 0.5, -0.5), aspect="equal")
    axes.tick_params(length=0)
    _frame(axes)


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
    figure, grid = _grid(len(panels), columns, 1.15 * WIDTH / columns)
    for axes, (title, values), role in zip(grid, panels.items(), roles, strict=True):
        _draw_squares(axes, values, role)
        axes.set_title(title)
        axes.set_xticks(range(len(xticks)), xticks)
        axes.set_yticks(range(len(yticks)), yticks)
    return figure


@in_style
def lengths(values: ArrayLike, names: Sequence[str]) -> Figure:
    """Lengths of class capsules as bars from 0 to 1, the margins 0.1 and 0.9 marked."""
    figure, ((axes,),) = _subplots(2.4)
    _draw_lengths(axes, values, names)
    axes.set_ylabel("length")
    return figure


def _draw_lengths(axes: Axes, values: ArrayLike, names: Sequence[str]) -> None:
    axes.bar(names, np.asarray(values), color=COLOUR["above"], width=0.62)
    for margin in (0.1, 0.9):
        axes.axhline(margin, color=COLOUR["data"], linewidth=1, linestyle=":")
    axes.set(ylim=(0, 1), yticks=[0, 0.1, 0.5, 0.9, 1])


# ------------------------------------------------------------------ digits


def _draw_digit(
    axes: Axes, image: ArrayLike, strength: float = 1.0, role: str = "data"
) -> None:
    """Ink on nothing: grey where a pixel is lit, see-through where it is not."""
    image = np.asarray(image, dtype=float)
    rgba = np.empty((*image.shape, 4))
    rgba[..., :3] = mpl.colors.to_rgb(COLOUR[role])
    rgba[..., 3] = np.clip(image, 0, 1) * strength
    axes.imshow(rgba, interpolation="none")
    axes.set(xticks=[], yticks=[])
    _frame(axes)


@in_style
def digits(
    images: ArrayLike,
    titles: Sequence[str] = (),
    *,
    columns: int = 8,
    wrong: bool = False,
) -> Figure:
    """Images (n h w), pixels from 0 to 1, in rows; wrong ones have a purple frame."""
    row_height = WIDTH / columns * (1.35 if titles else 1.05)
    figure, grid = _grid(len(images), columns, row_height)
    for n, (axes, image) in enumerate(zip(grid, np.asarray(images), strict=True)):
        _draw_digit(axes, image)
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
    figure, grid = _grid(len(panels), columns, 1.2 * WIDTH / columns)
    for axes, (title, values) in zip(grid, panels.items(), strict=True):
        _draw_digit(axes, image, strength=0.6)
        for row, column, side in _squares(values, full):
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
    figure, ((axes,),) = _subplots(1.02 * len(steps))
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
    figure, row = _grid(len(panels), len(panels), WIDTH / len(panels) + 0.2)
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
        _frame(axes)
    return figure

"""Pictures: arrays in, Figure out.  They draw what the model computed.

One visual grammar for the whole book: what is below (children, votes) is blue, what is
above (parents, poses) vermilion, agreement and coupling green, what is wrong purple and
dashed, data grey.  Vectors are arrows, lengths are bars with marks at 0.1 and 0.9, and
numbers from 0 to 1 are squares whose area is the number.  Scales are fixed and said.

Book: every chapter.  Axis key: as in routing.py and layers.py.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.ticker
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from numpy.typing import ArrayLike

PALETTE = json.loads((Path(__file__).parent / "palette.json").read_text())
COLOUR = SimpleNamespace(**PALETTE["light"])
WIDTH = 5.6  # inches: still readable on a phone

STYLE = {
    "figure.facecolor": COLOUR.paper,
    "savefig.facecolor": COLOUR.paper,
    "axes.facecolor": "none",
    "axes.edgecolor": COLOUR.data,
    "axes.labelcolor": COLOUR.ink,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": COLOUR.ink,
    "axes.titlesize": 11,
    "font.family": "sans-serif",
    "font.size": 11,
    "grid.color": COLOUR.rule,
    "lines.linewidth": 2,
    "svg.fonttype": "none",  # text stays text: it takes the page's font and theme
    "svg.hashsalt": "capsnet-tutorial",
    "text.color": COLOUR.ink,
    "xtick.color": COLOUR.data,
    "xtick.labelcolor": COLOUR.ink,
    "ytick.color": COLOUR.data,
    "ytick.labelcolor": COLOUR.ink,
}
in_style = mpl.rc_context(STYLE)  # as a decorator: the style ends with the function


def use_in_notebook() -> None:
    """Show figures as SVG in the book's style; chapters call it as they start."""
    from IPython import get_ipython

    mpl.rcParams.update(STYLE)
    shell = get_ipython()
    shell.run_line_magic("matplotlib", "inline")
    shell.run_line_magic("config", "InlineBackend.figure_formats = ['svg']")
    keep = "{'bbox_inches': 'tight', 'metadata': {'Date': None, 'Creator': None}}"
    shell.run_line_magic("config", f"InlineBackend.print_figure_kwargs = {keep}")


def _subplots(height: float, n_rows: int = 1, n_columns: int = 1, **options):
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots(n_rows, n_columns, squeeze=False, **options)


def _line_style(role: str) -> dict:
    return {
        "color": PALETTE["light"][role],
        "linestyle": "--" if role == "wrong" else "-",
    }


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
    height: float = 3.2,
) -> Figure:
    """Lines over a common x, each named at its end; `marks` are points (x, y, text)."""
    figure, ((axes,),) = _subplots(height)
    x, curves = np.asarray(x), {name: np.asarray(y) for name, y in series.items()}
    for (name, y), role in zip(curves.items(), roles, strict=True):
        style = _line_style(role)
        axes.plot(x, y, **style)
        axes.annotate(f" {name}", (x[-1], y[-1]), color=style["color"], va="center")
    top = max(y.max() for y in curves.values())
    for mark_x, mark_y, text in marks:
        axes.plot(mark_x, mark_y, "o", color=COLOUR.ink, markersize=5)
        beside = (9, -3) if mark_y >= top else (7, -13)
        axes.annotate(text, (mark_x, mark_y), beside, textcoords="offset points")
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(7, integer=x.dtype.kind == "i"))
    axes.grid(axis="y")
    return figure


def _draw_arrows(axes: Axes, vectors: ArrayLike, role: str, limit: float) -> None:
    for x, y in np.asarray(vectors):
        axes.annotate(
            "",
            (x, y),
            (0, 0),
            arrowprops={
                "arrowstyle": "-|>,head_length=0.5,head_width=0.25",
                "shrinkA": 0,
                "shrinkB": 0,
                "lw": 2.4 if role == "above" else 1.5,
                **_line_style(role),
            },
        )
    axes.set(
        xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", xticks=[], yticks=[]
    )
    axes.spines[:].set_visible(False)
    axes.add_patch(_circle(1, COLOUR.rule))


def _circle(radius: float, colour: str) -> Polygon:
    angle = np.linspace(0, 2 * np.pi, 90)
    points = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return Polygon(points, fill=False, edgecolor=colour, linewidth=1)


@in_style
def arrows(
    panels: Mapping[str, Sequence[tuple[ArrayLike, str]]],
    *,
    limit: float,
    height: float = 2.8,
) -> Figure:
    """Panels of arrows from the origin; the thin circle has radius 1.

    Args:
        panels: title -> groups of vectors (n 2), each with its role.
        limit: half the side of each panel, the same for all.
    """
    figure, (row,) = _subplots(height, 1, len(panels))
    for axes, (title, groups) in zip(row, panels.items(), strict=True):
        for vectors, role in groups:
            _draw_arrows(axes, vectors, role, limit)
        axes.set_title(title)
    return figure


@in_style
def routing_steps(steps: Sequence, votes: ArrayLike, parents: Sequence[str]) -> Figure:
    """One example with 2-D votes: a row per iteration, a column per parent.

    Below each pair of panels' arrows stands the coupling of each child, as squares.

    Args:
        steps: RoutingSteps of a single example, in order.
        votes: (i j 2), what each child predicts for each parent.
        parents: one name per parent.
    """
    votes = np.asarray(votes)
    n_parents = votes.shape[1]
    figure, grid = _subplots(2.5 * len(steps), len(steps), n_parents + 1)
    for number, (row, step) in enumerate(zip(grid, steps, strict=True), 1):
        for j, axes in enumerate(row[:-1]):
            _draw_arrows(axes, votes[:, j], "below", 1.35)
            _draw_arrows(axes, np.asarray(step.pose)[0, j : j + 1], "above", 1.35)
            length = np.linalg.norm(np.asarray(step.pose)[0, j])
            axes.set_title(f"{parents[j]}: length {length:.2f}", fontsize=10)
        _draw_squares(row[-1], np.asarray(step.coupling)[0], "agreement")
        row[-1].set_title(f"coupling, iteration {number}", fontsize=10)
        row[-1].set_xticks(range(n_parents), parents, fontsize=9)
        row[-1].set_yticks(
            range(len(votes)), [f"child {i}" for i in range(len(votes))], fontsize=9
        )
    return figure


# ------------------------------------------------------------------ squares and bars


def _draw_squares(axes: Axes, values: ArrayLike, role: str, full: float = 1.0) -> None:
    """Squares in a grid; one that touches its neighbours stands for `full`."""
    values = np.asarray(values)
    for (row, column), value in np.ndenumerate(values):
        side = np.sqrt(min(max(value / full, 0), 1))
        corner = (column - side / 2, row - side / 2)
        axes.add_patch(
            Rectangle(corner, side, side, color=PALETTE["light"][role], linewidth=0)
        )
    n_rows, n_columns = values.shape
    axes.set(xlim=(-0.5, n_columns - 0.5), ylim=(n_rows - 0.5, -0.5), aspect="equal")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(COLOUR.rule)


@in_style
def squares(
    panels: Mapping[str, ArrayLike],
    role: str | Sequence[str],
    *,
    full: float = 1.0,
    columns: int = 4,
    xticks: Sequence[str] = (),
    yticks: Sequence[str] = (),
    height: float | None = None,
) -> Figure:
    """Panels of squares, area = number: a square that fills its cell stands for `full`.

    Args:
        panels: title -> values (h w).
        role: what the squares mean, one for all or one per panel.
        columns: panels per row.
    """
    roles = [role] * len(panels) if isinstance(role, str) else role
    n_rows = -(-len(panels) // columns)
    figure, grid = _subplots(height or 1.65 * n_rows, n_rows, min(columns, len(panels)))
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    for axes, (title, values), panel_role in zip(
        grid.flat, panels.items(), roles, strict=False
    ):
        _draw_squares(axes, values, panel_role, full)
        axes.set_title(title, fontsize=10)
        axes.set_xticks(range(len(xticks)), xticks)
        axes.set_yticks(range(len(yticks)), yticks)
    return figure


@in_style
def lengths(
    values: ArrayLike,
    names: Sequence[str],
    present: Sequence[bool] = (),
    *,
    height: float = 2.4,
) -> Figure:
    """Lengths of class capsules as bars from 0 to 1, the margins 0.1 and 0.9 marked."""
    figure, ((axes,),) = _subplots(height)
    bars = axes.bar(names, values, color=COLOUR.above, width=0.62)
    for bar, is_present in zip(bars, present, strict=False):
        bar.set_alpha(1.0 if is_present else 0.55)
    for margin in (0.1, 0.9):
        axes.axhline(margin, color=COLOUR.data, linewidth=1, linestyle=":")
    axes.set(ylim=(0, 1), yticks=[0, 0.1, 0.5, 0.9, 1], ylabel="length")
    return figure


# ------------------------------------------------------------------ digits


def _draw_digit(axes: Axes, image: ArrayLike, strength: float = 1.0) -> None:
    """Ink on nothing: grey where the pixel is lit, see-through where it is not."""
    image = np.asarray(image, dtype=float)
    rgba = np.empty((*image.shape, 4))
    rgba[..., :3] = mpl.colors.to_rgb(COLOUR.data)
    rgba[..., 3] = np.clip(image, 0, 1) * strength
    axes.imshow(rgba, interpolation="none")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(COLOUR.rule)


@in_style
def digits(
    images: ArrayLike,
    titles: Sequence[str] = (),
    *,
    columns: int = 8,
    wrong: Sequence[bool] = (),
) -> Figure:
    """Images (n h w), pixels from 0 to 1, in rows; wrong ones have a purple frame."""
    images = np.asarray(images)
    n_rows = -(-len(images) // columns)
    row_height = WIDTH / columns * (1.35 if titles else 1.05)
    figure, grid = _subplots(row_height * n_rows, n_rows, columns)
    for axes in grid.flat[len(images) :]:
        axes.set_axis_off()
    for n, (axes, image) in enumerate(zip(grid.flat, images, strict=False)):
        _draw_digit(axes, image)
        if len(titles):
            axes.set_title(titles[n], fontsize=10, pad=3)
        if len(wrong) and wrong[n]:
            axes.spines[:].set(color=COLOUR.wrong, linewidth=2, linestyle="--")
    return figure


@in_style
def on_digit(
    image: ArrayLike,
    panels: Mapping[str, ArrayLike],
    role: str,
    *,
    full: float = 1.0,
    columns: int = 4,
    kernel: int = 9,
    stride: int = 2,
) -> Figure:
    """Squares over the digit, each at the middle of the pixels that it comes from.

    Args:
        image: (h w), pixels from 0 to 1.
        panels: title -> values on the map of primary capsules.
        full: the number that a square of `stride` pixels stands for.
        kernel, stride: of the two convolutions, to place the squares.
    """
    n_rows = -(-len(panels) // columns)
    figure, grid = _subplots(7 / columns * n_rows, n_rows, min(columns, len(panels)))
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    for axes, (title, values) in zip(grid.flat, panels.items(), strict=False):
        _draw_digit(axes, image, strength=0.6)
        for (row, column), value in np.ndenumerate(np.asarray(values)):
            side = stride * np.sqrt(min(max(value / full, 0), 1))
            x, y = (kernel - 1 + stride * k - side / 2 for k in (column, row))
            axes.add_patch(
                Rectangle(
                    (x, y),
                    side,
                    side,
                    color=PALETTE["light"][role],
                    linewidth=0,
                    alpha=0.6,
                )
            )
        axes.set_title(title, fontsize=10)
    return figure


@in_style
def tensor_steps(steps: Sequence[tuple[str, Sequence[int], str, str]]) -> Figure:
    """The shape of one tensor after each layer, from the image down.

    Args:
        steps: (layer above it, shape without the batch, sentence, role), first to last.
    """
    figure, ((axes,),) = _subplots(1.02 * len(steps))
    for n, (layer, shape, sentence, role) in enumerate(steps):
        _draw_tensor(axes, shape, -n, PALETTE["light"][role])
        axes.text(
            1.15, -n + 0.12, " × ".join(map(str, shape)), va="center", fontsize=13
        )
        axes.text(1.15, -n - 0.14, sentence, va="center", fontsize=10)
        if layer:
            arrow = {"arrowstyle": "-|>", "color": COLOUR.data}
            axes.annotate("", (0.45, 0.36 - n), (0.45, 0.62 - n), arrowprops=arrow)
            axes.text(
                0.56, 0.49 - n, layer, va="center", fontsize=9.5, color=COLOUR.data
            )
    axes.set(xlim=(0, 4.6), ylim=(0.45 - len(steps), 0.45))
    axes.set_axis_off()
    return figure


def _draw_tensor(axes: Axes, shape: Sequence[int], y: float, colour: str) -> None:
    """Maps as a pile of squares, a list of vectors as rows of cells."""
    style = {"facecolor": COLOUR.paper, "edgecolor": colour, "linewidth": 1.3}
    if len(shape) == 3:
        side = 0.16 + 0.36 * shape[-1] / 28
        for layer in range(1 if shape[0] == 1 else 6):
            corner = (
                0.42 - side / 2 - 0.03 * layer + 0.06,
                y - side / 2 + 0.02 * layer - 0.04,
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
    parts: Mapping[str, ArrayLike],
    votes: Mapping[str, ArrayLike] | None = None,
    *,
    size: float = 5.0,
) -> Figure:
    """Drawings made of parts, and what each part says about the whole.

    Args:
        panels: title -> part name -> pose, a 3 x 3 matrix that places the part.
        parts: part name -> corners (n 2) of its outline at the origin.
        votes: part name -> 3 x 3 matrix from part to whole; a cross for each vote.
        size: side of a panel, in the units of the poses.
    """
    figure, (row,) = _subplots(WIDTH / len(panels) + 0.2, 1, len(panels))
    for axes, (title, poses) in zip(row, panels.items(), strict=True):
        for name, pose in poses.items():
            pose = np.asarray(pose)
            corners = np.c_[parts[name], np.ones(len(parts[name]))] @ pose.T
            axes.add_patch(
                Polygon(corners[:, :2], facecolor="none", edgecolor=COLOUR.below, lw=2)
            )
            if votes is not None:
                vote = (pose @ np.asarray(votes[name]))[:2, 2]
                axes.plot(*np.c_[pose[:2, 2], vote], color=COLOUR.below, lw=1, ls=":")
                axes.plot(*vote, "x", color=COLOUR.above, ms=11, mew=2.5)
        axes.set(
            xlim=(0, size),
            ylim=(0, size),
            aspect="equal",
            xticks=[],
            yticks=[],
            title=title,
        )
        axes.spines[:].set_visible(True)
        axes.spines[:].set_color(COLOUR.rule)
    return figure

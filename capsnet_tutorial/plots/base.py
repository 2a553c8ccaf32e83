"""What pictures are made of: empty figures, and marks on axes.

One visual grammar for the whole book: what is below (children, votes) is blue, what is
above (parents, poses) vermilion, agreement and coupling green, what is wrong purple and
dashed, data grey.  Vectors are arrows, lengths are bars with marks at 0.1 and 0.9, and
numbers from 0 to 1 are squares whose area is the number.  Scales are fixed and said.
"""

import io
from collections.abc import Iterator, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from numpy.typing import ArrayLike

from capsnet_tutorial.plots.style import COLOUR, WIDTH


def subplots(height: float, n_rows: int = 1, n_columns: int = 1):
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots(n_rows, n_columns, squeeze=False)


def grid_of(
    n_panels: int, columns: int, row_height: float
) -> tuple[Figure, list[Axes]]:
    """A figure with `n_panels` axes in rows; places that are left over stay empty."""
    n_rows = -(-n_panels // columns)
    figure, grid = subplots(row_height * n_rows, n_rows, min(columns, n_panels))
    for axes in grid.flat[n_panels:]:
        axes.set_axis_off()
    return figure, list(grid.flat[:n_panels])


def png(figure: Figure) -> bytes:
    """A figure as the bytes of a PNG file."""
    with io.BytesIO() as file:
        figure.savefig(file, dpi=150, format="png")
        return file.getvalue()


def frame(axes: Axes) -> None:
    axes.spines[:].set(visible=True, color=COLOUR["rule"])


def line_style(role: str) -> dict:
    return {"color": COLOUR[role], "linestyle": "--" if role == "wrong" else "-"}


def draw_arrows(axes: Axes, vectors: ArrayLike, role: str, limit: float) -> None:
    style = {
        "arrowstyle": "-|>,head_length=0.5,head_width=0.25",
        "shrinkA": 0,
        "shrinkB": 0,
    }
    style |= {"lw": 2.4 if role == "above" else 1.5, **line_style(role)}
    for x, y in np.asarray(vectors):
        axes.annotate("", (x, y), (0, 0), arrowprops=style)
    axes.add_patch(Circle((0, 0), 1, fill=False, edgecolor=COLOUR["rule"]))
    axes.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
    axes.set_axis_off()


def squares_of(values: ArrayLike, full: float) -> Iterator[tuple[int, int, float]]:
    """Row, column and side of each square: the side is 1 where the value is `full`."""
    for (row, column), value in np.ndenumerate(np.asarray(values)):
        yield row, column, np.sqrt(min(max(value / full, 0), 1))


def draw_squares(axes: Axes, values: ArrayLike, role: str, full: float = 1.0) -> None:
    for row, column, side in squares_of(values, full):
        corner = (column - side / 2, row - side / 2)
        axes.add_patch(Rectangle(corner, side, side, color=COLOUR[role], linewidth=0))
    n_rows, n_columns = np.shape(values)
    axes.set(xlim=(-0.5, n_columns - 0.5), ylim=(n_rows - 0.5, -0.5), aspect="equal")
    axes.tick_params(length=0)
    frame(axes)


def draw_lengths(axes: Axes, values: ArrayLike, names: Sequence[str]) -> None:
    axes.bar(names, np.asarray(values), color=COLOUR["above"], width=0.62)
    for margin in (0.1, 0.9):
        axes.axhline(margin, color=COLOUR["data"], linewidth=1, linestyle=":")
    axes.set(ylim=(0, 1), yticks=[0, 0.1, 0.5, 0.9, 1])


def draw_digit(
    axes: Axes, image: ArrayLike, strength: float = 1.0, role: str = "data"
) -> None:
    """Ink on nothing: grey where a pixel is lit, see-through where it is not."""
    image = np.asarray(image, dtype=float)
    rgba = np.empty((*image.shape, 4))
    rgba[..., :3] = mpl.colors.to_rgb(COLOUR[role])
    rgba[..., 3] = np.clip(image, 0, 1) * strength
    axes.imshow(rgba, interpolation="none")
    axes.set(xticks=[], yticks=[])
    frame(axes)


def draw_image(axes: Axes, image: ArrayLike) -> None:
    """A grey image as ink, (h w) or (1 h w); one in colour, (3 h w), as it is.

    Raises:
        ValueError: if it is neither.
    """
    image = np.asarray(image, dtype=float)
    if image.ndim == 2 or (image.ndim == 3 and len(image) == 1):
        draw_digit(axes, image.reshape(image.shape[-2:]))
    elif image.ndim == 3 and len(image) == 3:
        axes.imshow(np.clip(image, 0, 1).transpose(1, 2, 0), interpolation="none")
        axes.set(xticks=[], yticks=[])
        frame(axes)
    else:
        raise ValueError(
            f"draw_image: the image has shape {image.shape}; pass (height, width), or "
            "1 or 3 channels before it"
        )

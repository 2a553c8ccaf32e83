"""Two digits in one image, and what a network draws of each.

Numbers in, Figure out.
Book: chapter 9.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from capsnet_tutorial.plots.base import draw_digit, grid_of
from capsnet_tutorial.plots.style import WIDTH, in_style

ROLES = ("below", "above")  # colours of the first and the second drawing
STRENGTH = 0.75  # so that both are seen where they cross


@in_style
def two_drawings(
    images: ArrayLike,
    drawings: ArrayLike,
    titles: Sequence[str],
    *,
    columns: int = 8,
) -> Figure:
    """Each image above, and below it two drawings over each other, in two colours.

    Args:
        images: (n h w), or (n 1 h w), pixels from 0 to 1.
        drawings: (n 2 h w), the first in blue, the second in vermilion.
        titles: of the drawings.
        columns: images in a row.
    """
    images, drawings = np.asarray(images), np.asarray(drawings)
    images = images.reshape(-1, *images.shape[-2:])
    rows = -(-len(images) // columns)
    figure, grid = grid_of(2 * columns * rows, columns, WIDTH / columns * 1.2)
    for n, (image, pair, title) in enumerate(
        zip(images, drawings, titles, strict=True)
    ):
        row, column = divmod(n, columns)
        draw_digit(grid[2 * row * columns + column], image)
        axes = grid[(2 * row + 1) * columns + column]
        for drawing, role in zip(pair, ROLES, strict=True):
            draw_digit(axes, drawing, STRENGTH, role)
        axes.set_title(title, fontsize=9.5, pad=3)
    for axes in grid:
        if not axes.images:
            axes.set_axis_off()
    return figure

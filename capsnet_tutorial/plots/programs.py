"""The picture of chapter 11: programs side by side, stage by stage.

Words in, Figure out.
Book: chapter 11 (book/11_five.ipynb).
"""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from capsnet_tutorial.plots.base import line_style
from capsnet_tutorial.plots.style import COLOUR, WIDTH, in_style

CELL = 0.8, 0.56  # width and height of a box, where columns and rows are 1 apart


@in_style
def flows(
    stages: Mapping[str, str], programs: Mapping[str, Mapping[str, str]]
) -> Figure:
    """A column for each program, from the image down; what differs stands in its box.

    Args:
        stages: name -> what it is about (a role), from the image down.
        programs: name -> stage -> what differs there; "-" if the stage is missing.
    """
    n_rows, n_columns = len(stages), len(programs)
    figure = Figure(figsize=(1.25 * WIDTH, 0.5 * n_rows + 0.5), layout="constrained")
    axes = figure.subplots()
    for column, (name, differs) in enumerate(programs.items()):
        axes.text(column, -0.75, name, ha="center", va="center", weight="bold")
        for row, (stage, role) in enumerate(stages.items()):
            if differs.get(stage) == "-":
                axes.text(column, row, "none", ha="center", va="center")
                continue
            _box(axes, column, row, role, differs.get(stage, ""))
            if row:
                ends = (column, row - CELL[1] / 2), (column, row - 1 + CELL[1] / 2)
                arrow = {"arrowstyle": "-|>", "color": COLOUR["data"], "shrinkB": 0}
                axes.annotate("", *ends, arrowprops=arrow)
    for row, stage in enumerate(stages):
        axes.text(-0.55, row, stage, ha="right", va="center")
    axes.set(xlim=(-1.75, n_columns - 0.55), ylim=(n_rows - 0.6, -1.1))
    axes.set_axis_off()
    return figure


def _box(axes: Axes, x: float, y: float, role: str, differs: str) -> None:
    """Filled where a program does as the paper; an empty, dashed one where not."""
    corner = x - CELL[0] / 2, y - CELL[1] / 2
    if not differs:
        axes.add_patch(Rectangle(corner, *CELL, color=COLOUR[role], linewidth=0))
        return
    edge = {"edgecolor": COLOUR["wrong"], "linestyle": line_style("wrong")["linestyle"]}
    axes.add_patch(Rectangle(corner, *CELL, facecolor="none", linewidth=1.4, **edge))
    style = {"ha": "center", "va": "center", "fontsize": 9, "color": COLOUR["wrong"]}
    axes.text(x, y, differs, linespacing=0.95, **style)

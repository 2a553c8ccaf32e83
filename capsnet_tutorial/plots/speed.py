"""The picture of chapter 14: times as bars.

Numbers in, Figure out.
Book: chapter 14 (book/14_fast.ipynb).
"""

from collections.abc import Mapping

from matplotlib.figure import Figure

from capsnet_tutorial.plots.style import COLOUR, WIDTH, in_style


@in_style
def bars(values: Mapping[str, float], role: str, *, unit: str) -> Figure:
    """Bars to the right, from 0, first on top, each with its name and its number.

    Args:
        values: name -> length of the bar.
        role: what the bars mean.
        unit: of the numbers, written below the axis.
    """
    figure = Figure(figsize=(WIDTH, 0.42 * len(values) + 0.6), layout="constrained")
    axes = figure.subplots()
    drawn = axes.barh(list(values), list(values.values()), color=COLOUR[role])
    axes.bar_label(drawn, fmt="%.2f", padding=4)
    axes.set(xlim=(0, 1.12 * max(values.values())), xlabel=unit)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    return figure

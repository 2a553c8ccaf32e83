"""Results of studies: a dot for every run, and their mean.

Numbers in, Figure out.
Book: chapters 9 to 13.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from capsnet_tutorial.plots.style import COLOUR, WIDTH, in_style


@in_style
def dots(
    values: Mapping[str, ArrayLike],
    roles: Sequence[str],
    *,
    xlabel: str,
    log: bool = False,
) -> Figure:
    """A row for each name: a dot for each number, a bar at their mean.

    Args:
        values: name -> numbers, first on top.
        roles: what each row means; rows of "wrong" have open dots.
        xlabel: with the unit.
        log: a logarithmic axis; numbers must be above 0.
    """
    figure = Figure(figsize=(WIDTH, 0.32 * len(values) + 0.7), layout="constrained")
    axes = figure.subplots()
    for row, (numbers, role) in enumerate(zip(values.values(), roles, strict=True)):
        numbers, colour = np.atleast_1d(numbers), COLOUR[role]
        face = "none" if role == "wrong" else colour
        axes.plot(
            numbers, np.full(len(numbers), row), "o",
            color=colour, markerfacecolor=face, markersize=5.5, alpha=0.8,
        )  # fmt: skip
        if len(numbers) > 1:
            axes.vlines(np.mean(numbers), row - 0.32, row + 0.32, color=colour, lw=2)
    axes.set_yticks(range(len(values)), list(values))
    axes.set(ylim=(len(values) - 0.5, -0.5), xlabel=xlabel)
    if log:
        axes.set_xscale("log")
    else:
        axes.set_xlim(left=0)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="both")
    return figure


@in_style
def effects(
    values: Mapping[str, ArrayLike],
    intervals: Mapping[str, tuple[float, float]],
    *,
    xlabel: str,
) -> Figure:
    """What each of several changes does, to both sides of no effect.

    A row for each change: a dot for each seed, and a line over the interval of their
    mean; purple and dashed where the whole interval is above 0, which is worse.

    Args:
        values: name -> numbers, first on top.
        intervals: name -> (low, high).
        xlabel: with the unit.
    """
    figure = Figure(figsize=(WIDTH, 0.42 * len(values) + 0.7), layout="constrained")
    axes = figure.subplots()
    axes.axvline(0, color=COLOUR["data"], lw=0.8, ls=":")
    for row, (name, numbers) in enumerate(values.items()):
        low, high = intervals[name]
        role = "wrong" if low > 0 else "agreement" if high < 0 else "data"
        style = "--" if role == "wrong" else "-"
        axes.hlines(row, low, high, color=COLOUR[role], lw=2, ls=style)
        axes.plot(
            numbers, np.full(len(numbers), row + 0.2), "o",
            color=COLOUR[role], markerfacecolor="none", markersize=5,
        )  # fmt: skip
    axes.set_yticks(range(len(values)), list(values))
    axes.set(ylim=(len(values) - 0.5, -0.5), xlabel=xlabel)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    return figure


@in_style
def curves(
    panels: Mapping[str, tuple[Sequence[float], Mapping[str, ArrayLike]]],
    roles: Mapping[str, tuple[str, str]],
    *,
    ylabel: str,
    columns: int = 1,
    level: float | None = None,
    whole: bool = False,
) -> Figure:
    """What became of several networks as something was changed: means and spread.

    Args:
        panels: label of the x axis -> (x, name -> numbers (runs points)).  A line is at
            the mean of the runs, a band reaches one standard deviation to each side.
        roles: name -> (role, line style), for all panels; their legend is below.
        ylabel: with the unit.
        columns: panels side by side.
        level: height of a dotted line.
        whole: bands reach from the lowest run to the highest, instead.
    """
    rows = -(-len(panels) // columns)
    size = (WIDTH, (3.0 if columns == 1 else 2.0) * rows + 0.7)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(rows, columns, sharey=True, squeeze=False)
    for axes, (label, (x, series)) in zip(grid.flat, panels.items(), strict=True):
        if level is not None:
            axes.axhline(level, color=COLOUR["data"], lw=0.8, ls=":")
        for name, runs in series.items():
            colour, style = COLOUR[roles[name][0]], roles[name][1]
            mean, sd = np.mean(runs, axis=0), np.std(runs, axis=0, ddof=1)
            band = (mean - sd, mean + sd)
            if whole:
                band = np.min(runs, axis=0), np.max(runs, axis=0)
            axes.fill_between(x, *band, color=colour, alpha=0.15, lw=0)
            axes.plot(x, mean, color=colour, linestyle=style, lw=1.6, label=name)
        axes.set_xlabel(label)
        axes.grid(axis="y")
    figure.supylabel(ylabel, fontsize=11)
    handles, names = grid[0, 0].get_legend_handles_labels()
    figure.legend(
        handles, names, loc="outside lower center", ncols=2, frameon=False, fontsize=9.5
    )
    return figure


@in_style
def corridor(
    curves: Mapping[str, ArrayLike],
    right: ArrayLike,
    *,
    levels: Mapping[str, float],
    ylabel: str,
    columns: int = 3,
) -> Figure:
    """Small multiples: the curves of each name, over the right ones in grey.

    Args:
        curves: name -> (runs points), from before the first step on.
        right: (runs points), drawn in every panel.
        levels: word -> height of a dotted line, in every panel.
        ylabel: with the unit.
        columns: panels side by side.
    """
    rows = -(-len(curves) // columns)
    figure = Figure(figsize=(WIDTH, 1.25 * rows + 0.4), layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes in grid.flat[len(curves) :]:
        axes.set_visible(False)
    for axes, (name, runs) in zip(grid.flat, curves.items(), strict=False):
        for height in levels.values():
            axes.axhline(height, color=COLOUR["data"], lw=0.8, ls=":")
        axes.plot(np.transpose(right), color=COLOUR["data"], lw=0.8, alpha=0.7)
        axes.plot(np.transpose(runs), color=COLOUR["wrong"], lw=1.2, alpha=0.8)
        axes.set_title(name, fontsize=9)
        axes.set_yscale("log")
        axes.set_ylim(top=2.5 * max(levels.values()))  # room for their words
        axes.set_yticks([0.1, 1], ["0.1", "1"])
        axes.minorticks_off()
        axes.tick_params(labelsize=9)
        axes.set_xticks(range(np.shape(right)[1]))
    for word, height in levels.items():
        place = (np.shape(right)[1] - 1, height)
        grid[0, 0].annotate(word, place, fontsize=8, ha="right", va="bottom")
    figure.supxlabel("epoch", fontsize=10)
    figure.supylabel(ylabel, fontsize=10)
    return figure

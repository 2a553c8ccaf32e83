"""Pictures of the explorers, for paper and for pages without JavaScript.

Arrays in, Figure out; each shows what its explorer shows first.
"""

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from numpy.typing import ArrayLike

from capsnet_tutorial.plots.base import (
    draw_arrows,
    draw_digit,
    draw_lengths,
    draw_squares,
    subplots,
)
from capsnet_tutorial.plots.style import COLOUR, WIDTH, in_style


@in_style
def squash_plane(before: ArrayLike, after: ArrayLike) -> Figure:
    """A vector before and after squash (2), beside the curve of all lengths.

    The rings have radius 0.1 and 0.9; the dotted line at 1 is never reached.
    """
    figure, ((plane, curve),) = subplots(2.7, 1, 2)
    n, m = np.linalg.norm(before), np.linalg.norm(after)
    limit = max(2.2, 1.05 * n)
    draw_arrows(plane, [before], "below", limit)
    draw_arrows(plane, [after], "above", limit)
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
    figure = Figure(figsize=(WIDTH, 2.6), layout="constrained")
    first, bars, second = figure.subplots(1, 3, width_ratios=[3, 1.5, 3])
    limit = 1.3 * max(1, np.linalg.norm(votes, axis=-1).max())
    for j, (name, axes) in enumerate(zip("AB", (first, second), strict=True)):
        for end in votes[:, j] * coupling[:, j, None]:
            axes.plot(*np.c_[(0, 0), end], color=COLOUR["agreement"], lw=5, alpha=0.5)
        draw_arrows(axes, votes[:, j], "below", limit)
        draw_arrows(axes, pose[j : j + 1], "above", limit)
        for number, (x, y) in enumerate(_beside(votes[:, j], 0.13 * limit), 1):
            axes.text(x, y, number, ha="center", va="center", fontsize=9)
        axes.set_title(f"{name}: length {np.linalg.norm(pose[j]):.3f}")
    _draw_splits(bars, coupling)
    return figure


def _beside(tips: np.ndarray, gap: float) -> np.ndarray:
    """Places just outside the tips (i 2), turned until they are a gap apart."""
    far = np.linalg.norm(tips, axis=-1) + 0.8 * gap
    turn = np.arctan2(tips[:, 1], tips[:, 0])
    order = np.argsort(turn, kind="stable")
    for _ in range(100):
        for a, b in pairwise(order):
            missing = gap / min(far[a], far[b]) - (turn[b] - turn[a])
            if missing > 0:
                turn[a], turn[b] = turn[a] - missing / 2, turn[b] + missing / 2
    return far[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1)


def _draw_splits(axes: Axes, coupling: np.ndarray) -> None:
    """A row for each child: from the left what A gets, from the right what B gets."""
    children = np.arange(1, len(coupling) + 1)
    style = {"color": COLOUR["agreement"], "height": 0.3}
    axes.barh(children, coupling[:, 0], **style)
    axes.barh(children, coupling[:, 1], left=coupling[:, 0], alpha=0.45, **style)
    for i, (a, b) in zip(children, coupling, strict=True):
        row = {"y": i - 0.2, "va": "bottom", "fontsize": 8.5}
        axes.text(0, s=f"{a:.2f}", **row)
        axes.text(0.5, s=i, ha="center", color=COLOUR["below"], **row)
        axes.text(1, s=f"{b:.2f}", ha="right", **row)
    axes.set(xlim=(0, 1), ylim=(len(coupling) + 0.4, 0.3), title="coupling")
    axes.set_axis_off()


@in_style
def margin_bars(lengths: ArrayLike, present: ArrayLike, gradient: ArrayLike) -> Figure:
    """What each length costs, above the ten lengths (j) and where the loss pulls them.

    Args:
        lengths: of the class capsules.
        present: a flag for each; their names get a ring.
        gradient: of the loss; the arrow against a slope of 1 is 0.25 long.
    """
    lengths, step = np.asarray(lengths), -0.25 * np.asarray(gradient)
    figure = Figure(figsize=(WIDTH, 4.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1, 2))
    x = np.linspace(0, 1, 101)
    costs = {True: np.maximum(0, 0.9 - x) ** 2, False: np.maximum(0, x - 0.1) ** 2 / 2}
    names = {True: ("present", 0.2, "agreement"), False: ("absent", 0.8, "above")}
    for there, (name, at, role) in names.items():
        above.plot(x, costs[there], color=COLOUR[role])
        y = np.interp(at, x, costs[there])
        above.annotate(name, (at, y), (0, 12), textcoords="offset points", ha="center")
    for j, (length, there) in enumerate(zip(lengths, present, strict=True)):
        role = names[bool(there)][2]
        cost = np.interp(length, x, costs[bool(there)])
        above.plot(length, cost, "o", color=COLOUR[role], markersize=6)
        below.barh(j - 0.15, length, 0.4, color=COLOUR[role])
        arrow = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9}
        below.annotate(
            "", (length + step[j], j + 0.25), (length, j + 0.25), arrowprops=arrow
        )
    for axes in (above, below):
        for margin in (0.1, 0.9):
            axes.axvline(margin, color=COLOUR["data"], linewidth=1, linestyle=":")
    above.set(ylim=(0, 0.9), ylabel="loss")
    below.set(
        xlim=(0, 1), ylim=(9.6, -0.6), xticks=[0, 0.1, 0.5, 0.9, 1], xlabel="length"
    )
    names = [f"({j})" if there else f"{j}" for j, there in enumerate(present)]
    below.set_yticks(range(len(names)), names)
    return figure


@in_style
def digit_routing(
    image: ArrayLike,
    shares: ArrayLike,
    lengths: ArrayLike,
    entropy: ArrayLike,
    passes: int,
    chosen: int,
) -> Figure:
    """A digit, the votes of its primary capsules for one class, and all iterations.

    Args:
        image: (h w), pixels from 0 to 1.
        shares: (rows columns), what each place gives to |s| of the class; a square that
            fills its cell is 2, and purple is below 0.
        lengths: of the class capsules (j) after each iteration (n j).
        entropy: of the couplings in each iteration (n), in bits.
        passes: how many iterations of routing the upper row shows.
        chosen: the class.
    """
    figure = Figure(figsize=(WIDTH, 4.1), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[1.25, 1])
    digit, places, bars = above.subplots(1, 3)
    draw_digit(digit, image)
    digit.set_title("the image")
    shares = np.asarray(shares)
    for role, values in (("wrong", -shares), ("agreement", shares)):
        draw_squares(places, values.clip(min=0), role, full=2)
    places.set(xticks=[], yticks=[], title=f"votes for {chosen}")
    lengths = np.asarray(lengths)
    roles = ["above" if j == chosen else "data" for j in range(lengths.shape[1])]
    colours = [COLOUR[role] for role in roles]
    bars.barh(range(len(roles)), lengths[passes - 1], color=colours, height=0.55)
    for margin in (0.1, 0.9):
        bars.axvline(margin, color=COLOUR["data"], linewidth=1, linestyle=":")
    bars.set(xlim=(0, 1), xticks=[0.1, 0.9], yticks=range(len(roles)))
    bars.set_title(f"lengths after {passes}")
    bars.invert_yaxis()
    bars.tick_params(labelsize=9, length=0)
    numbers = range(1, len(lengths) + 1)
    growth, doubt = below.subplots(1, 2)
    for series, colour in zip(lengths.T, colours, strict=True):
        growth.plot(numbers, series, color=colour, linewidth=1)
    growth.plot(numbers, lengths[:, chosen], color=COLOUR["above"])
    growth.set(ylim=(0, 1), yticks=[0.1, 0.9], xlabel="iteration", title="length")
    doubt.plot(numbers, entropy, color=COLOUR["agreement"])
    most = np.log2(lengths.shape[1])
    doubt.set(ylim=(0, 1.05 * most), xlabel="iteration", title="entropy, bits")
    for axes in (growth, doubt):
        axes.axvline(passes, color=COLOUR["data"], linewidth=1, linestyle=":")
        axes.set_xticks([1, passes, len(lengths)])
    return figure


@in_style
def playground(seen: ArrayLike, remembered: ArrayLike, lengths: ArrayLike) -> Figure:
    """What a network sees (h w), what it remembers (h w), and its lengths (j)."""
    ratios = {"width_ratios": [1, 1, 1.7]}
    figure = Figure(figsize=(WIDTH, 2.1), layout="constrained")
    see, remember, bars = figure.subplots(1, 3, gridspec_kw=ratios)
    draw_digit(see, seen, role="ink")
    draw_digit(remember, remembered, role="above")
    see.set_title("the network sees")
    remember.set_title("it remembers")
    draw_lengths(bars, lengths, [str(j) for j in range(len(lengths))])
    bars.set_title("lengths of the capsules")
    return figure


@in_style
def swap(images: ArrayLike, lengths: ArrayLike, given: ArrayLike) -> Figure:
    """Two digits (2 h w), lengths of their capsules (2 j), and their couplings (2 j).

    Couplings are drawn as what they are above or below an even share.
    """
    ratios = {"width_ratios": [1, 2.2, 2.2]}
    figure = Figure(figsize=(WIDTH, 3.2), layout="constrained")
    for n, (see, bars, gains) in enumerate(figure.subplots(2, 3, gridspec_kw=ratios)):
        shares = np.asarray(given[n])
        names = [str(j) for j in range(len(shares))]
        draw_digit(see, images[n], role="ink")
        draw_lengths(bars, lengths[n], names)
        gains.bar(names, 100 * (len(shares) * shares - 1), color=COLOUR["agreement"])
        gains.axhline(0, color=COLOUR["rule"], lw=1)
        gains.set(ylim=(-13, 13), yticks=[-10, 0, 10])
        if n == 0:
            see.set_title("digit")
            bars.set_title("lengths")
            gains.set_title("couplings, % above even")
    return figure


@in_style
def cells(tensors: list[ArrayLike], lines: list[dict], names: list[str]) -> Figure:
    """Tensors of a program, one below the other: each number a cell with its name.

    Args:
        tensors: each (... n), true where a number of the first tensor takes part.
        lines: of the program: `code`, and `lay`, the direction of each axis (x or y).
        names: of the n numbers.
    """
    spots = [
        _lay_out(np.shape(x)[:-1], line["lay"])
        for x, line in zip(tensors, lines, strict=True)
    ]
    heights = [spot[:, 1].max() + 2.2 for spot in spots]  # in cells, with the code
    figure = Figure(figsize=(WIDTH, 0.21 * sum(heights)), layout="constrained")
    rows = figure.subplots(len(lines), 1, height_ratios=heights, squeeze=False).flat
    for axes, x, line, places in zip(rows, tensors, lines, spots, strict=True):
        *shape, count = np.shape(x)
        axes.set_title(f"{line['code']}   {shape}", loc="left", fontsize=8)
        for (left, top), held in zip(places, np.reshape(x, (-1, count)), strict=True):
            axes.add_patch(Rectangle((left, top), 1, 1, fill=False, ec=COLOUR["data"]))
            word = names[np.flatnonzero(held)[0]]
            axes.text(left + 0.5, top + 0.5, word, ha="center", va="center", fontsize=6)
        axes.set(xlim=(-0.1, 30), ylim=(places[:, 1].max() + 1.1, -0.1), aspect=1)
        axes.set_anchor("W")
        axes.set_axis_off()
    return figure


def _lay_out(shape: tuple[int, ...], directions: str) -> np.ndarray:
    """Left and top of each cell: every axis around another leaves a wider gap."""
    spots = np.zeros((*shape, 2))
    for side, letter in enumerate("xy"):
        size, gap = 1.0, 0.0
        for axis in reversed(range(len(shape))):
            if directions[axis] == letter and shape[axis] > 1:
                along = np.arange(shape[axis]) * (size + gap)
                spots[..., side] += np.expand_dims(
                    along, [n for n in range(len(shape)) if n != axis]
                )
                size, gap = along[-1] + size, gap + 0.45
    return spots.reshape(-1, 2)

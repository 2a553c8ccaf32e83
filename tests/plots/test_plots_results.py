"""Pictures of programs and of studies: what is drawn is what was given."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from capsnet_tutorial import plots
from capsnet_tutorial.plots import style


def boxes(axes):
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def test_a_stage_that_differs_is_dashed_and_named():
    stages = {"votes": "below", "couplings": "agreement", "decoder": "data"}
    programs = {"ours": {}, "theirs": {"couplings": "axis", "decoder": "-"}}
    (axes,) = plots.flows(stages, programs).axes
    words = [text.get_text() for text in axes.texts]
    assert {"ours", "theirs", "axis", "none", *stages} <= set(words)
    drawn = boxes(axes)
    assert len(drawn) == 5  # one stage is missing
    dashed = [box for box in drawn if box.get_linestyle() == "--"]
    assert [to_hex(box.get_edgecolor()) for box in dashed] == [style.COLOUR["wrong"]]
    filled = [to_hex(box.get_facecolor()) for box in drawn if box not in dashed]
    assert filled.count(style.COLOUR["agreement"]) == 1
    assert filled.count(style.COLOUR["below"]) == 2


def test_a_study_has_a_dot_for_each_run_and_a_bar_at_the_mean():
    values = {"one": [3.0, 5.0], "two": [7.0, 8.0, 12.0]}
    (axes,) = plots.dots(values, ["above", "wrong"], xlabel="wrong digits").axes
    for line, numbers in zip(axes.lines, values.values(), strict=True):
        assert line.get_xdata().tolist() == numbers
    means = [bar.get_segments()[0][0, 0] for bar in axes.collections]
    assert means == [np.mean(x) for x in values.values()]
    assert axes.lines[1].get_markerfacecolor() == "none"
    assert [t.get_text() for t in axes.get_yticklabels()] == ["one", "two"]
    assert axes.get_xlim()[0] == 0
    assert axes.yaxis_inverted()


def test_one_number_has_no_bar_and_an_axis_may_be_logarithmic():
    (axes,) = plots.dots({"one": 1e-6}, ["above"], xlabel="gap", log=True).axes
    assert len(axes.collections) == 0
    assert axes.get_xscale() == "log"


def test_a_role_for_each_row():
    with pytest.raises(ValueError, match="zip"):
        plots.dots({"one": 1.0}, [], xlabel="")


def test_a_corridor_has_a_panel_for_each_with_the_right_curves_behind():
    right = [[0.8, 0.2], [0.8, 0.3]]
    curves = {"dead": [[0.81, 0.8], [0.81, 0.7]], "full": [[3.6, 3.5], [3.6, 0.5]]}
    levels = {"dead": 0.81, "full": 3.645}
    figure = plots.corridor(curves, right, levels=levels, ylabel="loss", columns=3)
    *panels, empty = figure.axes
    assert not empty.get_visible()
    assert [axes.get_title() for axes in panels] == ["dead", "full"]
    for axes, runs in zip(panels, curves.values(), strict=True):
        drawn = [list(line.get_ydata()) for line in axes.lines]
        assert drawn == [[0.81, 0.81], [3.645, 3.645], *right, *runs]
        assert axes.get_yscale() == "log"
    assert [text.get_text() for text in panels[0].texts] == ["dead", "full"]
    assert not panels[1].texts


def test_curves_are_at_the_mean_with_a_band_of_one_sd():
    runs = [[1.0, 4.0], [3.0, 4.0]]
    panels = {"degrees": ([-5, 5], {"a": runs, "b": [[0, 1], [0, 3]]})}
    panels["scale"] = ([1, 2], {"a": [[7, 8], [7, 8]]})
    roles = {"a": ("above", "-"), "b": ("data", "--")}
    figure = plots.curves(panels, roles, ylabel="right, %", columns=2, level=0)
    first, second = figure.axes
    level, a, b = first.lines
    assert level.get_ydata() == [0, 0]
    assert a.get_xdata().tolist() == [-5, 5]
    assert a.get_ydata().tolist() == [2, 4]
    assert (to_hex(a.get_color()), a.get_linestyle()) == (style.COLOUR["above"], "-")
    assert (to_hex(b.get_color()), b.get_linestyle()) == (style.COLOUR["data"], "--")
    corners = first.collections[0].get_paths()[0].vertices
    at_left = corners[corners[:, 0] == -5][:, 1]
    assert (at_left.min(), at_left.max()) == pytest.approx((2 - 2**0.5, 2 + 2**0.5))
    assert second.lines[1].get_ydata().tolist() == [7, 8]
    assert [axes.get_xlabel() for axes in figure.axes] == ["degrees", "scale"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b"]


def test_whole_bands_reach_from_the_lowest_run_to_the_highest():
    panels = {"epoch": ([1, 2], {"a": [[1.0, 4.0], [3.0, 4.0], [8.0, 4.0]]})}
    figure = plots.curves(panels, {"a": ("above", "-")}, ylabel="loss", whole=True)
    corners = figure.axes[0].collections[0].get_paths()[0].vertices
    at_left = corners[corners[:, 0] == 1][:, 1]
    assert (at_left.min(), at_left.max()) == (1, 8)


def test_two_drawings_are_in_two_colours_below_their_image():
    images = np.full((3, 1, 4, 4), 0.5)
    drawings = np.linspace(0, 1, 3 * 2 * 16).reshape(3, 2, 4, 4)
    figure = plots.two_drawings(images, drawings, ["1 and 2", "a", "b"], columns=2)
    shown = [axes for axes in figure.axes if axes.images]
    assert len(figure.axes) == 8
    (one, two, pair, *_) = shown
    assert [len(axes.images) for axes in (one, two, pair)] == [1, 1, 2]
    assert pair.get_title() == "1 and 2"
    for n, role in enumerate(("below", "above")):
        rgba = pair.images[n].get_array()
        assert to_hex(rgba[0, 0, :3]) == style.COLOUR[role]
        ink = rgba[..., 3] / rgba[..., 3].max()
        expected = drawings[0, n] / drawings[0, n].max()
        np.testing.assert_allclose(np.asarray(ink), expected)


def test_an_effect_is_coloured_by_its_interval():
    values = {"worse": [1, 3], "better": [-1, -3], "unknown": [-1, 1]}
    intervals = {"worse": (0.5, 3.5), "better": (-3, -1), "unknown": (-2, 2)}
    (axes,) = plots.effects(values, intervals, xlabel="points").axes
    zero, *rows = axes.lines
    assert zero.get_xdata() == [0, 0]
    for line, bar, (name, numbers), role in zip(
        rows, axes.collections, values.items(), ("wrong", "agreement", "data"),
        strict=True,
    ):  # fmt: skip
        assert line.get_xdata().tolist() == numbers
        assert tuple(bar.get_segments()[0][:, 0]) == intervals[name]
        assert to_hex(bar.get_color()[0]) == style.COLOUR[role]

"""Pictures show the numbers that they are given, on fixed scales, in the palette."""

import io

import matplotlib as mpl
import numpy as np
import pytest
import torch
from IPython.testing.globalipapp import start_ipython
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from capsnet_tutorial import plots
from capsnet_tutorial.plots import style

mpl.use("agg")


def rectangles(axes):
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def drawn(figure):
    """Draw for real, so that a picture that cannot be drawn fails here."""
    figure.savefig(io.BytesIO(), format="svg")
    return figure


def contrast(first, second):
    def luminance(colour):
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in mpl.colors.to_rgb(colour)
        ]
        return np.dot(linear, [0.2126, 0.7152, 0.0722])

    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_can_be_read_on_their_paper(theme):
    colours = style.PALETTE[theme]
    ratios = {r: contrast(c, colours["paper"]) for r, c in colours.items()}
    assert set(ratios) == set(style.PALETTE["light"])
    seen = [role for role in ratios if role not in ("paper", "rule")]
    assert len(seen) == 6
    assert all(ratios[role] >= 4.5 for role in seen), ratios


def test_squares_have_the_number_as_area():
    values = torch.tensor([[0.25, 1.0], [0.0, 0.04]])
    figure = drawn(
        plots.squares({"a": values, "b": values}, ["below", "wrong"], columns=2)
    )
    for axes, role in zip(figure.axes, ("below", "wrong"), strict=True):
        areas = [r.get_width() * r.get_height() for r in rectangles(axes)]
        assert areas == pytest.approx(values.flatten().tolist())
        centres = [(r.get_x() + r.get_width() / 2, r.get_y() + r.get_height() / 2)
                   for r in rectangles(axes)]  # fmt: skip
        assert np.allclose(centres, [(0, 0), (1, 0), (0, 1), (1, 1)])
        assert (
            to_hex(rectangles(axes)[0].get_facecolor()) == style.PALETTE["light"][role]
        )


def test_squares_on_a_digit_stand_where_their_patch_is():
    """A place sees pixels 2 * place to 2 * place + 16, so its middle is 8 more."""
    values = torch.zeros(6, 6)
    values[2, 3] = 0.5
    figure = drawn(
        plots.on_digit(torch.rand(28, 28), {"a": values}, "agreement", full=0.5)
    )
    (square,) = [r for r in rectangles(figure.axes[0]) if r.get_width() > 0]
    assert square.get_width() == pytest.approx(2)
    assert square.get_x() + 1 == pytest.approx(8 + 2 * 3)
    assert square.get_y() + 1 == pytest.approx(8 + 2 * 2)


def test_lengths_are_bars_from_0_to_1():
    values = [0.3, 0.95, 0.02]
    (axes,) = drawn(plots.lengths(values, ["a", "b", "c"])).axes
    assert [bar.get_height() for bar in axes.patches] == values
    assert axes.get_ylim() == (0, 1)
    assert {0.1, 0.9} <= set(axes.get_yticks())


def test_lines_show_each_series_with_its_name_and_role():
    x = torch.arange(5)
    series = {"up": x * 2.0, "down": -x}
    figure = plots.lines(
        x, series, ["above", "wrong"], xlabel="x", ylabel="y", marks=[(1, 2, "m")]
    )
    (axes,) = drawn(figure).axes
    up, down, mark = axes.lines
    assert up.get_ydata().tolist() == [0, 2, 4, 6, 8]
    assert (up.get_linestyle(), down.get_linestyle()) == ("-", "--")
    assert (mark.get_xdata()[0], mark.get_ydata()[0]) == (1, 2)
    assert {text.get_text().strip() for text in axes.texts} == {"up", "down", "m"}


def test_arrows_end_where_their_vectors_end():
    vectors = torch.tensor([[1.0, 0.5], [-2.0, 0.0]])
    (axes,) = drawn(plots.arrows({"a": [(vectors, "below")]}, limit=2.5)).axes
    assert [tuple(text.xy) for text in axes.texts] == [(1.0, 0.5), (-2.0, 0.0)]
    assert axes.get_xlim() == axes.get_ylim() == (-2.5, 2.5)


def test_digits_are_drawn_as_they_are_and_wrong_ones_framed():
    images = torch.rand(3, 28, 28)
    for wrong in (False, True):
        figure = drawn(plots.digits(images, ["a", "b", "c"], columns=2, wrong=wrong))
        shown = [axes for axes in figure.axes if axes.images]
        assert len(shown) == 3
        for axes, image in zip(shown, images, strict=True):
            assert np.allclose(axes.images[0].get_array()[..., 3], image)
            frame = to_hex(axes.spines["top"].get_edgecolor())
            assert (frame == style.COLOUR["wrong"]) == wrong


def test_tensor_steps_name_every_shape():
    steps = [("", (1, 28, 28), "image", "data"), ("layer", (1152, 8), "list", "below"),
             ("layer", (10,), "lengths", "agreement")]  # fmt: skip
    (axes,) = drawn(plots.tensor_steps(steps)).axes
    texts = {text.get_text() for text in axes.texts}
    assert {"1 × 28 × 28", "1152 × 8", "10", "image", "list", "lengths"} <= texts


def test_scenes_place_parts_and_votes():
    at = torch.tensor([[1.0, 0, 2], [0, 1, 3], [0, 0, 1]])
    knows = torch.tensor([[1.0, 0, 0.5], [0, 1, -1], [0, 0, 1]])
    outline = [(0, 0), (1, 0), (0, 1)]
    figure = plots.scenes({"a": {"part": at}}, {"part": outline}, {"part": knows})
    (axes,) = drawn(figure).axes
    assert axes.patches[0].get_xy()[:3].tolist() == [[2, 3], [3, 3], [2, 4]]
    assert (axes.lines[1].get_xdata()[0], axes.lines[1].get_ydata()[0]) == (2.5, 2.0)


def test_the_style_ends_with_the_function():
    before = mpl.rcParams["font.size"], mpl.rcParams["svg.fonttype"]
    mpl.rcParams.update({"font.size": 7, "svg.fonttype": "path"})
    plots.lengths([0.5], ["a"])
    assert (mpl.rcParams["font.size"], mpl.rcParams["svg.fonttype"]) == (7, "path")
    mpl.rcParams.update({"font.size": before[0], "svg.fonttype": before[1]})


def test_notebooks_show_svg_and_png_in_the_style():
    shell = start_ipython()
    plots.use_in_notebook()
    from matplotlib_inline.config import InlineBackend

    assert InlineBackend.instance(parent=shell).figure_formats == {"svg", "png"}
    assert mpl.rcParams["svg.fonttype"] == "none"


def test_digits_are_grey_or_in_colour_as_networks_have_them():
    grey, colour = np.full((2, 1, 5, 7), 0.25), np.zeros((2, 3, 5, 7))
    colour[:, 1] = 0.5
    for images in (grey, grey[:, 0]):
        shown = drawn(plots.digits(images)).axes[1].images[0].get_array()
        assert shown.shape == (5, 7, 4)
        assert (shown[..., 3] == 0.25).all()
    shown = drawn(plots.digits(colour)).axes[1].images[0].get_array()
    assert shown.shape == (5, 7, 3)
    assert (shown == [0, 0.5, 0]).all()
    with pytest.raises(ValueError, match=r"shape \(2, 5, 7\); pass \(height, width\)"):
        plots.digits(np.zeros((1, 2, 5, 7)))

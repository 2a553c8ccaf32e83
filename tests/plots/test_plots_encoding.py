"""Pictures of chapter 8 show the numbers that they are given."""

import io

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex

from capsnet_tutorial import plots
from capsnet_tutorial.plots import style

mpl.use("agg")


def drawn(figure):
    """Draw for real, so that a picture that cannot be drawn fails here."""
    figure.savefig(io.BytesIO(), format="svg")
    return figure


def test_rows_and_columns_of_drawings_are_where_their_labels_are():
    drawings = torch.rand(3, 5, 7, 11)
    panels, steps = {"a": drawings, "b": 1 - drawings}, [-1, -0.5, 0, 0.5, 1]
    figure = drawn(plots.rows_of_drawings(panels, steps, columns=2))
    assert [axes.get_title() for axes in figure.axes] == ["a", "b"]
    axes = figure.axes[1]
    sheet = axes.images[0].get_array()
    seen = 0
    for k in range(3):
        for s in range(5):
            part = sheet[7 * k : 7 * k + 7, 11 * s : 11 * s + 11]
            assert np.allclose(part, 1 - drawings[k, s])
            seen += 1
    assert seen == 15
    assert axes.get_yticks().tolist() == [3, 10, 17]  # pixels in the middle of a row
    assert axes.get_xticks().tolist() == [5, 27, 49]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["-1", "0", "+1"]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["0", "1", "2"]


def test_rows_may_have_names_and_full_pixels_are_grey():
    drawings = torch.ones(2, 1, 3, 3)
    figure = plots.rows_of_drawings({"": drawings}, [0.0], ["up", "down"])
    (axes,) = drawn(figure).axes
    assert [t.get_text() for t in axes.get_yticklabels()] == ["up", "down"]
    picture = axes.images[0]
    assert (picture.norm.vmin, picture.norm.vmax) == (0, 1)
    assert to_hex(picture.cmap(1.0)) == style.COLOUR["data"]
    assert picture.cmap(0.0)[3] == 0  # see-through, so that it works on dark pages


def test_shares_are_areas_in_their_row_and_column():
    shares = torch.tensor([[0.25, 1.0], [0.5, 0.0], [0.25, 0.0]])
    figure = plots.share_tables({"7": shares}, ["x", "y"], columns=1)
    (axes,) = drawn(figure).axes
    areas = [patch.get_width() * patch.get_height() for patch in axes.patches]
    assert areas == pytest.approx(shares.flatten().tolist())
    middles = [
        (patch.get_x() + patch.get_width() / 2, patch.get_y() + patch.get_height() / 2)
        for patch in axes.patches
    ]
    assert np.allclose(middles, [(p, k) for k in range(3) for p in range(2)])
    assert [t.get_text() for t in axes.get_xticklabels()] == ["x", "y"]


def test_what_was_found_stands_beside_what_chance_gave():
    figure = plots.beside_chance(
        {"a": 0.75, "b": 0.25}, {"b": [0.5], "a": [0.125, 0.375]}, xlabel="share"
    )
    (axes,) = drawn(figure).axes
    assert [line.get_xdata()[0] for line in axes.lines] == [0.75, 0.25]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["a", "b"]
    chance = [
        sorted(segment[0, 0] for segment in lines.get_segments())
        for lines in axes.collections
    ]
    assert chance == [[0.125, 0.375], [0.5]]
    assert axes.get_xlim() == (0, 1)

"""The picture of chapter 14 shows the numbers that it is given."""

import io

import matplotlib as mpl
from matplotlib.colors import to_hex

from capsnet_tutorial import plots
from capsnet_tutorial.plots import style

mpl.use("agg")


def test_bars_have_the_numbers_as_lengths_first_on_top():
    values = {"slow": 3.0, "middle": 2.0, "fast": 0.25}
    figure = plots.bars(values, "above", unit="seconds")
    figure.savefig(io.BytesIO(), format="svg")
    (axes,) = figure.axes
    assert [bar.get_width() for bar in axes.patches] == [3.0, 2.0, 0.25]
    assert [bar.get_x() for bar in axes.patches] == [0, 0, 0]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(values)
    heights = [axes.transData.transform((0, b.get_y()))[1] for b in axes.patches]
    assert heights == sorted(heights, reverse=True)
    assert [text.get_text() for text in axes.texts] == ["3.00", "2.00", "0.25"]
    assert axes.get_xlabel() == "seconds"
    assert to_hex(axes.patches[0].get_facecolor()) == style.PALETTE["light"]["above"]

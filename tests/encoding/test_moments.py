"""Properties of drawings, worked out by hand on bars, and moves on smooth shapes."""

import math

import pytest
import torch

from capsnet_tutorial.encoding.moments import (
    MOVES,
    PROPERTIES,
    explained,
    moves,
    properties,
)


def bar(wide, high, left=7, top=3, lean=0):
    """A black bar on 29 x 31 pixels; each row starts `lean` right of the one below."""
    image = torch.zeros(29, 31)
    for row in range(high):
        start = left + lean * (high - 1 - row)
        image[top + row, start : start + wide] = 1
    return image


def measured(image):
    return dict(zip(PROPERTIES, properties(image).tolist(), strict=True))


@pytest.mark.parametrize(("wide", "high"), [(3, 19), (13, 5), (2, 2)])
def test_a_bar_measures_what_it_should(wide, high):
    found = measured(bar(wide, high))
    assert found["x"] == pytest.approx(7 + (wide - 1) / 2)
    assert found["y"] == pytest.approx(3 + (high - 1) / 2)
    assert found["width"] == pytest.approx(math.sqrt((wide**2 - 1) / 12))
    assert found["height"] == pytest.approx(math.sqrt((high**2 - 1) / 12))
    assert found["slant"] == pytest.approx(0, abs=1e-6)
    outline = 2 * (wide - 1) + 2 * (high - 1) + 4 * math.sqrt(0.5)  # corners cut
    assert found["thickness"] == pytest.approx(2 * wide * high / outline)


@pytest.mark.parametrize("lean", [1, -1])
def test_leaning_changes_the_slant_and_not_the_width(lean):
    upright = measured(bar(3, 7))
    found = measured(bar(3, 7, left=13, lean=lean))
    assert found["slant"] == pytest.approx(lean, rel=1e-5)
    assert found["width"] == pytest.approx(upright["width"], rel=1e-4)
    assert found["height"] == pytest.approx(upright["height"])


def test_thickness_of_a_long_stroke_comes_near_its_width():
    long = torch.zeros(3, 401, 23)
    for n, wide in enumerate((2, 3, 5)):
        long[n, :, 7 : 7 + wide] = 1
    assert properties(long)[:, 0].tolist() == pytest.approx([2, 3, 5], rel=0.02)


def test_the_border_of_the_image_is_outline_too():
    inside, corner = measured(bar(3, 19)), measured(bar(3, 19, left=0, top=0))
    assert corner["thickness"] == pytest.approx(inside["thickness"])


def test_paler_ink_measures_the_same():
    image = torch.rand(2, 3, 11, 13)
    assert properties(image).shape == (2, 3, 6)
    torch.testing.assert_close(properties(0.3 * image), properties(image))
    torch.testing.assert_close(properties(image)[1, 2], properties(image[1, 2]))


def test_one_row_of_ink_has_no_slant():
    found = measured(bar(5, 1))
    assert (found["slant"], found["height"]) == (0, 0)
    assert found["width"] == pytest.approx(math.sqrt(2))


def test_a_drawing_without_ink_is_refused():
    images = torch.rand(2, 7, 5)
    images[1] = 0
    with pytest.raises(ValueError, match="has no ink; pass pixels above 0"):
        properties(images)


def blobs(by=0.0, move=None):
    """Two soft spots on 29 x 31 pixels, the drawing moved `by` along one of MOVES."""
    down, right = torch.meshgrid(torch.arange(29.0), torch.arange(31.0), indexing="ij")
    right, down = right - 14, down - 13
    back = {
        "right": (right - by, down),
        "down": (right, down - by),
        "wider": (right * (1 - by), down),
        "taller": (right, down * (1 - by)),
        "slanted": (right - by * down, down),
        "tilted": (right, down - by * right),
        None: (right, down),
    }
    right, down = back[move]
    first = torch.exp(-((right - 4) ** 2) / 18 - (down - 3) ** 2 / 8)
    return (first + 0.7 * torch.exp(-((right + 5) ** 2) / 8 - (down + 4) ** 2 / 18))[
        None
    ]


def test_each_move_is_the_change_that_its_name_says():
    alone = moves(blobs())
    assert alone.shape == (1, 7, 29, 31)
    seen = 0
    for number, name in enumerate(MOVES[:6]):
        change = (blobs(0.01, name) - blobs(-0.01, name))[:, None]
        by_itself = [explained(change, alone[:, [m]]).item() for m in range(7)]
        assert by_itself.index(max(by_itself)) == number
        if name in ("right", "down"):  # stretches are about the middle of the ink
            assert by_itself[number] > 0.98
        assert explained(change, alone).item() > 0.98
        seen += 1
    assert seen == 6


def test_a_thicker_drawing_is_the_last_move():
    thicker = torch.nn.functional.max_pool2d(blobs(), 3, stride=1, padding=1)
    change = (thicker - blobs())[:, None]
    by_itself = [explained(change, moves(blobs())[:, [m]]).item() for m in range(7)]
    assert MOVES[by_itself.index(max(by_itself))] == "thicker"
    assert max(by_itself) > 0.9


def test_explained_is_a_share_of_squares():
    pixels = torch.eye(35).reshape(35, 5, 7)
    change = 3 * pixels[2] + 4 * pixels[11] + 12 * pixels[30]
    first, both = pixels[None, [2]], torch.stack([pixels[2] + pixels[11], pixels[2]])
    share = explained(torch.stack([change, pixels[9]])[None], first)
    torch.testing.assert_close(share, torch.tensor([[9 / 169, 0]]))
    assert explained(change[None, None], both[None]).item() == pytest.approx(25 / 169)

"""One picture for one network, and what was done to it."""

import numpy as np
import pytest
import torch
from PIL import Image

from capsnet_tutorial import load_mnist
from capsnet_tutorial.images import as_mnist, prepare

MNIST = (1, 28, 28)
DIGITS = load_mnist("val", source="mini").tensors[0][:40]


def picture(digit):
    return Image.fromarray((digit * 255).round().byte().numpy())


def test_what_fits_is_left_alone():
    image, done = prepare(picture(DIGITS[0, 0]), MNIST, digits=True)
    assert torch.equal(image, DIGITS[0])
    assert done == []


def test_a_bright_border_means_dark_ink():
    paper = Image.fromarray(255 - np.asarray(picture(DIGITS[0, 0])))
    image, done = prepare(paper, MNIST, digits=True)
    assert torch.equal(image, DIGITS[0])
    assert done == ["bright and dark turned round"]
    left, done = prepare(paper, MNIST, digits=True, invert=False)
    assert torch.allclose(left, 1 - DIGITS[0], atol=1e-6)
    assert done == []
    assert prepare(paper, MNIST).done == []  # of own images nothing is known


def test_a_digit_comes_back_from_a_photograph_of_it():
    """Larger, on white paper, in colour, off the middle: nearly the same pixels."""
    off = []
    for digit in DIGITS:
        paper = Image.new("RGB", (300, 220), "white")
        ink = Image.fromarray(255 - np.asarray(picture(digit[0]))).resize((140, 140))
        paper.paste(ink, (130, 40))
        image, done = prepare(paper, MNIST, digits=True)
        off.append((image - digit).abs().mean())
        assert done == [
            "made grey",
            "bright and dark turned round",
            "ink brought to 20 pixels, its middle to the middle",
        ]
    assert sum(off) / len(off) < 0.06  # of a digit moved by one pixel: 0.07


def test_faint_ink_is_ink():
    faint = Image.fromarray((np.asarray(picture(DIGITS[0, 0])) / 8).astype(np.uint8))
    strong = np.asarray(as_mnist(picture(DIGITS[0, 0])), dtype=float)
    assert np.abs(8 * np.asarray(as_mnist(faint), dtype=float) - strong).max() < 30


def test_nothing_but_paper_stays_empty():
    assert not np.asarray(as_mnist(Image.new("L", (50, 60)))).any()


def test_other_sizes_are_cut_to_the_middle_and_grey_gets_colours():
    image, done = prepare(Image.new("L", (60, 40), 51), (3, 20, 20))
    assert image.shape == (3, 20, 20)
    assert torch.allclose(image, torch.tensor(0.2))
    assert done == ["grey in three channels", "40 x 60 brought to 20"]
    with pytest.raises(ValueError, match=r"takes images of 20 x 30; only square ones"):
        prepare(Image.new("L", (60, 40)), (1, 20, 30))

"""The squash explorer: its numbers are PyTorch's, in JavaScript and in words."""

import math

import nbformat
import pytest
import torch
from built import ROOT
from node import assert_close, run

from capsnet_tutorial import squash
from capsnet_tutorial.explorers import SquashExplorer


def computed(s, second=None, each=False, printed=False):
    body = "return computed(given)"
    return run("squash/maths.js", body, s=s, second=second, each=each, printed=printed)


# ------------------------------------------------------------------ the numbers


def test_one_vector_and_its_squash_are_those_of_pytorch():
    for s in torch.randn(13, 2, dtype=torch.float64) * 3:
        found = computed(s)
        assert_close(found["v"], squash(s))
        assert_close([found["before"], found["after"]], [s.norm(), squash(s).norm()])


def test_two_votes_are_added_before_they_are_squashed():
    for angle in (-170, -35, 10, 60, 120, 180):
        explorer = SquashExplorer(s=[1.0, 0.0], second=angle)
        found = computed([1, 0], angle)
        assert_close(found["total"], explorer.total)
        assert_close(found["v"], squash(explorer.total))


def test_the_bug_squashes_each_number_by_itself():
    s = torch.tensor([3.0, 0.5])
    assert_close(computed(s, each=True)["wrong"], squash(s[:, None])[:, 0])
    assert computed(s)["wrong"] is None
    both = s + torch.tensor([0.0, 1.0])
    assert_close(computed(s, 90, each=True)["wrong"], squash(both[:, None])[:, 0])


def test_as_printed_only_zero_is_different():
    s = torch.tensor([-0.7, 1.9])
    assert_close(computed(s, printed=True)["v"], squash(s))
    assert computed([0, 0], printed=True)["v"] == [None, None]  # NaN, in JSON
    assert computed([0, 0])["v"] == [0, 0]


def test_the_slope_is_that_of_autograd():
    lengths = [0.0, 0.2, 0.577, 1.0, 2.0, 7.0]
    found = run("squash/maths.js", "return given.n.map(squashSlope)", n=lengths)
    for n, slope in zip(lengths, found, strict=True):
        at = torch.tensor([n, 0.0])
        along = torch.autograd.functional.jacobian(squash, at)[0, 0]
        assert_close(slope, along)


# ------------------------------------------------------------------ in Python


def test_it_says_its_state_and_takes_tensors():
    explorer = SquashExplorer(s=torch.tensor([3.0, 4.0]))
    assert repr(explorer) == "SquashExplorer: s is 5.00 long, v is 0.962 long."
    assert explorer.s == [3.0, 4.0]
    explorer.second = 90.0
    assert_close(explorer.total.tolist(), [3.0, 5.0], 1e-6)


def test_its_output_has_a_picture_and_a_sentence_and_no_address():
    explorer = SquashExplorer()
    output = explorer._repr_mimebundle_()
    kinds = {"image/svg+xml", "image/png", "text/plain"}
    assert kinds < set(output)
    assert output["text/plain"] == repr(explorer)
    assert (
        output["image/svg+xml"] == SquashExplorer()._repr_mimebundle_()["image/svg+xml"]
    )
    assert explorer._ipython_display_ is None


# ------------------------------------------------------------------ what its words say


def test_numbers_in_its_words_are_those_of_squash():
    """In order: each number that a chip tells, and what PyTorch says about it."""
    text = (ROOT / "capsnet_tutorial" / "explorers" / "squash/index.js").read_text()
    lengths = torch.tensor([1.0, 2.0, 3.0, 0.1, 9.95])
    after = [squash(n[None]).norm() for n in lengths]
    for said, value in zip(["0.5", "0.8", "0.9", "0.0099", "0.99"], after, strict=True):
        assert said in text
        assert float(said) == pytest.approx(
            value.item(), abs=0.5 * 10 ** -len(said[2:])
        )
    assert round(math.degrees(math.atan2(0.5, 3)), 1) == 9.5
    picture = nbformat.read(ROOT / "book" / "02_squash.ipynb", 4)
    captions = [
        c.metadata.get("mystnb", {}).get("figure", {}).get("caption", "")
        for c in picture.cells
    ]
    assert any(
        "1 to 0.5, from 2 to 0.8, from 3 to 0.9" in caption for caption in captions
    )

"""The margin explorer: its numbers are PyTorch's, whoever moves the bars."""

import itertools

import pytest
import torch
import traitlets
from built import ROOT
from margin_cases import REST, flags, in_pytorch, only
from node import assert_close, run
from torch.nn import functional as F

from capsnet_tutorial.explorers import MarginExplorer


def judged(*cases):
    """What the page computes; cases are (lengths, present, bug, down_weight)."""
    names = ("lengths", "present", "bug", "down_weight")
    cases = [dict(zip(names, case, strict=True)) for case in cases]
    return run("margin/maths.js", "return given.cases.map(judged)", cases=cases)


# ------------------------------------------------------------------ the numbers

PRESENT = [flags(3), flags(0, 9), flags(), flags(*range(10))]


@pytest.mark.parametrize("bug", ["none", "square", "softmax"])
def test_loss_and_arrows_are_those_of_pytorch(bug):
    cases = [
        (torch.rand(10, dtype=torch.float64), present, bug, weight)
        for present, weight in itertools.product(PRESENT, (0.5, 1.0, 0.2))
    ]
    for case, found in zip(cases, judged(*cases), strict=True):
        loss, gradient = in_pytorch(*case)
        assert_close(found["used"]["total"], loss)
        assert_close(found["used"]["gradients"], gradient)
        assert_close(found["pull"], (-gradient).clamp(min=0).sum())
        assert_close(found["push"], gradient.clamp(min=0).sum())
        lengths, present, _, weight = case
        right, _ = in_pytorch(lengths, present, "none", weight)
        assert_close(found["right"]["total"], right)
        assert_close(sum(found["right"]["terms"]), right)


def test_shares_and_cross_entropy_are_those_of_pytorch():
    lengths = torch.rand(10, dtype=torch.float64)
    (found,) = judged((lengths, flags(2, 7), "none", 0.5))
    target = torch.tensor(flags(2, 7)) / 2
    assert_close(found["shares"], lengths.softmax(-1))
    assert_close(found["cross"]["total"], F.cross_entropy(lengths, target.double()))


def test_curves_show_what_one_class_costs():
    lengths = torch.linspace(0, 1, 11, dtype=torch.float64)
    body = """return given.x.map((x) => [true, false].map((there) =>
      price(x, there, { downWeight: 0.3, bug: given.bug })))"""
    short, long = (0.9 - lengths).clamp(min=0), (lengths - 0.1).clamp(min=0)
    for bug, power in ((None, 2), ("missing square", 1)):
        found = run("margin/maths.js", body, x=lengths, bug=bug)
        assert_close(found, torch.stack([short**power, 0.3 * long**power], dim=1))


def test_with_softmax_first_the_margins_meet_shares():
    lengths = torch.rand(10, dtype=torch.float64)
    for bug, seen in (("none", lengths), ("softmax", lengths.softmax(-1))):
        (found,) = judged((lengths, flags(3), bug, 0.5))
        assert_close(found["seen"], seen)


def test_a_step_goes_against_the_slope_and_stays_between_0_and_1():
    lengths = torch.tensor([0.01, 0.97, 0.5, 0.2, 0.1, 0.9, 0.8, 0.3, 0.4, 0.6])
    slopes = torch.linspace(-1.3, 1.1, 10)
    body = "return stepped(given.x, given.slopes, given.together)"
    found = run("margin/maths.js", body, x=lengths, slopes=slopes, together=False)
    assert_close(found, (lengths - 0.25 * slopes).clamp(0, 1), 1e-6)
    found = run("margin/maths.js", body, x=lengths, slopes=slopes, together=True)
    assert_close(found, (lengths - 0.25 * slopes.mean()).clamp(0, 1), 1e-6)


def test_bound_together_steps_end_where_pull_and_push_are_equal():
    body = """let x = given.x;
      for (let n = 0; n < 40; n++) {
        const { used } = judged({ ...given, lengths: x });
        x = stepped(x, used.gradients, true);
      }
      return x;"""
    for start in (0.0, 1.0):
        state = {"present": flags(3), "bug": "none", "down_weight": 0.5}
        found = run("margin/maths.js", body, x=10 * [start], **state)
        assert_close(found, 10 * [REST])


# ------------------------------------------------------------------ in Python


def test_it_says_its_state_and_takes_tensors():
    explorer = MarginExplorer(
        lengths=torch.tensor([0.8] + 9 * [0.3], dtype=torch.float64),
        present=torch.tensor(flags(0, 5)),
    )
    assert (
        repr(explorer)
        == "MarginExplorer: 0 and 5 are present, the margin loss is 0.5300."
    )
    loss, gradient = in_pytorch(explorer.lengths, explorer.present)
    assert explorer.loss == pytest.approx(loss, abs=1e-6)
    assert_close(explorer.gradient.tolist(), gradient, 1e-6)
    explorer.present = flags()
    explorer.down_weight = 1.0
    assert repr(explorer) == (
        "MarginExplorer: nothing is present, the margin loss is 0.8500."
    )


@pytest.mark.parametrize(
    "traits",
    [
        {"lengths": [-0.1] + 9 * [0.5]},
        {"lengths": 9 * [0.5] + [1.1]},
        {"lengths": [0.5, 0.5]},
        {"present": [True, False, False]},
    ],
)
def test_it_takes_ten_numbers_from_0_to_1_only(traits):
    with pytest.raises(traitlets.TraitError, match=r"pass ten numbers from 0 to 1"):
        MarginExplorer(**traits)


def test_its_picture_has_a_bar_and_an_arrow_for_each_capsule():
    lengths, present = torch.rand(10).tolist(), flags(1, 4)
    explorer = MarginExplorer(lengths=lengths, present=present)
    above, below = explorer.picture().axes
    assert [bar.get_width() for bar in below.patches] == pytest.approx(lengths)
    ends = [note.xy[0] - note.xyann[0] for note in below.texts]
    assert ends == pytest.approx((-0.25 * explorer.gradient).tolist(), abs=1e-6)
    spots = [line.get_xydata()[0] for line in above.lines if len(line.get_xdata()) == 1]
    assert [x for x, _ in spots] == pytest.approx(lengths)
    assert sum(y for _, y in spots) == pytest.approx(explorer.loss, abs=1e-3)


# ------------------------------------------------------------------ what its words say


def test_numbers_in_its_words_are_those_of_pytorch():
    text = (ROOT / "capsnet_tutorial" / "explorers" / "margin/index.js").read_text()
    loss = in_pytorch(10 * [REST], flags(3))[0]
    perfect = torch.tensor(only(1.0, 0.0))
    half = in_pytorch(10 * [0.5], flags(3))[1]
    cross = F.cross_entropy(perfect, torch.tensor(3))
    said = [
        f"{loss:.4f}, at length {REST:.4f}",
        f"At 0 the loss is {in_pytorch(10 * [0.0], flags(3))[0]:.2f}",
        f"it still is {cross:.4f}",
        f"gives is {perfect.softmax(-1).max():.4f}",
        f"ln 2 = {torch.tensor(2.0).log():.4f}",
        f"they are {half.clamp(min=0).sum():.1f} against {-half[3]:.1f}",
    ]
    for words in said:
        assert words in text, words
    full = [
        in_pytorch(10 * [x], flags(3), "none", 1.0)[1].sum() for x in (0.179, 0.181)
    ]
    assert full[0] < 0 < full[1]  # "the best length falls to 0.18"

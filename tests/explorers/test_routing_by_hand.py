"""The routing explorer: its numbers are PyTorch's, and its words tell them."""

import math
import re
from itertools import pairwise

import pytest
import torch
import traitlets
from node import EXPLORERS, assert_close, run

from capsnet_tutorial import DynamicRouter, squash
from capsnet_tutorial.explorers import RoutingExplorer


def votes_js(body, **given):
    return run("routing/maths.js", body, **given)


def some_arrows(children=5):
    turn, length = torch.rand(2, children, 2, dtype=torch.float64)
    return torch.stack([360 * turn, 2 * length], dim=-1)


def routed(arrows, iterations=3, axis="parents"):
    body = "return routed(given)"
    return votes_js(body, arrows=arrows, iterations=iterations, axis=axis)


def after(arrows, iterations=3):
    """Lengths of A and B, and the coupling of each child with A, by the package."""
    step = RoutingExplorer(arrows=arrows, iterations=iterations).step
    return step.pose[0].norm(dim=-1).tolist(), step.coupling[0, :, 0].tolist()


PRESETS = votes_js("return PRESETS")
AGREEING = [votes_js("return agreeing(given.n)", n=n) for n in range(1, 7)]


# ------------------------------------------------------------------ the numbers


def test_what_is_shown_is_what_the_package_computes():
    arrows = some_arrows()
    for iterations in (1, 2, 7, 20):
        found = routed(arrows, iterations)
        explorer = RoutingExplorer(arrows=arrows, iterations=iterations)
        step = explorer.step
        assert_close(found["votes"], explorer.votes)
        assert_close(found["right"]["coupling"], step.coupling[0])
        assert_close(found["right"]["pose"], step.pose[0])
        assert_close(found["right"]["agreement"], step.agreement[0])
        assert found["used"] == found["right"]
        total = torch.tensor(found["sums"], dtype=torch.float64)
        assert_close((total**2 / (1 + total**2)).tolist(), step.pose[0].norm(dim=-1))
        shares = torch.tensor(found["shares"], dtype=torch.float64)
        assert_close(shares.sum(0).tolist(), total, 1e-12)


def test_the_wrong_axis_is_a_softmax_over_the_children():
    arrows = some_arrows()
    votes = RoutingExplorer(arrows=arrows).votes
    logits = torch.zeros(5, 2, dtype=torch.float64)
    for _ in range(4):
        coupling = logits.softmax(dim=0)
        pose = squash(torch.einsum("ij,ije->je", coupling, votes))
        logits = logits + torch.einsum("ije,je->ij", votes, pose)
    found = routed(arrows, 4, "children")
    assert_close(found["used"]["coupling"], coupling)
    assert_close(found["used"]["pose"], pose)
    assert found["right"] == routed(arrows, 4)["used"]
    shares = torch.tensor(found["shares"], dtype=torch.float64)
    assert_close(shares.sum(0).tolist(), found["sums"], 1e-12)


GOLDEN = [  # start, iterations, coupling of its last child with A, |v_A|, |v_B|, bits
    ("stray", 1, 0.500, 0.812, 0.1575, 1.000),
    ("stray", 2, 0.310, 0.910, 0.348, 0.890),
    ("stray", 3, 0.129, 0.944, 0.505, 0.605),
    ("stray", 10, 0.000, 0.961, 0.506, 0.020),
    ("agree", 3, 0.828, 0.963, 0.051, 0.589),
    ("agree", 10, 1.000, 0.973, 0.000, 0.003),
    ("disagree", 3, 0.508, 0.027, 0.014, 1.000),
    ("disagree", 20, 1.000, 0.822, 0.822, 0.001),
    ("tie", 20, 0.500, 0.812, 0.812, 1.000),
    ("loud", 3, 0.895, 0.822, 0.002, 0.894),
    ("one", 20, 0.500, 0.200, 0.200, 1.000),
]


@pytest.mark.parametrize("golden", GOLDEN)
def test_the_starts_show_what_was_promised(golden):
    name, iterations, *expected = golden
    used = routed(PRESETS[name], iterations)["used"]
    found = [used["coupling"][-1][0], *used["lengths"], used["entropy"]]
    assert_close(found, expected, 5.1e-4)
    lengths, coupling = after(PRESETS[name], iterations)
    assert_close([coupling[-1], *lengths], expected[:3], 5.1e-4)


def test_one_percent_breaks_a_tie_late():
    nearly = votes_js("return nearlyTied")
    assert nearly[1:] == PRESETS["tie"][1:]
    found = [routed(nearly, n)["used"]["coupling"][0][0] for n in (3, 10, 20)]
    assert_close(found, [0.505, 0.547, 0.998], 5e-4)


def test_shares_of_the_first_view():
    shares = routed(PRESETS["stray"])["shares"]
    printed = [0.772, 0.830, 0.894, 0.888, 0.822, -0.110]
    assert_close([a for a, _ in shares], printed, 5e-4)


def test_turning_all_votes_for_a_parent_moves_no_coupling():
    for j in (0, 1):
        body = "return turned(given.arrows, given.j, 77)"
        turned = votes_js(body, arrows=PRESETS["stray"], j=j)
        assert turned[0][1 - j] == PRESETS["stray"][0][1 - j]
        before, now = routed(PRESETS["stray"])["used"], routed(turned)["used"]
        assert_close(now["coupling"], before["coupling"], 1e-12)
        assert math.dist(now["pose"][j], before["pose"][j]) > 0.5


def test_a_fourth_vote_that_agrees_adds_less_than_the_third():
    lengths = [after(arrows)[0][0] for arrows in AGREEING]
    steps = [b - a for a, b in pairwise(lengths)]
    assert steps == sorted(steps, reverse=True)
    assert min(steps) > 0
    assert AGREEING[3][:3] == AGREEING[2]
    three, four = after(AGREEING[2])[1], after(AGREEING[3])[1]
    assert all(b > a - 5e-4 for a, b in zip(three, four, strict=False))


# ------------------------------------------------------------------ what its words say


def text_of(title):
    """The words of one chip, as they are read."""
    text = (EXPLORERS / "routing/index.js").read_text()
    chip = text[text.index(f'title: "{title}"') :]
    return " ".join(re.findall(r'"([^"]*)"', chip[: chip.index("\n  },")]))


def test_numbers_in_the_first_chip():
    words = text_of("A fourth vote")
    names = ("one", "two", "three", "four", "five")
    for arrows, name in zip(AGREEING, names, strict=False):
        length = f"{after(arrows)[0][0]:.2f}"
        assert re.search(rf"{name}\W+[^.]*? {length}", words, re.IGNORECASE), name
    assert "three make it 0.86" in words
    straight = 2 * after(AGREEING[2])[0][0] - after(AGREEING[1])[0][0]
    assert f" {straight:.2f}" in words  # for those who go on in a straight line


def test_numbers_in_the_second_chip():
    words = text_of("Where does the stray go?")
    first, third = (after(PRESETS["stray"], n) for n in (1, 3))
    joins, ten = (after(PRESETS["agree"], n) for n in (3, 10))
    assert f"now {first[0][1] - 1e-4:.3f}?" in words  # 0.15748, printed as 0.157
    assert f"Longer, {third[0][1]:.3f}" in words
    assert f"{1 - third[1][-1]:.2f} of it lands on B" in words
    assert f"falls to {joins[0][1]:.3f}" in words
    assert f"to {ten[0][1]:.3f}; A only" in words
    assert f"from {third[0][0]:.3f} to {joins[0][0]:.3f}" in words


def test_numbers_in_the_third_chip():
    words = text_of("One loud against five")

    def angle(iterations):
        x, y = RoutingExplorer(arrows=PRESETS["loud"], iterations=iterations).step.pose[
            0, 0
        ]
        return math.degrees(math.atan2(y, x))

    assert angle(1) == pytest.approx(45, abs=0.05)
    assert "points to 45°" in words
    assert f"To {angle(3):.1f}°" in words
    assert f"to {angle(10):.1f}°" in words
    *five, loud = after(PRESETS["loud"])[1]
    assert f"gives A {loud:.2f} of its vote, the five {five[0]:.2f}" in words
    assert max(five) - min(five) < 0.01


# ------------------------------------------------------------------ marks and links


def test_marks_of_a_bundle_open_like_a_fan():
    turns, gap = [40, 35, 46, 38, 43, 190], 0.2
    marks = [[turn, 1.0] for turn in turns]
    found = votes_js("return fanned(given.marks, given.gap)", marks=marks, gap=gap)
    order = sorted(range(5), key=lambda n: turns[n])
    least = math.degrees(gap) - 0.05
    for a, b in pairwise(order):
        assert found[b] - found[a] >= least
    assert found[5] == 190
    assert sum(found[:5]) / 5 == pytest.approx(sum(turns[:5]) / 5)


def test_marks_on_one_spot_part_and_across_zero_too():
    body = "return fanned(given.marks, 0.2)"
    for marks in ([[90, 1], [90, 1]], [[359, 1], [1, 1]], [[1, 1], [359, 1]]):
        a, b = votes_js(body, marks=marks)
        apart = abs((b - a + 180) % 360 - 180)
        assert apart == pytest.approx(math.degrees(0.2), abs=0.05)
    assert votes_js(body, marks=[[90, 1], [90, 0.5]]) == [90, 90]  # not on each other


SEVEN = ",".join(["40.10"] * 7)


def link(body, **given):
    return run("routing/traits.js", f"return linkOfArrows.{body}", **given)


def test_votes_survive_their_link():
    for arrows in [*PRESETS.values(), votes_js("return nearlyTied")]:
        assert link("read(linkOfArrows.write(given.a))", a=arrows) == arrows
    assert link("write(given.a)", a=PRESETS["one"]) == "40.10"
    assert link("write(given.a)", a=[[[-5.2, 1.014], [359.7, 9]]]) == "355_101.0_200"


@pytest.mark.parametrize(
    "text",
    ["", "40", "40.360", "40.10.3", "40_201.10", "40_1_2.10", "a.b", "40.10,", SEVEN],
)
def test_votes_that_cannot_be_read_are_an_error(text):
    body = """try { return linkOfArrows.read(given.text) }
              catch (error) { return error.constructor.name }"""
    assert run("routing/traits.js", body, text=text) == "RangeError"


def test_a_hand_near_one_means_one_and_cannot_go_too_far():
    body = "return given.points.map((point) => kept(point, 1.2))"
    points = [[0, 0.96], [1.04, 0], [-0.3, 0.4], [3, 4], [0.01, 0.03], [1, -0.02]]
    found = run("routing/maths.js", body, points=points)
    expected = [[90, 1], [0, 1], [127, 0.5], [53, 1.2], [72, 0], [359, 1]]
    assert_close(found, expected, 1e-9)


def test_children_join_as_in_the_first_view():
    body = "return joined(given.arrows)"
    assert votes_js(body, arrows=AGREEING[2])[3] == PRESETS["stray"][3]
    changed = votes_js(
        "return changed(given.arrows, 4, 1, [7, 0.5])", arrows=PRESETS["stray"]
    )
    different = [
        (i, j)
        for i in range(6)
        for j in range(2)
        if changed[i][j] != PRESETS["stray"][i][j]
    ]
    assert different == [(4, 1)]


# ------------------------------------------------------------------ in Python


def test_its_first_view_is_that_of_the_page():
    explorer = RoutingExplorer()
    assert explorer.arrows == PRESETS["stray"]
    assert repr(explorer) == (
        "RoutingExplorer: 6 children, 3 iterations; A is 0.944 long, B is 0.505 long."
    )
    assert {"image/svg+xml", "text/plain"} < set(explorer._repr_mimebundle_())


def test_its_picture_shows_its_state():
    explorer = RoutingExplorer(arrows=some_arrows(5), iterations=4)
    a, bars, b = explorer.picture().axes
    step = explorer.step
    for j, (name, axes) in enumerate((("A", a), ("B", b))):
        assert axes.get_title() == f"{name}: length {step.pose[0, j].norm():.3f}"
        ends = torch.tensor([t.xy for t in axes.texts if not t.get_text()])
        expected = torch.cat([explorer.votes[:, j], step.pose[0, j : j + 1]])
        assert_close(ends.tolist(), expected, 1e-6)
        given = torch.tensor([[line.get_xdata()[1] for line in axes.lines]])
        coupled = step.coupling[0, :, j] * explorer.votes[:, j, 0]
        assert_close(given.tolist(), coupled[None], 1e-6)
        assert [t.get_text() for t in axes.texts if t.get_text()] == list("12345")
    widths = torch.tensor([bar.get_width() for bar in bars.patches]).reshape(2, 5)
    assert_close(widths.T.tolist(), step.coupling[0], 1e-6)


def test_it_takes_votes_and_gives_them_back():
    votes = torch.randn(5, 2, 2).clamp(-1, 1)
    explorer = RoutingExplorer(votes, iterations=7)
    assert_close(explorer.votes.tolist(), votes, 1e-6)
    assert explorer.child == 4
    expected = DynamicRouter(7)(votes[None].double())
    assert_close(explorer.step.pose.tolist(), expected, 1e-6)
    assert RoutingExplorer(votes / votes.norm(dim=-1).max()).reach == 1
    assert RoutingExplorer(torch.full((1, 2, 2), 1.0)).reach == 2


@pytest.mark.parametrize(
    ("votes", "message"),
    [
        (torch.zeros(1152, 10, 16), r"shape \(1152, 10, 16\); pass .*; for a network"),
        (torch.zeros(3, 10, 16), r"shape \(3, 10, 16\)"),
        (torch.zeros(7, 2, 2), r"shape \(7, 2, 2\)"),
        (torch.zeros(0, 2, 2), r"shape \(0, 2, 2\)"),
        (torch.full((1, 2, 2), 2.0), r"a vote is 2\.83 long"),
        (torch.full((1, 2, 2), math.nan), "a vote is nan long"),
    ],
)
def test_votes_that_do_not_fit_are_refused(votes, message):
    with pytest.raises(ValueError, match=message):
        RoutingExplorer(votes)


@pytest.mark.parametrize(
    "traits",
    [
        {"arrows": []},
        {"arrows": [[[40.0, 1.0]]]},
        {"arrows": [[[40.0], [10.0]]]},
        {"iterations": 0},
        {"axis": "classes"},
        {"reach": 3},
        {"child": 6},
    ],
)
def test_traits_that_a_page_could_not_show_are_refused(traits):
    with pytest.raises(traitlets.TraitError):
        RoutingExplorer(**traits)


def test_for_a_network_the_other_explorer_is_named():
    with pytest.raises(TypeError, match=r"use DigitRoutingExplorer\(model, image\)"):
        RoutingExplorer(model="net", image="x")

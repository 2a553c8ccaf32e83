"""capsules.js computes what the package computes, and what the explorers print."""

import math

import pytest
import torch
from node import assert_close, run
from torch.nn import functional as F

from capsnet_tutorial import DynamicRouter, margin_loss, squash

TINY = 1e-12  # both sides compute in float64


def capsules(body, **given):
    return run("model/capsules.js", body, **given)


def vote(*degrees, length=1.0):
    angles = torch.tensor(degrees, dtype=torch.float64).deg2rad()
    return length * torch.stack([angles.cos(), angles.sin()], dim=-1)


A, B = (40, 35, 46, 38, 43, 190), (10, 80, 150, 220, 290, 355)
DEFAULT = torch.stack([vote(*A), vote(*B)], dim=1)  # six children, two parents


def steps(votes, iterations=3, options="{}"):
    body = f"return route(given.votes, given.iterations, {options})"
    return capsules(body, votes=votes, iterations=iterations)


def test_squash_is_that_of_the_package():
    s = torch.randn(7, 5, dtype=torch.float64) * torch.logspace(-3, 3, 7)[:, None]
    assert_close(capsules("return given.s.map(squash)", s=s), squash(s), TINY)


def test_squash_of_zero_is_zero():
    assert capsules("return squash([0, 0])") == [0, 0]


def test_lengths_after_squash_that_the_explorer_prints():
    lengths = [0.1, 1 / 3, 1, 2, 3, 9.95]
    found = capsules("return given.s.map((x) => norm(squash([0, x])))", s=lengths)
    assert_close(found, [0.0099, 0.1, 0.5, 0.8, 0.9, 0.99], 5e-5)


def test_turning_the_second_vote_that_the_explorer_prints():
    both = [vote(0)[0] + vote(angle)[0] for angle in (0, 60, 90, 120, 150, 180)]
    found = capsules("return given.s.map((s) => norm(squash(s)))", s=torch.stack(both))
    assert_close(found, [0.800, 0.750, 0.667, 0.500, 0.211, 0], 5e-4)


def test_squash_of_each_number_is_longer_than_one_and_turns():
    same, long, turned = capsules(
        "return [[0, -2], [10, 10], [3, 0.5]].map(squashEachNumber)"
    )
    assert_close(same, squash(torch.tensor([0.0, -2.0])), 1e-7)  # right on the axes
    assert math.hypot(*long) == pytest.approx(1.400, abs=5e-4)
    assert math.degrees(math.atan2(*turned[::-1])) == pytest.approx(12.5, abs=0.05)


def test_softmax_is_that_of_pytorch_and_does_not_overflow():
    logits = torch.tensor([1000.0, 999.0, -1000.0, 998.5, 0.0]).double()
    assert_close(
        capsules("return softmax(given.logits)", logits=logits), logits.softmax(0), TINY
    )


@pytest.mark.parametrize("with_bias", [False, True])
def test_every_step_of_routing_is_that_of_the_package(with_bias):
    votes = torch.randn(7, 3, 5, dtype=torch.float64)
    bias = torch.randn(3, 5, dtype=torch.float64) if with_bias else None
    options = "{ bias: given.bias }"
    body = f"return route(given.votes, 11, {options})"
    found = capsules(body, votes=votes, bias=bias)
    router = DynamicRouter(11)
    expected = list(router.steps(votes[None], 0.0 if bias is None else bias))
    assert len(found) == len(expected) == 11
    for ours, theirs in zip(found, expected, strict=True):
        for name in ("coupling", "pose", "agreement"):
            assert_close(ours[name], getattr(theirs, name)[0], TINY)
        assert_close(ours["lengths"], theirs.pose[0].norm(dim=-1), TINY)
        entropy = -torch.xlogy(theirs.coupling, theirs.coupling).sum(-1).mean()
        assert ours["entropy"] == pytest.approx(entropy.item() / math.log(2))
        sums = torch.tensor(ours["sum"], dtype=torch.float64)
        assert_close(squash(sums).tolist(), theirs.pose[0], TINY)


def test_routing_by_hand_as_the_explorer_prints_it():
    found = steps(DEFAULT, 10)
    table = [
        [step["coupling"][5][0], *step["lengths"], step["entropy"]]
        for step in (found[0], found[1], found[2], found[9])
    ]
    expected = [
        [0.500, 0.812, 0.157, 1.000],
        [0.310, 0.910, 0.348, 0.890],
        [0.129, 0.944, 0.505, 0.605],
        [0.000, 0.961, 0.506, 0.020],
    ]
    assert_close(table, expected, 6e-4)  # 0.15748 was printed as 0.157


def test_a_stray_vote_that_joins_leaves_the_other_parent_short():
    joined = torch.stack([vote(*A[:5], 41), vote(*B)], dim=1)
    found = steps(joined, 10)
    assert_close(found[2]["lengths"], [0.963, 0.051], 5e-4)
    assert found[9]["lengths"][1] < 5e-4


def test_a_tie_stays_a_tie_and_one_percent_breaks_it_late():
    mirror = torch.stack([vote(*A), vote(*(a + 90 for a in A))], dim=1)
    tied = steps(mirror, 20)[-1]["coupling"]
    assert_close(tied, torch.full((6, 2), 0.5), TINY)
    mirror[0, 0] *= 1.01
    found = [steps(mirror, n)[-1]["coupling"][0][0] for n in (3, 10, 20)]
    assert_close(found, [0.505, 0.547, 0.998], 5e-4)


def test_one_loud_vote_against_five():
    agree, loud = vote(90, length=0.4)[0], vote(0, length=2.0)[0]
    other = vote(0, 72, 144, 216, 288, 30, length=0.4)
    votes = torch.stack([torch.stack([agree] * 5 + [loud]), other], dim=1)
    first, _, third = steps(votes)
    angles = [math.degrees(math.atan2(*s["pose"][0][::-1])) for s in (first, third)]
    assert angles == pytest.approx([45.0, 33.5], abs=0.05)
    assert third["coupling"][5][0] == pytest.approx(0.895, abs=5e-4)


def test_turning_all_votes_for_a_parent_changes_no_coupling():
    turned = DEFAULT.clone()
    turned[:, 0] = vote(*(a + 77 for a in A))
    before, after = steps(DEFAULT)[-1], steps(turned)[-1]
    assert_close(after["coupling"], before["coupling"], TINY)


def test_softmax_over_the_children_is_the_wrong_axis():
    last = steps(DEFAULT, 3, '{ axis: "children" }')[-1]
    coupling = torch.tensor(last["coupling"])
    assert_close(coupling.sum(dim=0).tolist(), [1.0, 1.0], 1e-6)
    rows = coupling.sum(dim=1)
    assert rows.aminmax().min.item() == pytest.approx(0.22, abs=5e-3)
    assert rows.aminmax().max.item() == pytest.approx(0.36, abs=5e-3)
    assert last["lengths"][0] == pytest.approx(0.449, abs=5e-4)
    same = steps(vote(0, 0, 0, 0)[:, None].expand(4, 2, 2), 3, '{ axis: "children" }')
    assert_close(same[-1]["lengths"], [0.5, 0.5], TINY)  # it is an average


def test_no_votes_at_all_leave_even_couplings():
    last = steps(torch.zeros(3, 2, 5))[-1]
    assert_close(last["coupling"], torch.full((3, 2), 0.5), TINY)
    assert last["lengths"] == [0, 0]


def test_entropy_weighted_by_length():
    coupling = torch.tensor([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
    body = "return meanEntropy(given.coupling, given.weights)"
    found = [
        capsules(body, coupling=coupling, weights=weights)
        for weights in ([1, 0], [0, 1], [1, 3])
    ]
    assert found == [1, 0, 0.25]
    assert capsules("return meanEntropy(given.coupling)", coupling=coupling) == 0.5


def test_shares_add_up_to_the_length_of_the_sum():
    body = """const step = route(given.votes, 3)[2];
              return [attribution(given.votes, step), step.sum.map(norm)]"""
    votes = torch.randn(7, 3, 5, dtype=torch.float64)
    shares, lengths = capsules(body, votes=votes)
    assert_close(
        torch.tensor(shares, dtype=torch.float64).sum(0).tolist(), lengths, TINY
    )
    shares, _ = capsules(body, votes=DEFAULT)
    printed = [0.772, 0.830, 0.894, 0.888, 0.822, -0.110]
    assert_close([row[0] for row in shares], printed, 5e-4)


def test_no_sum_leaves_no_shares():
    body = "return attribution(given.votes, route(given.votes, 1)[0])"
    assert capsules(body, votes=torch.zeros(3, 2, 5)) == 3 * [2 * [0]]


LENGTHS = torch.tensor([0.95, 0.5, 0.1, 0.03, 0.7, 0.9, 0.2], dtype=torch.float64)
PRESENT = [[0], [3], [1, 4], [], [5, 2, 6]]


def margin(lengths, present, options="{}"):
    body = f"return marginLoss(given.lengths, given.present, {options})"
    return capsules(body, lengths=lengths, present=present)


@pytest.mark.parametrize("digits", PRESENT)
def test_margin_loss_is_that_of_the_package_with_its_gradient(digits):
    present = torch.zeros(7).index_fill(0, torch.tensor(digits, dtype=int), 1).bool()
    lengths = LENGTHS[None].clone().requires_grad_()
    margins = {"m_pos": 0.8, "m_neg": 0.15, "down_weight": 0.3}
    expected = margin_loss(lengths, present[None], **margins)
    expected.backward()
    found = margin(LENGTHS, present, "{ mPos: 0.8, mNeg: 0.15, downWeight: 0.3 }")
    assert found["total"] == pytest.approx(expected.item(), abs=TINY)
    assert sum(found["terms"]) == pytest.approx(found["total"])
    assert_close(found["gradients"], lengths.grad[0], TINY)


def one_of_ten(true, other):
    return [true] + 9 * [other], [True] + 9 * [False]


def test_margin_losses_that_the_explorer_prints():
    even = margin(*one_of_ten(0.2455, 0.2455))
    assert even["total"] == pytest.approx(0.5236, abs=5e-5)
    assert even["gradients"][0] == pytest.approx(-1.309, abs=5e-4)
    assert sum(even["gradients"][1:]) == pytest.approx(1.309, abs=1e-3)  # in balance
    assert margin(*one_of_ten(0, 0))["total"] == pytest.approx(0.81)
    without = margin(*one_of_ten(0.18, 0.18), "{ downWeight: 1 }")
    assert without["total"] == pytest.approx(0.576)
    for true, other in ((0.9, 0.1), (1, 0)):
        assert margin(*one_of_ten(true, other))["total"] == 0
    assert margin(*one_of_ten(0, 1))["total"] == pytest.approx(4.455)
    both = margin(2 * [0.95] + 8 * [0.1], 2 * [True] + 8 * [False])
    assert both["total"] == 0
    half = margin(*one_of_ten(0.5, 0.5))["gradients"]
    assert [sum(half[1:]), half[0]] == pytest.approx([3.6, -0.8])


def test_without_the_square_the_push_does_not_shrink():
    options = '{ bug: "missing square" }'
    near, far = (margin(*one_of_ten(x, 0.3), options) for x in (0.89, 0.2))
    assert near["gradients"] == far["gradients"] == [-1] + 9 * [0.5]
    assert near["total"] == pytest.approx(0.01 + 9 * 0.5 * 0.2)
    assert margin(*one_of_ten(0.95, 0.05), options)["gradients"] == 10 * [0]


def test_softmax_of_the_lengths_makes_a_perfect_network_pay():
    found = margin(*one_of_ten(1, 0), '{ bug: "softmax first" }')
    assert found["total"] == pytest.approx(0.446, abs=5e-4)
    lengths = LENGTHS[None].clone().requires_grad_()
    present = torch.tensor([[False, True] + 5 * [False]])
    margin_loss(lengths.softmax(-1), present).backward()
    found = margin(LENGTHS, present[0], '{ bug: "softmax first" }')
    assert_close(found["gradients"], lengths.grad[0], TINY)


@pytest.mark.parametrize("digits", [digits for digits in PRESENT if digits])
def test_cross_entropy_is_that_of_pytorch_with_its_gradient(digits):
    target = torch.zeros(7, dtype=torch.float64)
    target[digits] = 1 / len(digits)
    lengths = LENGTHS.clone().requires_grad_()
    expected = F.cross_entropy(lengths, target)
    expected.backward()
    body = "return crossEntropy(given.lengths, given.present)"
    found = capsules(body, lengths=LENGTHS, present=target > 0)
    assert found["total"] == pytest.approx(expected.item(), abs=TINY)
    assert_close(found["gradients"], lengths.grad, TINY)


def test_cross_entropy_of_two_digits_stays_above_ln_2():
    body = "return crossEntropy([50, 50, 0, 0], [true, true, false, false]).total"
    assert capsules(body) == pytest.approx(math.log(2))


def test_cross_entropy_of_no_digit_is_not_a_number():
    assert capsules("return Number.isNaN(crossEntropy([0.1, 0.2], [0, 0]).total)")

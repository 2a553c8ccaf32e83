"""Several layers of capsules: sizes, and weights to start from."""

import itertools
import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
import toy_run

from capsnet_tutorial import CapsNet, load_mnist
from capsnet_tutorial.capsnet import PRESETS
from capsnet_tutorial.fast import FastClassCaps, speed_up
from capsnet_tutorial.layers import ClassCaps
from capsnet_tutorial.records import load_record
from capsnet_tutorial.records.statistics import paired_interval
from capsnet_tutorial.runs import TrainConfig
from capsnet_tutorial.stacking import (
    STACKS,
    StackedCapsNet,
    gradients_by_layer,
    lengths_by_layer,
    scale_start,
)
from capsnet_tutorial.training import train_step

DIGITS = tuple(x[:100] for x in load_mnist("val", "mini").tensors)


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def test_layers_are_of_the_sizes_asked_for():
    net = StackedCapsNet(depth=3, hidden=5, hidden_dim=4)
    shapes = [tuple(layer.weight.shape) for layer in net.class_caps]
    assert shapes == [(288, 5, 8, 4), (5, 5, 4, 4), (5, 10, 4, 16)]
    output = net(DIGITS[0][:3])
    assert output.pose.shape == (3, 10, 16)
    assert output.reconstruction.shape == (3, 1, 28, 28)


def test_one_layer_is_a_capsnet():
    stacked, plain = StackedCapsNet(toy_run.TOY, depth=1), CapsNet(toy_run.TOY)
    state = {
        name.replace("class_caps.0", "class_caps"): value
        for name, value in stacked.state_dict().items()
    }
    plain.load_state_dict(state)
    images = DIGITS[0][:5]
    assert torch.equal(stacked(images).lengths, plain(images).lengths)
    assert lengths_by_layer(stacked, images) == lengths_by_layer(plain, images)


def test_lengths_are_about_squared_from_layer_to_layer():
    lengths = lengths_by_layer(StackedCapsNet(depth=3), DIGITS[0])
    for below, above in itertools.pairwise(lengths):
        assert above < 10 * below**2
    assert lengths[-1] < 1e-5


def test_a_scaled_start_keeps_lengths_and_gradients_alive():
    plain, scaled = (StackedCapsNet(depth=3, scaled=s) for s in (False, True))
    assert min(lengths_by_layer(scaled, DIGITS[0])) > 0.01
    assert min(gradients_by_layer(scaled, *DIGITS)) > 1e-3
    assert max(gradients_by_layer(plain, *DIGITS)) < 1e-4


@pytest.mark.parametrize(
    ("depth", "optimizer", "awake"),
    [
        (3, partial(torch.optim.Adam, lr=0.001), True),
        (3, partial(torch.optim.SGD, lr=0.1), False),
        (4, partial(torch.optim.Adam, lr=0.001), False),
        (4, partial(torch.optim.Adam, lr=0.001, eps=1e-20), True),
    ],
)
def test_epsilon_decides_whether_four_layers_wake(depth, optimizer, awake):
    net = StackedCapsNet(depth=depth)
    steps = optimizer(net.parameters())
    for _ in range(3):
        train_step(net, steps, *DIGITS)
    shortest = min(lengths_by_layer(net, DIGITS[0]))
    assert shortest > 0.01 if awake else shortest < 1e-5


def test_plain_descent_at_a_high_rate_fills_the_primary_capsules():
    """Exercise 18.2."""
    net = StackedCapsNet(depth=3)
    steps = torch.optim.SGD(net.parameters(), lr=1000)
    for _ in range(6):
        train_step(net, steps, *DIGITS)
    assert lengths_by_layer(net, DIGITS[0])[0] > 0.95


def test_scaled_votes_add_up_to_the_target():
    """With even couplings, squared lengths of sums average the square of the target."""
    layers = torch.nn.Sequential(
        ClassCaps(300, 40, 8, 8, n_iters=1), ClassCaps(40, 30, 8, 16, n_iters=1)
    )
    children = torch.nn.functional.normalize(torch.randn(50, 300, 8), dim=-1)
    scale_start(layers, length=0.2, target=0.3)
    sums = layers[0].votes(0.2 * children).sum(dim=1) / 40
    assert sums.square().sum(-1).mean().sqrt().item() == pytest.approx(0.3, rel=0.05)
    above = math.sqrt(16 * 40) / 30 * layers[1].weight.std().item()
    assert above * 0.09 / 1.09 == pytest.approx(0.3, rel=0.05)


@pytest.mark.parametrize("variant", STACKS)
def test_a_config_builds_it_with_all_other_switches(variant):
    config = TrainConfig(variant=variant, preset="tiny", n_iters=2, class_bias=True)
    net = config.network()
    assert len(net.class_caps) == STACKS[variant]["depth"]
    assert [layer.router.n_iters for layer in net.class_caps] == [2] * len(
        net.class_caps
    )
    assert all(layer.bias is not None for layer in net.class_caps)
    assert net.config == config.model_config()


def test_bad_sizes_are_refused():
    for wrong in ("depth", "hidden", "hidden_dim"):
        with pytest.raises(ValueError, match=f"{wrong} is 0; pass 1 or more"):
            StackedCapsNet(PRESETS["tiny"], **{wrong: 0})
    layers = StackedCapsNet(toy_run.TOY).class_caps
    for wrong in ({"length": 0.0}, {"target": -1.0}, {"target": math.nan}):
        with pytest.raises(ValueError, match="pass more than 0"):
            scale_start(layers, **wrong)


def test_a_fast_stack_answers_as_before():
    net = StackedCapsNet(depth=3, scaled=True)
    lengths = net(DIGITS[0][:5]).lengths
    assert speed_up(net) is net
    assert all(isinstance(layer, FastClassCaps) for layer in net.class_caps)
    torch.testing.assert_close(net(DIGITS[0][:5]).lengths, lengths)


def test_the_text_of_chapter_18_says_what_the_record_says():
    runs = {}
    for run in load_record("study-stacking")["runs"]:
        runs.setdefault(run["arm"], []).append(run)
    assert {len(some) for some in runs.values()} == {3}
    wrong = {
        arm: np.array([100 * r["errors"]["errors"] / r["errors"]["n"] for r in some])
        for arm, some in runs.items()
    }
    one = wrong["one layer"]
    gains = one - wrong["two layers"]
    assert [round(gain, 2) for gain in (gains.min(), gains.max())] == [0.06, 0.23]
    for arm in ("two layers", "three layers"):
        low, high = paired_interval(one, wrong[arm])
        assert low < 0 < high
    assert (wrong["three layers"] > one).any()
    ends = {
        arm: round(np.mean([run["losses"][-1] for run in some]), 3)
        for arm, some in runs.items()
    }
    assert list(ends.values())[:2] == [0.039, 0.024]
    assert ends["three layers"] == 0.021
    scaled = runs["three layers, scaled start"]
    starts = [round(run["layers"]["start_lengths"][-1], 2) for run in scaled]
    shares = wrong["three layers, scaled start"]
    assert sorted(zip(starts, shares.round(), strict=True)) == [
        (0.03, 5),
        (0.17, 8),
        (0.29, 84),
    ]
    at_zero = [max(run["losses"]) > 0.8 for run in scaled]
    assert sorted(at_zero) == [False, True, True]
    assert sorted(run["losses"][-1] > 0.8 for run in scaled) == [False, False, True]


def test_a_bias_starts_every_layer_at_its_own_length():
    """Exercise 18.3."""
    config = replace(PRESETS["tiny"], class_bias=True)
    lengths = lengths_by_layer(StackedCapsNet(config, depth=4), DIGITS[0])
    assert 0.07 < min(lengths) < max(lengths) < 0.15

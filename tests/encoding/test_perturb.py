"""Poses changed, drawn and measured; and that a pose has no axes of its own."""

import pytest
import torch

from capsnet_tutorial import CapsNet, CapsNetConfig
from capsnet_tutorial.encoding import (
    STEPS,
    draw,
    effects,
    linear_probe_r2,
    perturbed,
    properties,
    random_directions,
    shares,
    sliders,
)

CONFIG = CapsNetConfig(
    (1, 19, 17), 3, conv_channels=5, primary_types=2, class_dim=7, decoder_hidden=(11,)
)


@pytest.fixture
def net():
    return CapsNet(CONFIG).requires_grad_(False)


def test_a_drawing_is_what_the_network_draws_of_that_class(net):
    images = torch.rand(5, 1, 19, 17)
    seen = 0
    for digit in range(3):
        present = torch.zeros(5, 3, dtype=torch.bool)
        present[:, digit] = True
        output = net(images, present)
        drawn = draw(net, output.pose[:, digit], digit)
        torch.testing.assert_close(drawn, output.reconstruction[:, 0])
        torch.testing.assert_close(draw(net, output.pose[2, digit], digit), drawn[2])
        seen += 1
    assert seen == 3


def test_drawings_keep_the_order_of_their_poses(net):
    poses = torch.randn(2, 5, 3, 7)
    drawn = draw(net, poses, 1)
    assert drawn.shape == (2, 5, 3, 19, 17)
    torch.testing.assert_close(drawn[1, 4, 2], draw(net, poses[1, 4, 2], 1))


def test_one_number_is_changed_in_each_row():
    pose = torch.randn(2, 7)
    rows = perturbed(pose)
    assert rows.shape == (2, 7, 11, 7)
    assert list(STEPS) == pytest.approx([-0.25 + 0.05 * n for n in range(11)])
    seen = 0
    for k in range(7):
        for s, step in enumerate(STEPS):
            expected = pose.clone()
            expected[:, k] += step
            torch.testing.assert_close(rows[:, k, s], expected)
            seen += 1
    assert seen == 77


def test_other_directions_are_followed():
    pose, turned = torch.randn(2, 5), torch.randn(3, 5)
    rows = perturbed(pose, (0.5, 2.0), turned)
    torch.testing.assert_close(rows[1, 2, 0], pose[1] + 0.5 * turned[2])
    torch.testing.assert_close(rows[0, 1, 1], pose[0] + 2 * turned[1])


@pytest.mark.parametrize("turned", [None, torch.randn(5, 7)])
def test_effects_are_differences_between_the_ends(net, turned):
    pose = torch.randn(3, 7)
    found = effects(net, pose, 2, turned)
    directions = torch.eye(7) if turned is None else turned
    assert found.shape == (3, len(directions), 6)
    for k, direction in enumerate(directions):
        high = properties(draw(net, pose + 0.25 * direction, 2))
        low = properties(draw(net, pose - 0.25 * direction, 2))
        torch.testing.assert_close(found[:, k], high - low, atol=1e-5, rtol=1e-4)


def test_shares_are_of_squares_and_add_up_to_one():
    found = shares(torch.tensor([[3.0, 1.0], [-4.0, 1.0], [0.0, 2.0]]))
    expected = torch.tensor([[0.36, 1 / 6], [0.64, 1 / 6], [0.0, 4 / 6]])
    torch.testing.assert_close(found, expected)


def test_a_longer_reach_goes_further(net):
    pose = torch.randn(3, 7)
    far = effects(net, pose, 0, reach=1.5)
    torch.testing.assert_close(far, effects(net, pose, 0, 6 * torch.eye(7)))


def test_each_slider_moves_its_own_property_by_one():
    numbers = torch.randn(7, 3)  # what each number does from -0.25 to 0.25
    found = sliders(numbers)
    torch.testing.assert_close(found @ numbers / 0.5, torch.eye(3), atol=1e-5, rtol=0)
    longer = torch.linalg.inv(numbers[:3]) / 2  # from three numbers only
    assert (found.norm(dim=1) < longer.norm(dim=1)).all()  # the shortest of many


def test_random_directions_are_at_right_angles_and_prefer_none():
    generator = torch.Generator().manual_seed(0)
    draws = torch.stack([random_directions(7, generator) for _ in range(400)])
    product = draws @ draws.mT
    torch.testing.assert_close(
        product, torch.eye(7).expand(400, 7, 7), atol=1e-5, rtol=0
    )
    positive = (draws > 0).double().mean(dim=0)  # one half each, give or take 0.025
    assert (positive - 0.5).abs().max() < 0.125


def test_a_probe_finds_a_weighted_sum_and_nothing_in_noise():
    pose, new = torch.randn(1000, 5), torch.randn(1000, 5)
    weights = torch.randn(5, 2)
    told = linear_probe_r2(pose, pose @ weights + 3, new, new @ weights + 3)
    torch.testing.assert_close(told, torch.ones(2), atol=1e-5, rtol=0)
    noise, new_noise = torch.randn(1000, 1), torch.randn(1000, 1)
    assert abs(linear_probe_r2(pose, noise, new, new_noise).item()) < 0.05
    half = linear_probe_r2(pose, pose[:, :1] + noise, new, new[:, :1] + new_noise)
    assert half.item() == pytest.approx(0.5, abs=0.08)


def test_a_probe_that_misses_is_worse_than_the_mean():
    pose = torch.randn(100, 3)
    assert linear_probe_r2(pose, pose[:, :1], pose, -pose[:, :1]).item() < -1


def test_a_pose_has_no_axes_of_its_own(net):
    """Turn the pose space of a class, and the decoder with it: nothing else changes."""
    images = torch.rand(5, 1, 19, 17)
    before = net(images)
    turn = random_directions(7, torch.Generator().manual_seed(0))
    net.class_caps.weight[:, 1] @= turn
    first = net.decoder.net[0].weight.unflatten(1, (3, 7))
    first[:, 1] @= turn
    after = net(images)
    torch.testing.assert_close(after.lengths, before.lengths)
    torch.testing.assert_close(after.reconstruction, before.reconstruction)
    torch.testing.assert_close(after.pose[:, 1], before.pose[:, 1] @ turn)
    assert not torch.allclose(after.pose[:, 1], before.pose[:, 1])


@pytest.mark.parametrize(
    ("config", "has"),
    [
        (CapsNetConfig((3, 19, 17), 3, 5, 2, class_dim=7), "3 channels to draw"),
        (CapsNetConfig((1, 19, 17), 3, 5, 2, decoder_hidden=None), "no decoder"),
    ],
)
def test_a_model_that_draws_nothing_grey_is_named(config, has):
    poses = torch.randn(2, config.class_dim)
    for ask in (draw, effects):
        with pytest.raises(ValueError, match=f"the model has {has}; pass one with"):
            ask(CapsNet(config), poses, 1)

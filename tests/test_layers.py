"""Primary capsules, class capsules, decoder.  Axis sizes are distinct primes."""

import pytest
import reference
import torch
from einops import rearrange

from capsnet_tutorial import ClassCaps, Decoder, DynamicRouter, PrimaryCaps, squash

B, T, D, H, W = 2, 3, 5, 7, 11


def handmade_primary():
    """A PrimaryCaps whose convolution copies its T * D input channels unchanged."""
    layer = PrimaryCaps(T * D, n_types=T, pose_dim=D, kernel_size=1, stride=1)
    with torch.no_grad():
        layer.conv.weight.copy_(torch.eye(T * D)[:, :, None, None])
        layer.conv.bias.zero_()
    return layer


def test_a_capsule_is_d_channels_at_one_place():
    maps = torch.randn(B, T * D, H, W)
    poses = handmade_primary()(maps)
    assert poses.shape == (B, T * H * W, D)
    seen = 0
    for t in range(T):
        for h in range(H):
            for w in range(W):
                expected = squash(maps[:, t * D : (t + 1) * D, h, w])
                torch.testing.assert_close(poses[:, (t * H + h) * W + w], expected)
                seen += 1
    assert seen == T * H * W


def test_one_lit_place_lights_one_capsule_of_each_type():
    """The bug of many ports, view(b, -1, d), spreads one place over many capsules."""
    maps = torch.zeros(1, T * D, H, W)
    maps[0, :, 4, 6] = 1
    lengths = handmade_primary()(maps).norm(dim=-1)[0]
    assert lengths.nonzero().flatten().tolist() == [
        (t * H + 4) * W + 6 for t in range(T)
    ]


def test_primary_convolution_matches_plain_loops():
    layer = PrimaryCaps(2, n_types=1, pose_dim=3, kernel_size=3, stride=2).double()
    features = torch.randn(1, 2, 7, 9, dtype=torch.float64)
    maps = [
        reference.convolve(features[0].tolist(), kernel.tolist(), bias.item(), stride=2)
        for kernel, bias in zip(layer.conv.weight, layer.conv.bias, strict=True)
    ]
    expected = squash(
        rearrange(torch.tensor(maps, dtype=torch.float64), "d h w -> (h w) d")
    )
    torch.testing.assert_close(layer(features)[0], expected)


def test_primary_scale_of_the_authors_code_leaves_the_bias_alone():
    layer = handmade_primary()
    layer.scale = 0.25
    with torch.no_grad():
        layer.conv.bias.fill_(2.0)
    maps = torch.randn(B, T * D, H, W)
    expected = squash(rearrange(maps / 4 + 2, "b (t d) h w -> b (t h w) d", d=D))
    torch.testing.assert_close(layer(maps), expected)


def test_class_bias_of_the_authors_code_starts_at_a_tenth_and_learns():
    layer = ClassCaps(n_children=7, n_classes=3, child_dim=2, pose_dim=5, bias=True)
    poses = torch.randn(B, 7, 2)
    expected = DynamicRouter(3)(layer.votes(poses), torch.full((3, 5), 0.1))
    torch.testing.assert_close(layer(poses), expected)
    layer(poses).sum().backward()
    assert layer.bias.grad.abs().sum() > 0


def test_primary_poses_may_be_negative():
    """No ReLU before squash: a pose points anywhere, not only into the first octant."""
    assert (PrimaryCaps(256)(torch.randn(1, 256, 20, 20)) < 0).any()


def test_votes_match_plain_loops():
    layer = ClassCaps(n_children=7, n_classes=3, child_dim=2, pose_dim=5).double()
    poses = torch.randn(B, 7, 2, dtype=torch.float64)
    votes = layer.votes(poses)
    seen = 0
    for b in range(B):
        for i in range(7):
            for j in range(3):
                expected = reference.vote(
                    poses[b, i].tolist(), layer.weight[i, j].tolist()
                )
                assert votes[b, i, j].tolist() == pytest.approx(expected)
                seen += 1
    assert seen == B * 7 * 3


def test_class_caps_route_their_votes():
    layer = ClassCaps(n_children=7, n_classes=3, child_dim=2, pose_dim=5, n_iters=4)
    poses = torch.randn(B, 7, 2)
    assert torch.equal(layer(poses), DynamicRouter(4)(layer.votes(poses)))


@pytest.mark.parametrize(
    ("n_children", "n_classes"), [(1152, 10), (288, 10), (4608, 5)]
)
def test_first_weights_have_the_documented_scale(n_children, n_classes):
    weight = ClassCaps(n_children, n_classes).weight
    expected = 0.1 * (n_classes / 10) * (1152 / n_children) ** 0.5
    assert weight.std().item() == pytest.approx(expected, rel=0.02)
    assert weight.mean().item() == pytest.approx(0, abs=0.01 * expected)


def test_zero_poses_have_finite_gradients():
    layer, poses = ClassCaps(7, 3), torch.zeros(B, 7, 8, requires_grad=True)
    layer(poses).sum().backward()
    assert poses.grad.isfinite().all()
    assert layer.weight.grad.isfinite().all()


def test_layer_gradients_match_finite_differences():
    layer = ClassCaps(3, 2, child_dim=2, pose_dim=3).double()
    poses = torch.randn(1, 3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, poses)


def test_decoder_sees_the_present_pose_only():
    decoder, pose = Decoder(3, 5, (1, 7, 11), hidden=(13,)), torch.randn(1, 3, 5)
    present = torch.tensor([[False, True, False]])
    others_changed = pose.clone()
    others_changed[:, [0, 2]] += 1
    assert torch.equal(decoder(pose, present), decoder(others_changed, present))
    changed = pose.clone()
    changed[:, 1] += 1
    assert not torch.equal(decoder(pose, present), decoder(changed, present))


def test_decoder_keeps_classes_apart():
    """Its first layer sees j * e numbers: one pose, two classes, two images."""
    decoder, pose = Decoder(3, 5, (1, 7, 11), hidden=(13,)), torch.ones(2, 3, 5)
    first, second = decoder(pose, torch.eye(3, dtype=torch.bool)[:2])
    assert not torch.allclose(first, second)


def test_decoder_layers_are_relu_then_sigmoid():
    decoder = Decoder(3, 5, (1, 7, 11), hidden=(13, 17))
    kinds = [type(layer).__name__ for layer in decoder.net]
    assert kinds == ["Linear", "ReLU", "Linear", "ReLU", "Linear", "Sigmoid"]
    sizes = [
        tuple(layer.weight.shape) for layer in decoder.net if hasattr(layer, "weight")
    ]
    assert sizes == [(13, 15), (17, 13), (77, 17)]


def test_decoder_draws_row_by_row():
    decoder = Decoder(1, 1, (2, 3, 5), hidden=())
    with torch.no_grad():
        decoder.net[0].weight.zero_()
        decoder.net[0].bias.copy_(torch.arange(30.0))
    image = decoder(torch.ones(1, 1, 1), torch.tensor([[True]]))
    torch.testing.assert_close(image[0], torch.arange(30.0).reshape(2, 3, 5).sigmoid())


@pytest.mark.usefixtures("as_users_run_it")
@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: PrimaryCaps(4)(torch.zeros(1, 3, 9, 9)),
            ValueError,
            r"pass \(examples, 4, ",
        ),
        (
            lambda: PrimaryCaps(4)(torch.zeros(4, 9, 9)),
            ValueError,
            r"shape \(4, 9, 9\); pass",
        ),
        (
            lambda: ClassCaps(7, 3)(torch.zeros(2, 8, 7)),
            ValueError,
            r"pass \(examples, 7, 8\)",
        ),
        (
            lambda: ClassCaps(7, 3)(torch.zeros(7, 8)),
            ValueError,
            r"shape \(7, 8\); pass",
        ),
        (
            lambda: Decoder(3)(torch.zeros(2, 3, 16), torch.zeros(2, 3)),
            TypeError,
            "float32; pass True or False",
        ),
        (
            lambda: Decoder(3)(
                torch.zeros(2, 3, 16), torch.zeros(2, 1, dtype=torch.bool)
            ),
            ValueError,
            r"present \(2, 1\) do not match",
        ),
    ],
)
def test_wrong_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()

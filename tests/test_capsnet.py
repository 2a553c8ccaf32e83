"""The whole network: sizes, masks, number formats, devices, errors."""

import subprocess
import sys

import pytest
import torch

from capsnet_tutorial import (
    CapsNet,
    CapsNetConfig,
    margin_loss,
    present_classes,
    squash,
)
from capsnet_tutorial.capsnet import PRESETS

TINY = CapsNetConfig(
    (1, 20, 22), 3, conv_channels=5, primary_types=2, decoder_hidden=(7,)
)
needs_cuda = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA device here"
)


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def images(b=4, shape=(1, 20, 22)):
    return torch.rand(b, *shape)


def test_parameters_are_those_of_the_paper():
    net = CapsNet()
    assert count(net) == 8_215_568
    assert count(net.decoder) == 1_411_344
    assert [count(m) for m in (net.conv, net.primary_caps, net.class_caps)] == [
        20_992,
        5_308_672,
        1_474_560,
    ]
    assert count(CapsNet(CapsNetConfig(decoder_hidden=None))) == 6_804_224


def test_presets_have_the_sizes_that_are_said():
    sizes = {name: count(CapsNet(config)) for name, config in PRESETS.items()}
    assert sizes == {"paper": 8_215_568, "small": 1_981_200, "tiny": 792_336}


def test_switches_of_the_authors_code_reach_their_layers():
    net = CapsNet(CapsNetConfig(primary_scale=1 / 32, class_bias=True))
    assert count(net) == 8_215_728  # 160 more than the paper's network
    assert net.primary_caps.scale == 1 / 32
    assert net.class_caps.bias.shape == (10, 16)


def test_affnist_parameters():
    """40 x 40 pixels: the count worked out from the paper's layer sizes."""
    assert count(CapsNet(CapsNetConfig(image_shape=(1, 40, 40)))) == 13_475_648


@pytest.mark.parametrize(
    ("config", "n_primary"),
    [
        (CapsNetConfig(), 32 * 6 * 6),
        (CapsNetConfig(image_shape=(3, 32, 32)), 32 * 8 * 8),
        (CapsNetConfig(image_shape=(1, 40, 40), n_classes=5), 32 * 12 * 12),
        (CapsNetConfig(image_shape=(1, 28, 17), primary_types=2), 2 * 6 * 1),
        (CapsNetConfig(primary_dim=4, class_dim=8, n_iters=1), 32 * 6 * 6),
    ],
)
def test_other_sizes_work(config, n_primary):
    net = CapsNet(config)
    output = net(images(2, config.image_shape))
    assert config.n_primary == n_primary
    assert output.pose.shape == (2, config.n_classes, config.class_dim)
    assert output.lengths.shape == (2, config.n_classes)
    assert output.reconstruction.shape == (2, *config.image_shape)


@pytest.mark.parametrize(
    "config",
    [
        CapsNetConfig(),
        CapsNetConfig(n_classes=5),
        CapsNetConfig(image_shape=(3, 32, 32)),
        CapsNetConfig(image_shape=(1, 40, 40)),
        CapsNetConfig(conv_channels=32, primary_types=8),
    ],
)
def test_first_lengths_are_small_but_alive(config):
    """Dead is 0.0003 (W of sd 0.01), saturated 0.9 (sd 1); measured: 0.01 to 0.03."""
    lengths = CapsNet(config)(images(8, config.image_shape)).lengths
    assert 0.005 < lengths.mean() < 0.1
    assert lengths.max() < 0.5


def test_layers_are_joined_as_in_figure_1():
    net, x = CapsNet(TINY), images()
    features = torch.nn.functional.conv2d(x, net.conv.weight, net.conv.bias).clamp(
        min=0
    )
    maps = torch.nn.functional.conv2d(
        features, net.primary_caps.conv.weight, net.primary_caps.conv.bias, stride=2
    )
    b, _, h, w = maps.shape
    poses = squash(maps.view(b, 2, 8, h, w).permute(0, 1, 3, 4, 2).reshape(b, -1, 8))
    output = net(x)
    torch.testing.assert_close(output.pose, net.class_caps(poses))
    torch.testing.assert_close(output.lengths, output.pose.norm(dim=-1))


def test_decoder_sees_the_true_class_in_training_and_the_longest_otherwise():
    net, x = CapsNet(TINY), images(16)
    output = net(x)
    longest = present_classes(output.lengths.argmax(dim=1), 3)
    assert torch.equal(output.reconstruction, net.decoder(output.pose, longest))
    others = longest.roll(1, dims=1)
    assert torch.equal(net(x, others).reconstruction, net.decoder(output.pose, others))


def test_an_example_does_not_see_its_batch():
    net, x = CapsNet(TINY).double(), images(5).double()
    alone = torch.cat([net(one).pose for one in x.split(1)])
    torch.testing.assert_close(net(x).pose, alone)


@pytest.mark.parametrize("b", [0, 1])
def test_batches_of_none_and_one(b):
    output = CapsNet(TINY)(images(b))
    assert [len(part) for part in output] == [b, b, b]


def test_every_parameter_learns():
    net = CapsNet(TINY)
    output = net(images(), torch.eye(3).bool()[[0, 1, 2, 0]])
    (output.lengths.sum() + output.reconstruction.sum()).backward()
    gradients = {name: p.grad.abs().max().item() for name, p in net.named_parameters()}
    assert len(gradients) == 9
    assert all(g > 0 for g in gradients.values()), gradients


def test_float64_stays_float64():
    output = CapsNet(TINY).double()(images().double())
    assert {part.dtype for part in output} == {torch.float64}


def test_bfloat16_autocast_is_close_and_measures_lengths_in_float32():
    net, x = CapsNet(TINY), images()
    with torch.autocast("cpu", torch.bfloat16):
        fast = net(x)
        loss = margin_loss(fast.lengths, present_classes(torch.tensor([0, 1, 2, 0]), 3))
    loss.backward()
    assert fast.lengths.dtype == loss.dtype == torch.float32
    torch.testing.assert_close(fast.lengths, net(x).lengths, atol=2e-3, rtol=0.03)
    assert all(p.grad.isfinite().all() for p in net.class_caps.parameters())


@pytest.mark.long
@pytest.mark.parametrize("fast", [False, True])
def test_compiles_to_one_graph_with_equal_results(fast):
    """In a process of its own: the shape checks that pytest adds cannot be compiled."""
    script = """
import torch
from capsnet_tutorial import CapsNet, CapsNetConfig
from capsnet_tutorial.fast import speed_up
net = CapsNet(CapsNetConfig((1, 20, 22), 3, conv_channels=5, primary_types=2))
if {fast}:
    speed_up(net)
compiled = torch.compile(net, fullgraph=True, backend="aot_eager")
images, present = torch.rand(4, 1, 20, 22), torch.eye(3).bool()[[0, 1, 2, 0]]
for ours, theirs in zip(net(images, present), compiled(images, present), strict=True):
    torch.testing.assert_close(ours, theirs)
def gradients(model):
    net.zero_grad()
    model(images, present).lengths.sum().backward()
    return [p.grad for p in net.class_caps.parameters()] + [net.conv.weight.grad]
torch.testing.assert_close(gradients(net), gradients(compiled))
print("equal")
"""
    done = subprocess.run(
        [sys.executable, "-c", script.format(fast=fast)],
        capture_output=True,
        text=True,
    )
    assert done.stdout == "equal\n", done.stderr


@needs_cuda
def test_cuda_agrees_with_the_cpu():
    net, x = CapsNet(TINY), images()
    expected = net(x).lengths
    torch.testing.assert_close(
        net.cuda()(x.cuda()).lengths.cpu(), expected, atol=1e-4, rtol=1e-3
    )


@pytest.mark.usefixtures("as_users_run_it")
@pytest.mark.parametrize(
    ("x", "present", "error", "message"),
    [
        (
            images(2, (1, 28, 28)),
            None,
            ValueError,
            r"\(2, 1, 28, 28\); pass \(examples, 1, 20, 22",
        ),
        (images()[0], None, ValueError, r"shape \(1, 20, 22\); pass"),
        (images().double(), None, TypeError, "float64, the weights torch.float32"),
        (images().mul(255).byte(), None, TypeError, "divide bytes by 255"),
        (images() * 255, None, ValueError, "pass pixels from 0 to 1, not normalised"),
        (images() - 0.4, None, ValueError, r"pixels run from -0\.\d+ to 0"),
        (images() * torch.nan, None, ValueError, "pixels run from nan"),
        (images(), torch.zeros(4, 3), TypeError, "CapsNet: present is torch.float32"),
        (images(), torch.zeros(4, 10).bool(), ValueError, r"\(4, 10\); pass \(4, 3\)"),
        (images(), torch.zeros(2, 3).bool(), ValueError, r"\(2, 3\); pass \(4, 3\)"),
    ],
)
def test_wrong_input_is_named(x, present, error, message):
    with pytest.raises(error, match=message):
        CapsNet(TINY)(x, present)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"n_classes": 0}, "n_classes is 0; pass 1 or more"),
        ({"image_shape": (1, 16, 28)}, "at least 17 pixels high and wide"),
        ({"image_shape": (28, 28)}, r"\(28, 28\); pass \(channels, height, width\)"),
        ({"image_shape": (0, 28, 28)}, r"image_shape is \(0, 28, 28\)"),
        ({"decoder_hidden": (512, 0)}, r"decoder_hidden is \(512, 0\)"),
        ({"n_iters": 0}, "n_iters is 0"),
    ],
)
@pytest.mark.usefixtures("as_users_run_it")
def test_wrong_sizes_are_named(sizes, message):
    with pytest.raises(ValueError, match=message):
        CapsNetConfig(**sizes)

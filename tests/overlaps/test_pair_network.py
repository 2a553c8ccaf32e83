"""Axis key: b pairs, j classes."""

from dataclasses import replace

import pytest
import torch
from toy_run import TOY

from capsnet_tutorial import load_pretrained
from capsnet_tutorial.baselines import PairCNN
from capsnet_tutorial.capsnet import CapsNet
from capsnet_tutorial.checks import check
from capsnet_tutorial.overlaps import PairCapsNet, two_longest
from capsnet_tutorial.runs import export, load_named

CONFIG = replace(TOY, image_shape=(1, 36, 36))


def networks():
    """The same weights, once for two digits and once for one."""
    torch.manual_seed(0)
    net = PairCapsNet(CONFIG).eval()
    with torch.no_grad():
        net.class_caps.weight.mul_(50)  # so that poses, and drawings of them, differ
    one = CapsNet(CONFIG).eval()
    one.load_state_dict(net.state_dict())
    return net, one


def test_each_drawing_is_that_of_one_digit_alone():
    net, one = networks()
    images = torch.rand(3, 1, 36, 36)
    pairs = [(2, 7), (0, 9), (4, 5)]
    present = torch.zeros(3, 10, dtype=torch.bool)
    for n, pair in enumerate(pairs):
        present[n, list(pair)] = True
    output = net(images, present)
    for d in range(2):
        flags = torch.eye(10).bool()[[pair[d] for pair in pairs]]
        alone = one(images, flags)
        torch.testing.assert_close(output.reconstruction[:, d : d + 1], alone[2])
        torch.testing.assert_close(output.lengths, alone.lengths)
        torch.testing.assert_close(output.pose, alone.pose)


def test_without_flags_it_draws_the_two_longest():
    net, _ = networks()
    images = torch.rand(3, 1, 36, 36)
    output = net(images)
    again = net(images, two_longest(output.lengths))
    assert torch.equal(output.reconstruction, again.reconstruction)


def test_without_a_decoder_it_draws_nothing():
    net = PairCapsNet(replace(CONFIG, decoder_hidden=None))
    assert net(torch.rand(2, 1, 36, 36)).reconstruction is None


def test_one_flag_is_refused():
    net, _ = networks()
    present = torch.tensor([[True] + [False] * 9, [True, True] + [False] * 8])
    with pytest.raises(ValueError, match=r"\[1, 2\] classes present; pass two"):
        net(torch.rand(2, 1, 36, 36), present)


def test_the_cnn_is_as_large_and_scores_each_class_by_itself():
    tiny = PairCapsNet(
        replace(CONFIG, conv_channels=32, primary_types=8, primary_dim=8, class_dim=16)
    )
    tiny = PairCapsNet(replace(tiny.config, decoder_hidden=(128, 256)))
    size, theirs = (
        sum(p.numel() for p in net.parameters()) for net in (PairCNN(), tiny)
    )
    assert theirs == 1_579_280
    assert theirs <= size < 1.001 * theirs
    net, images = PairCNN(), torch.rand(2, 1, 36, 36)
    present = torch.zeros(2, 10, dtype=torch.bool)
    present[:, :2] = True
    output = net(images)
    odds = output.lengths.sigmoid()
    by_hand = -torch.where(present, odds.log(), (1 - odds).log()).sum(dim=1).mean()
    loss = net.losses(output, images, present)
    torch.testing.assert_close(loss.total, by_hand)


def test_check_leaves_the_shipped_one_alone():
    report = check(load_pretrained("pairs"))
    assert report.ok
    assert "11 right" in str(report)


@pytest.mark.parametrize("kind", ["exported", "torchscript"])
def test_it_is_exported_and_checked(tmp_path, kind):
    named = load_named("pairs")
    assert (named.pairs, named.pad, len(named.classes)) == (True, 4, 10)
    assert export(named, tmp_path / "pairs", kind) < 1e-4


def test_it_works_where_flags_have_no_values():
    net, images = PairCapsNet(CONFIG).eval(), torch.rand(3, 1, 36, 36)
    one = torch.func.vmap(lambda image: net(image[None]).reconstruction[0])
    torch.testing.assert_close(one(images), net(images).reconstruction)
    meta = PairCapsNet(CONFIG).to("meta")
    assert meta(images.to("meta")).reconstruction.shape == (3, 2, 36, 36)

"""The network in PyTorch's own tools, and in the hands of others: shapes always hold.

Values are looked at only where there are values.
"""

import copy
import json
import pickle
from dataclasses import asdict

import numpy as np
import pytest
import torch
from torch._subclasses import FakeTensorMode
from torchvision.transforms.functional import resize

from capsnet_tutorial import (
    CapsNet,
    CapsNetConfig,
    predict,
    present_classes,
    train_step,
)
from capsnet_tutorial.fast import speed_up

TINY = CapsNetConfig(
    (1, 20, 22), 3, conv_channels=5, primary_types=2, decoder_hidden=(7,)
)


def readable():
    return CapsNet(TINY).eval()


def fast():
    return speed_up(readable())


def images(b=4):
    return torch.rand(b, *TINY.image_shape)


both = pytest.mark.parametrize("make", [readable, fast])


@both
def test_exported_with_a_free_batch_size_it_gives_equal_results(make):
    net = make()
    batch = {0: torch.export.Dim("batch", min=1, max=64)}
    shapes = {"images": batch}
    program = torch.export.export(net, (images(),), dynamic_shapes=shapes).module()
    for b in (1, 4, 7):
        x = images(b)
        torch.testing.assert_close(program(x), net(x), rtol=1e-5, atol=1e-6)


@both
def test_on_the_meta_device_and_on_fake_tensors_there_are_shapes(make):
    net, x = make(), images()
    output = copy.deepcopy(net).to("meta")(x.to("meta"))
    assert output.lengths.shape == (4, 3)
    with FakeTensorMode(allow_non_fake_inputs=True):
        assert net(torch.rand(5, *TINY.image_shape)).lengths.shape == (5, 3)


def test_under_vmap_the_readable_layers_are_equal_and_the_fast_ones_refuse():
    net, x = readable(), images()
    one = torch.func.vmap(lambda image: net(image[None]).lengths[0])(x)
    torch.testing.assert_close(one, net(x).lengths, rtol=1e-5, atol=1e-6)
    twin = speed_up(net)
    with pytest.raises(RuntimeError, match=r"autograd\.Function"):
        torch.func.vmap(lambda image: twin(image[None]).lengths[0])(x)


@both
def test_copies_of_every_kind_are_equal(make, tmp_path):
    net, x = make(), images()
    torch.save(net.state_dict(), tmp_path / "weights.pt")
    loaded = make()
    loaded.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    for copied in (copy.deepcopy(net), pickle.loads(pickle.dumps(net)), loaded):
        assert torch.equal(copied(x).lengths, net(x).lengths)


def test_a_rounding_beyond_the_range_is_no_fault():
    white = resize(torch.ones(2, 1, 50, 50), [20, 22])
    assert white.max() > 1
    readable()(white)
    readable()(torch.full((1, *TINY.image_shape), -1e-6))
    too_bright = torch.zeros(1, *TINY.image_shape)
    too_bright[0, 0, 0, 0] = 1.00002
    with pytest.raises(ValueError, match=r"from 0 to 1\.00002;"):
        readable()(too_bright)


def test_a_config_comes_back_from_json(as_users_run_it):
    config = CapsNetConfig(**json.loads(json.dumps(asdict(TINY))))
    assert config == TINY
    assert hash(config) == hash(TINY)
    assert CapsNet(config)(images()).lengths.shape == (4, 3)
    assert type(CapsNetConfig(n_classes=np.int64(5)).n_classes) is int
    for wrong in (5.0, "5", None):
        with pytest.raises(TypeError, match=r"n_classes is .*; pass whole numbers"):
            CapsNetConfig(n_classes=wrong)
    with pytest.raises(ValueError, match="n_classes is 0; pass 1 or more"):
        CapsNetConfig(n_classes=np.int64(0))


def test_arrays_and_lists_are_taken_or_named(as_users_run_it):
    net, x = readable(), images()
    assert torch.equal(predict(net, x.numpy()), predict(net, x))
    expected = present_classes(torch.tensor([2, 0]), 3)
    assert torch.equal(present_classes([2, 0], 3), expected)
    assert torch.equal(present_classes(np.array([2, 0]), 3), expected)
    with pytest.raises(TypeError, match=r"ndarray; pass a tensor"):
        net(x.numpy())


def test_an_image_may_show_several_classes():
    net, x = readable(), images(2)
    both = torch.tensor([[True, False, True], [False, False, False]])
    assert torch.equal(present_classes(both, 3), both)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    first, *_, last = [train_step(net, optimizer, x, both).margin for _ in range(40)]
    assert last < first / 2
    found = net(x).lengths
    assert found[0, [0, 2]].min() > found[0, 1]
    with pytest.raises(ValueError, match=r"flags have shape \(2, 2\)"):
        present_classes(both[:, :2], 3)

"""Routing without votes against the readable router.  Axis sizes: distinct primes."""

import pytest
import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from capsnet_tutorial import CapsNet, CapsNetConfig, ClassCaps, squash
from capsnet_tutorial.fast import FastClassCaps, FastConv2d, routing, speed_up
from capsnet_tutorial.runs.config import TrainConfig
from capsnet_tutorial.runs.job import Job

B, I, J, D, E = 2, 7, 3, 5, 11  # noqa: E741  the axis key


def both(n_iters=3, bias=False, dtype=torch.float64, n_examples=B, autocast=False):
    """Output, then gradients, of the readable layer and of its fast twin."""
    layer = ClassCaps(I, J, D, E, n_iters, bias).to(dtype)
    with torch.no_grad():
        layer.weight *= 0.7 / layer.weight.std()  # votes that move the couplings far
        if bias:
            layer.bias.normal_()
    given = torch.randn(n_examples, I, D, dtype=dtype)
    weights = torch.randn(n_examples, J, E, dtype=dtype)
    results = []
    for twin in (layer, FastClassCaps(layer)):
        poses = given.clone().requires_grad_()
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            pose = twin(poses)
        grads = torch.autograd.grad((pose * weights).sum(), [poses, *twin.parameters()])
        results.append((pose.detach(), *grads))
    return results


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("n_iters", [1, 2, 3, 5])
@pytest.mark.parametrize(
    ("dtype", "close"), [(torch.float64, 1e-12), (torch.float32, 1e-4)]
)
def test_equals_the_readable_router(dtype, close, n_iters, bias):
    readable, quick = both(n_iters, bias, dtype)
    assert len(readable) == len(quick) == 3 + bias
    for expected, value in zip(readable, quick, strict=True):
        assert value.dtype == dtype
        torch.testing.assert_close(value, expected, rtol=close, atol=close)


@pytest.mark.parametrize("n_examples", [0, 1, 2, 7])
@pytest.mark.parametrize("at_once", [1, 2, 3, 6, 7])  # of 7 capsules below
def test_any_number_of_examples_and_of_parts(n_examples, at_once, monkeypatch):
    size = at_once * max(1, n_examples) * J * D * 8
    monkeypatch.setattr(routing, "PART_BYTES", size)
    for expected, value in zip(*both(n_examples=n_examples, bias=True), strict=True):
        torch.testing.assert_close(value, expected)


def test_what_is_returned_is_no_tensor_of_squash(monkeypatch):
    """PyTorch 2.11 would compile it to one without gradients: see the comment there."""
    made = []

    def remembered(s):
        made.append(squash(s))
        return made[-1]

    monkeypatch.setattr(routing, "squash", remembered)
    layer = ClassCaps(I, J, D, E)
    pose = FastClassCaps(layer)(torch.randn(B, I, D))
    assert len(made) == 3
    assert all(pose.data_ptr() != x.data_ptr() for x in made)


def test_couplings_of_these_tests_are_far_from_even():
    """Otherwise a router without iterations would pass."""
    even, routed = (both(n_iters)[0][0] for n_iters in (1, 3))
    assert (even - routed).norm() > 0.3 * even.norm()


@pytest.mark.parametrize("poses_in", [torch.float32, torch.bfloat16])
def test_bfloat16_errs_no_more_than_the_readable_router_does(poses_in, monkeypatch):
    """Both round to 8 bits, at other places: each is compared with float64."""
    torch.manual_seed(1)
    monkeypatch.setattr(routing, "PART_BYTES", 40 * 23 * J * D * 2)  # 5 parts
    layer, poses = (
        ClassCaps(199, J, D, E).double(),
        torch.randn(23, 199, D).to(poses_in),
    )
    weights = torch.randn(23, J, E)

    def gradients(layer, poses):
        poses = poses.clone().requires_grad_()
        pose = layer(poses)
        return pose.detach(), *torch.autograd.grad(
            (pose * weights).sum(), [poses, layer.weight]
        )

    exact = gradients(layer, poses.double())
    layer.float()
    errors = []
    for twin in (layer, FastClassCaps(layer)):
        with torch.autocast("cpu", torch.bfloat16):
            rounded = gradients(twin, poses)
        errors.append(
            [(x - y).norm() / y.norm() for x, y in zip(rounded, exact, strict=True)]
        )
    for readable, quick in zip(*errors, strict=True):
        assert 0 < quick < 2 * readable


def test_a_fast_network_gives_the_same_losses_gradients_and_state():
    torch.manual_seed(2)
    net = CapsNet(CapsNetConfig((1, 17, 19), 3, 5, 2, 7, 11, 3, (13,)))
    images = torch.rand(B, 1, 17, 19)
    present = torch.eye(3, dtype=torch.bool)[:B]
    names, results = set(net.state_dict()), []
    for swap in (lambda net: net, speed_up):
        net = swap(net)
        output = net(images, present)
        total = output.lengths.sum() + output.reconstruction.sum()
        results.append([total, *torch.autograd.grad(total, list(net.parameters()))])
    for expected, value in zip(*results, strict=True):
        torch.testing.assert_close(value, expected, rtol=1e-4, atol=1e-6)
    assert set(net.state_dict()) == names


class Sizes(TorchDispatchMode):
    """How many numbers each tensor has that any operation makes."""

    def __init__(self):
        super().__init__()
        self.made = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        self.made += [x.numel() for x in tree_leaves(result) if isinstance(x, Tensor)]
        return result


def largest(layer, poses):
    """The most numbers that one tensor has, forward and backward."""
    with Sizes() as sizes:
        layer(poses).sum().backward()
    return max(sizes.made)


def test_the_votes_are_never_formed():
    """The largest tensor has pose size d where votes have e."""
    layer, n_examples = ClassCaps(I, J, D, E), 13
    poses = torch.randn(n_examples, I, D, requires_grad=True)
    sizes = [largest(twin, poses) for twin in (layer, FastClassCaps(layer))]
    assert sizes == [n_examples * I * J * E, n_examples * I * J * D]


@pytest.mark.parametrize("at_once", [67, 100, 199])  # of 199 capsules below
def test_no_tensor_is_larger_than_said(at_once, monkeypatch):
    layer, n_examples = FastClassCaps(ClassCaps(199, J, D, E)), 101
    poses = torch.randn(n_examples, 199, D, requires_grad=True)
    monkeypatch.setattr(routing, "PART_BYTES", at_once * n_examples * J * D * 4)
    assert largest(layer, poses) == at_once * n_examples * J * D


def test_sums_and_couplings_are_all_that_is_kept():
    layer, kept = FastClassCaps(ClassCaps(I, J, D, E)), []
    poses = torch.randn(B, I, D)
    with saved_tensors_hooks(lambda x: kept.append(x.shape) or x, lambda x: x):
        layer(poses)
    couplings, sums = [(1, 1, I), *2 * [(J, B, I)]], 3 * [(J, B, E)]
    assert kept == [poses.shape, layer.weight.shape, *couplings, *sums]


def test_gradients_of_gradients_are_refused():
    layer = FastClassCaps(ClassCaps(I, J, D, E))
    poses = torch.randn(B, I, D, requires_grad=True)
    (grad,) = torch.autograd.grad(layer(poses).norm(), poses, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        grad.sum().backward()


@pytest.mark.usefixtures("as_users_run_it")
def test_the_fast_layer_checks_its_input_too():
    layer = FastClassCaps(ClassCaps(I, J, D, E))
    with pytest.raises(ValueError, match=r"pass \(examples, 7, 5\)"):
        layer(torch.zeros(B, I + 1, D))


@pytest.mark.parametrize(
    ("precision", "convolution"), [("float32", False), ("bfloat16", True)]
)
def test_training_takes_the_fast_twins(precision, convolution):
    config = TrainConfig(preset="tiny", data="mini", precision=precision)
    model = Job(config, cpu=True).model
    assert isinstance(model.class_caps, FastClassCaps)
    assert isinstance(model.primary_caps.conv, FastConv2d) is convolution


def test_twins_share_the_very_parameters():
    net = CapsNet(CapsNetConfig((1, 17, 19), 3, 5, 2, 7, 11, 3, (13,), class_bias=True))
    before = dict(net.named_parameters())
    assert speed_up(net, convolution=True) is net
    after = dict(net.named_parameters())
    assert before.keys() == after.keys()
    assert all(after[name] is parameter for name, parameter in before.items())

"""The strided convolution against PyTorch's own.  Axis sizes: distinct primes."""

import pytest
import torch
from torch.nn import functional as F

from capsnet_tutorial import PrimaryCaps
from capsnet_tutorial.fast.convolution import FastConv2d, _StridedConvolution

B, C, O = 2, 3, 5  # noqa: E741  the axis key


def both(size, kernel, stride, memory_format=torch.contiguous_format):
    """Maps and three gradients, of PyTorch's convolution and of ours, in float64."""
    shapes = (B, C, *size), (O, C, *kernel), (O,)
    inputs = [torch.randn(shape, dtype=torch.float64) for shape in shapes]
    inputs[0] = inputs[0].to(memory_format=memory_format)
    results = []
    for convolve in (F.conv2d, _StridedConvolution.apply):
        leaves = [x.clone().requires_grad_() for x in inputs]
        maps = convolve(*leaves, stride)
        grad = torch.linspace(-1, 1, maps.numel(), dtype=maps.dtype).view_as(maps)
        results.append((maps, *torch.autograd.grad(maps, leaves, grad)))
    return results


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [(2, 3), (3, 2), (5, 7), (1, 1)])
@pytest.mark.parametrize("size", [(11, 13), (13, 11), (12, 14), (7, 7)])
def test_equals_the_convolution_of_pytorch(size, kernel, stride):
    """Sizes that leave a rest of pixels no patch reaches, and sizes that do not."""
    for expected, value in zip(*both(size, kernel, stride), strict=True):
        torch.testing.assert_close(value, expected, rtol=1e-12, atol=1e-12)


def test_channels_last_gives_the_same():
    for expected, value in zip(
        *both((11, 13), (5, 7), 2, torch.channels_last), strict=True
    ):
        torch.testing.assert_close(value, expected, rtol=1e-12, atol=1e-12)


def test_images_that_need_no_gradient_get_none():
    images, weight = torch.randn(B, C, 7, 7), torch.randn(O, C, 3, 3).requires_grad_()
    maps = _StridedConvolution.apply(images, weight, torch.zeros(O), 2)
    maps.sum().backward()
    assert images.grad is None
    assert weight.grad.shape == weight.shape


def test_fast_primary_capsules_in_bfloat16_err_no_more_than_pytorch():
    """Each against float64; both round sums of products to 8 bits, once."""
    torch.manual_seed(0)
    layer = PrimaryCaps(C, n_types=7, pose_dim=O, kernel_size=5).double()
    features = torch.randn(B, C, 17, 19, dtype=torch.float64)
    weights = torch.randn(B, 7 * 7 * 8, O)

    def gradients(layer, features):
        leaves = [features.clone().requires_grad_(), *layer.parameters()]
        poses = layer(leaves[0])
        return poses, *torch.autograd.grad((poses * weights).sum(), leaves)

    exact = gradients(layer, features)
    layer.float()
    errors = []
    for conv in (layer.conv, FastConv2d(layer.conv)):
        layer.conv = conv
        with torch.autocast("cpu", torch.bfloat16):
            rounded = gradients(layer, features.float())
        assert [x.dtype for x in rounded] == [torch.bfloat16] + 3 * [torch.float32]
        errors.append(
            [(x - y).norm() / y.norm() for x, y in zip(rounded, exact, strict=True)]
        )
    for usual, fast in zip(*errors, strict=True):
        assert 0 < fast < 1.5 * usual


def test_fast_primary_capsules_use_it(monkeypatch):
    layer, features, called = PrimaryCaps(C, 2, 3, 5), torch.randn(B, C, 11, 13), []
    usual = layer(features)
    monkeypatch.setattr(
        "capsnet_tutorial.fast.convolution._StridedConvolution.forward",
        lambda ctx, *args: called.append(args[3]) or F.conv2d(*args),
    )
    layer.conv = FastConv2d(layer.conv)
    assert torch.equal(layer(features), usual)
    assert called == [2]


def test_saved_state_does_not_know_the_twin():
    layer = torch.nn.Conv2d(C, O, 3, 2)
    assert set(FastConv2d(layer).state_dict()) == set(layer.state_dict())


@pytest.mark.parametrize(
    "odd",
    [{"padding": 1}, {"stride": (1, 2)}, {"bias": False}, {"dilation": 2}],
    ids=str,
)
def test_a_convolution_of_another_kind_is_refused(odd):
    with pytest.raises(ValueError, match="cannot be swapped; pass a convolution with"):
        FastConv2d(torch.nn.Conv2d(C, O, 3, **odd))

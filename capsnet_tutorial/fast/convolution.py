r"""A strided convolution with another backward pass, for bfloat16 on a CPU.

The values and gradients are those of `torch.nn.functional.conv2d`; only the way to the
gradients is another.  Why: the kernels that PyTorch calls on a CPU for the gradients
of a convolution with stride 2 run far below what the processor can do in bfloat16.
Book: chapter 14 (book/14_fast.ipynb) has the measurements.

Axis key: b examples; c, o channels in and out; h w places out; y x in the kernel.
"""

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


class FastConv2d(nn.Conv2d):
    """The twin of a convolution without padding, with its very parameters.

    Shape:
        images (b c h w) -> maps (b o h' w')

    Args:
        layer: a Conv2d with a bias, the same stride both ways, and no padding, dilation
            or groups.

    Raises:
        ValueError: if the layer has one of these.

    >>> layer = nn.Conv2d(3, 5, kernel_size=4, stride=2)
    >>> images = torch.ones(1, 3, 9, 9)
    >>> torch.equal(FastConv2d(layer)(images), layer(images))
    True
    """

    def __init__(self, layer: nn.Conv2d):
        plain = nn.Conv2d(1, 1, layer.kernel_size, layer.stride, device="meta")
        same = ("padding", "dilation", "groups", "padding_mode")
        odd = [name for name in same if getattr(layer, name) != getattr(plain, name)]
        if odd or len({*layer.stride}) > 1 or layer.bias is None:
            raise ValueError(
                f"FastConv2d: {layer} cannot be swapped; pass a convolution with a "
                "bias, equal strides, and no padding, dilation or groups"
            )
        sizes = layer.in_channels, layer.out_channels, layer.kernel_size, layer.stride
        super().__init__(*sizes, device="meta")
        self.weight, self.bias = layer.weight, layer.bias

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b o _ _"]:
        stride = self.stride[0]
        return _StridedConvolution.apply(images, self.weight, self.bias, stride)


class _StridedConvolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx, images: Tensor, weight: Tensor, bias: Tensor, stride: int):
        ctx.save_for_backward(images, weight)
        ctx.stride = stride
        return F.conv2d(images, weight, bias, stride)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad: Tensor):
        images, weight = (x.to(grad.dtype) for x in ctx.saved_tensors)
        needs_images, needs_weight, needs_bias, _ = ctx.needs_input_grad
        return (
            images_gradient(grad, images, weight, ctx.stride) if needs_images else None,
            weight_gradient(grad, images, weight, ctx.stride) if needs_weight else None,
            grad.sum(dim=(0, 2, 3)) if needs_bias else None,
            None,
        )


def images_gradient(
    grad: Float[Tensor, "b o h w"], images: Tensor, weight: Tensor, stride: int
) -> Float[Tensor, "b c _ _"]:
    """As a convolution of stride 1, for which there are fast kernels.

    Every square of stride * stride pixels becomes one pixel with stride**2 times the
    channels.  Zeros fill the kernel up to whole squares.
    """
    _, _, height, width = weight.shape
    whole = F.pad(weight, (0, -width % stride, 0, -height % stride))
    squares = F.conv_transpose2d(grad, F.pixel_unshuffle(whole, stride))
    pixels = F.pixel_shuffle(squares, stride)
    rows, columns = (images.shape[axis] - pixels.shape[axis] for axis in (2, 3))
    return F.pad(pixels, (0, columns, 0, rows))  # negative: cut off


def weight_gradient(
    grad: Float[Tensor, "b o h w"], images: Tensor, weight: Tensor, stride: int
) -> Float[Tensor, "o c y x"]:
    """One matrix product for each row y of the kernel, over patches one row high."""
    rows = rearrange(images, "b c height width -> b height width c")
    grads = rearrange(grad, "b o h w -> o (b h w)").contiguous()
    end = stride * (grad.shape[2] - 1) + 1
    products = []
    for y in range(weight.shape[2]):
        patches = rows[:, y : y + end : stride].unfold(2, weight.shape[3], stride)
        products.append(grads @ rearrange(patches, "b h w c x -> (b h w) (x c)"))
    return rearrange(torch.stack(products), "y o (x c) -> o c y x", c=images.shape[1])

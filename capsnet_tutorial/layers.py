r"""Layers: from feature maps to capsules, from capsules to classes, and back.

Source: [S17] arXiv:1710.09829, section 4 (layers) and Fig. 2 (decoder).
Book: chapters 3 (PrimaryCaps), 4 (ClassCaps) and 5 (Decoder).

Axis key
    b  examples in the batch                 c h w  channels, height, width
    i  capsules below, i = (t h w)           t  capsule types, 32 on MNIST
    j  capsules above, one per class         d  pose size below, 8 on MNIST
                                             e  pose size above, 16 on MNIST

[S17] -> here:  u_i -> poses below,  W_ij -> ClassCaps.weight,  u_hat_{j|i} -> votes.
"""

import math
from itertools import pairwise

import torch
from einops import einsum, rearrange
from jaxtyping import Bool, Float
from torch import Tensor, nn

from capsnet_tutorial.routing import DynamicRouter
from capsnet_tutorial.squash import squash


class PrimaryCaps(nn.Module):
    """A convolution whose output channels are read as short vectors, then squashed.

    At each place of the feature map, channels t*d ... t*d + d-1 are the pose of the one
    capsule of type t at that place.  No routing leads into this layer.

    Shape:
        features (b c h w) -> poses (b i d), with i = (t h w): type first, then place

    Args:
        in_channels: c, channels of the feature map.
        n_types: t, capsule types; each has one capsule per place.
        pose_dim: d, numbers per capsule.
        kernel_size, stride: of the convolution; no padding.
        scale: what the features are multiplied by.  1 in [S17]; the authors' code
            routes into this layer as well, over 32 outputs, which is a scale of 1 / 32.

    Raises:
        ValueError: if the features are not (b, in_channels, h, w).

    >>> PrimaryCaps(256)(torch.randn(1, 256, 20, 20)).shape  # 32 * 6 * 6 capsules
    torch.Size([1, 1152, 8])
    """

    def __init__(
        self,
        in_channels: int,
        n_types: int = 32,
        pose_dim: int = 8,
        kernel_size: int = 9,
        stride: int = 2,
        scale: float = 1.0,
    ):
        super().__init__()
        self.pose_dim = pose_dim
        self.scale = scale
        self.conv = nn.Conv2d(in_channels, n_types * pose_dim, kernel_size, stride)

    def forward(self, features: Float[Tensor, "b c h w"]) -> Float[Tensor, "b i d"]:
        if features.ndim != 4 or features.shape[1] != self.conv.in_channels:
            raise ValueError(
                f"PrimaryCaps: features have shape {tuple(features.shape)}; "
                f"pass (examples, {self.conv.in_channels}, height, width)"
            )
        if self.scale != 1:
            features = self.scale * features
        maps = self.conv(features)
        # view(b, -1, d) gives the same shape and wrong capsules: d neighbouring pixels
        return squash(rearrange(maps, "b (t d) h w -> b (t h w) d", d=self.pose_dim))


def start_sd(n_children: int, n_classes: int) -> float:
    """Standard deviation of W at the start: 0.1 for 1152 children and 10 classes.

    >>> start_sd(1152, 10)
    0.1
    """
    return 0.1 * (n_classes / 10) * math.sqrt(1152 / n_children)


class ClassCaps(nn.Module):
    """One capsule per class: every capsule below votes for each, and routing decides.

    The vote of child i for parent j is its pose times a learned matrix W_ij.

    Shape:
        poses (b i d) -> pose (b j e)

    Args:
        n_children: i, capsules below.
        n_classes: j, capsules above.
        child_dim, pose_dim: d and e, numbers per capsule below and above.
        n_iters: routing iterations.
        bias: learn a bias (j e), from 0.1, that is added in every routing iteration.
            Not in [S17]; the authors' code has it.

    Raises:
        ValueError: if the poses are not (b, n_children, child_dim).

    Note:
        W starts normal with sd 0.1 for 1152 children and 10 classes, as in the authors'
        code: lengths start at about 0.03, small but alive.  Ports that took 1 start
        saturated (0.9), ports that took 0.01 start dead (0.0003).  A parent adds up
        n_children votes, each times 1 / n_classes, so other sizes scale the sd by
        n_classes / sqrt(n_children) to start equally long.

    >>> ClassCaps(n_children=1152, n_classes=10)(torch.randn(1, 1152, 8)).shape
    torch.Size([1, 10, 16])
    """

    def __init__(
        self,
        n_children: int,
        n_classes: int,
        child_dim: int = 8,
        pose_dim: int = 16,
        n_iters: int = 3,
        bias: bool = False,
    ):
        super().__init__()
        sd = start_sd(n_children, n_classes)
        self.weight = nn.Parameter(
            sd * torch.randn(n_children, n_classes, child_dim, pose_dim)
        )
        self.bias = (
            nn.Parameter(torch.full((n_classes, pose_dim), 0.1)) if bias else None
        )
        self.router = DynamicRouter(n_iters)

    def votes(self, poses: Float[Tensor, "b i d"]) -> Float[Tensor, "b i j e"]:
        """What each child predicts for each parent: u_hat_{j|i} = W_ij u_i (Eq. 2)."""
        self._check(poses)
        return einsum(poses, self.weight, "b i d, i j d e -> b i j e")

    def forward(self, poses: Float[Tensor, "b i d"]) -> Float[Tensor, "b j e"]:
        bias = 0.0 if self.bias is None else self.bias
        return self.router(self.votes(poses), bias)

    def _check(self, poses: Tensor) -> None:
        n_children, _, child_dim, _ = self.weight.shape
        if poses.ndim != 3 or poses.shape[1:] != (n_children, child_dim):
            raise ValueError(
                f"ClassCaps: poses have shape {tuple(poses.shape)}; "
                f"pass (examples, {n_children}, {child_dim})"
            )


class Decoder(nn.Module):
    """Draw the image again from the pose of one class; all other poses are masked to 0.

    Shape:
        pose (b j e), present (b j) -> image (b c h w), pixels in (0, 1)

    Args:
        n_classes, pose_dim: j and e; the first layer sees all j * e numbers.
        image_shape: (c, h, w) of the image to draw.
        hidden: sizes of the ReLU layers between.

    Raises:
        TypeError: if `present` is not boolean.
        ValueError: if `pose` and `present` do not match.

    >>> one_hot = torch.eye(10).bool()[:1]
    >>> Decoder(10)(torch.randn(1, 10, 16), one_hot).shape
    torch.Size([1, 1, 28, 28])
    """

    def __init__(
        self,
        n_classes: int,
        pose_dim: int = 16,
        image_shape: tuple[int, int, int] = (1, 28, 28),
        hidden: tuple[int, ...] = (512, 1024),
    ):
        super().__init__()
        sizes = [n_classes * pose_dim, *hidden]
        layers = [
            layer
            for n_in, n_out in pairwise(sizes)
            for layer in (nn.Linear(n_in, n_out), nn.ReLU())
        ]
        last = nn.Linear(sizes[-1], math.prod(image_shape))
        self.net = nn.Sequential(*layers, last, nn.Sigmoid())
        self.image_shape = image_shape

    def forward(
        self, pose: Float[Tensor, "b j e"], present: Bool[Tensor, "b j"]
    ) -> Float[Tensor, "b c h w"]:
        if present.dtype != torch.bool:
            raise TypeError(
                f"Decoder: present is {present.dtype}; pass True or False per class"
            )
        if pose.ndim != 3 or present.shape != pose.shape[:2]:
            raise ValueError(
                f"Decoder: pose {tuple(pose.shape)} and present "
                f"{tuple(present.shape)} do not match; pass (examples, classes, pose "
                "size) and (examples, classes)"
            )
        masked = pose * rearrange(present, "b j -> b j 1")
        pixels = self.net(rearrange(masked, "b j e -> b (j e)"))
        return pixels.unflatten(-1, self.image_shape)

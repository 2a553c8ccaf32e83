"""CapsNets with several layers of capsules between the primary ones and the answer.

Where children are of length l, a layer that starts as ClassCaps does adds up their
votes to about l again, and squash makes l^2 of what is short.  So each layer squares
the lengths, and after three of them nothing is left.  Adam wakes them all the same, if
its epsilon is small enough.  `scale_start` gives each layer the weights with which
votes add up to the same; networks with it learned worse.

Source: [S17] arXiv:1710.09829 has one layer; this is ours.
Book: chapter 18 (book/18_stacking.ipynb).

Axis key: b examples, c h w channels, height, width, i children, d child size.
"""

from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Float, Integer
from torch import Tensor, nn

from capsnet_tutorial.capsnet import PRESETS, CapsNet, CapsNetConfig
from capsnet_tutorial.layers import ClassCaps
from capsnet_tutorial.losses import margin_loss, present_classes

HIDDEN = 16  # capsules in each layer between
HIDDEN_DIM = 8  # numbers in each of them
PRIMARY_LENGTH = 0.106  # of the primary capsules of `tiny` before the first step
TARGET = 0.15  # what their votes add up to in its class capsules


class StackedCapsNet(CapsNet):
    """A CapsNet whose class capsules are the last of several layers with routing.

    Shape:
        images (b c h w), present (b j) or None -> CapsNetOutput

    Args:
        config: sizes of the network; those of the preset `tiny` by default.
        depth: layers of capsules above the primary ones.  With 1 it is a CapsNet.
        hidden, hidden_dim: capsules in each layer between, and numbers in each.
        scaled: start from the weights of `scale_start`, not from those of ClassCaps.

    Raises:
        ValueError: if one of these sizes is below 1, or as CapsNet does.

    >>> net = StackedCapsNet(depth=3)
    >>> [(caps.weight.shape[0], caps.weight.shape[1]) for caps in net.class_caps]
    [(288, 16), (16, 16), (16, 10)]
    """

    def __init__(
        self,
        config: CapsNetConfig | None = None,
        depth: int = 2,
        hidden: int = HIDDEN,
        hidden_dim: int = HIDDEN_DIM,
        scaled: bool = False,
    ):
        given = {"depth": depth, "hidden": hidden, "hidden_dim": hidden_dim}
        for name, value in given.items():
            if value < 1:
                raise ValueError(f"StackedCapsNet: {name} is {value}; pass 1 or more")
        config = config or PRESETS["tiny"]
        super().__init__(config)
        sizes = [
            (config.n_primary, config.primary_dim),
            *[(hidden, hidden_dim)] * (depth - 1),
            (config.n_classes, config.class_dim),
        ]
        self.class_caps = nn.Sequential(
            *[
                ClassCaps(
                    n_children,
                    n_parents,
                    child_dim,
                    dim,
                    config.n_iters,
                    config.class_bias,
                )
                for (n_children, child_dim), (n_parents, dim) in pairwise(sizes)
            ]
        )
        if scaled:
            scale_start(self.class_caps)


@torch.no_grad()
def scale_start(
    layers: nn.Sequential, length: float = PRIMARY_LENGTH, target: float = TARGET
) -> None:
    """Draw the weights of a stack anew, so that each layer's votes add up to `target`.

    With even couplings and random weights, the root mean square of |s| is
    sd * length * sqrt(N * e) / J, for N children and J parents of size e.  This is
    solved for sd; the children of the next layer are as long as squash makes `target`.
    Keep that short: long children agree, and then couplings are not even.

    Args:
        layers: ClassCaps, one above the other; their weights change.
        length: of the lowest children; `lengths_by_layer` measures it.
        target: what |s| shall be.

    Raises:
        ValueError: if `length` or `target` is not above 0.
    """
    for name, value in (("length", length), ("target", target)):
        if not value > 0:
            raise ValueError(f"scale_start: {name} is {value}; pass more than 0")
    for layer in layers:
        n_children, n_parents, _, dim = layer.weight.shape
        layer.weight.normal_(
            std=target * n_parents / (length * (n_children * dim) ** 0.5)
        )
        length = target**2 / (1 + target**2)


@torch.no_grad()
def lengths_by_layer(net: CapsNet, images: Float[Tensor, "b c h w"]) -> list[float]:
    """Root mean square of the capsules' lengths: primary ones first, classes last.

    >>> len(lengths_by_layer(StackedCapsNet(depth=2), torch.rand(4, 1, 28, 28)))
    3
    """
    poses = net.primary_caps(torch.relu(net.conv(images)))
    lengths = [_length(poses)]
    for layer in _layers(net):
        poses = layer(poses)
        lengths.append(_length(poses))
    return lengths


def gradients_by_layer(
    net: CapsNet, images: Float[Tensor, "b c h w"], labels: Integer[Tensor, " b"]
) -> list[float]:
    """Norm of the gradient of the margin loss: primary capsules first, classes last.

    >>> digits = torch.rand(4, 1, 28, 28), torch.tensor([0, 1, 2, 3])
    >>> len(gradients_by_layer(StackedCapsNet(depth=2), *digits))
    3
    """
    weights = [net.primary_caps.conv.weight, *[layer.weight for layer in _layers(net)]]
    present = present_classes(labels, net.config.n_classes)
    loss = margin_loss(net(images, present).lengths, present)
    return [grad.norm().item() for grad in torch.autograd.grad(loss, weights)]


def _layers(net: CapsNet) -> list[ClassCaps]:
    """Layers of capsules above the primary ones."""
    one = isinstance(net.class_caps, ClassCaps)
    return [net.class_caps] if one else list(net.class_caps)


def _length(poses: Float[Tensor, "b i d"]) -> float:
    return torch.linalg.vector_norm(poses, dim=-1).square().mean().sqrt().item()


STACKS: dict[str, dict[str, Any]] = {  # names for studies, and what they set
    "2-layers": {"depth": 2},
    "2-layers-scaled": {"depth": 2, "scaled": True},
    "3-layers": {"depth": 3},
    "3-layers-scaled": {"depth": 3, "scaled": True},
}

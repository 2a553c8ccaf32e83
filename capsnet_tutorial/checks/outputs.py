"""What a network takes, and which of its outputs are lengths, poses and images.

Axis key: b examples, j classes, e pose size, c h w channels, height, width.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from capsnet_tutorial.digits import load_mnist

SIZES = (28, 32, 64, 96, 48, 20, 36, 40, 128, 224)  # of images, when none are given


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


@dataclass
class Said:
    """What a network says of a batch, batch axis first, axes of one entry gone."""

    lengths: Tensor | None  # b j
    poses: Tensor | None  # b j e
    reconstruction: Tensor | None  # b and as many numbers as the image

    @property
    def n_classes(self) -> int | None:
        for said in (self.lengths, self.poses):
            if said is not None:
                return said.shape[1]
        return None

    def both(self) -> list[Tensor]:
        return [x for x in (self.lengths, self.poses) if x is not None]


def tensors_of(output: Any) -> Iterator[Tensor]:
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, dict):
        output = list(output.values())
    if isinstance(output, (tuple, list)):
        for part in output:
            yield from tensors_of(part)


def read(net: Callable, images: Tensor, *more: Any) -> Said:
    """Look at all images, and at one less: the batch axis is the one that shrinks."""
    fewer = [x[:-1] if isinstance(x, Tensor) else x for x in more]
    with torch.no_grad():
        whole = [x for x in tensors_of(net(images, *more)) if x.is_floating_point()]
        less = [
            x for x in tensors_of(net(images[:-1], *fewer)) if x.is_floating_point()
        ]
    said = Said(None, None, None)
    for a, b in zip(whole, less, strict=True):
        axis = [
            n for n in range(a.ndim) if a.ndim == b.ndim and a.shape[n] > b.shape[n]
        ]
        if not axis:
            continue
        x = a.movedim(axis[0], 0)
        x = x.reshape(len(x), *[size for size in x.shape[1:] if size != 1])
        if said.reconstruction is None and x[0].numel() == images[0].numel():
            said.reconstruction = x.flatten(1)
        elif x.ndim == 2 and said.lengths is None:
            said.lengths = x
        elif x.ndim == 3 and said.poses is None:
            said.poses = x
    return said


def guess_images(net: nn.Module, n: int) -> Tensor | None:
    """Images that it takes: real digits, if they fit."""
    for like in _inputs(net, n):
        try:
            with torch.no_grad():
                if any(True for _ in tensors_of(net(like))):
                    return like
        except Exception:
            continue
    return None


def _inputs(net: nn.Module, n: int) -> Iterator[Tensor]:
    some = next(net.parameters(), torch.empty(0))
    if shape := getattr(getattr(net, "config", None), "image_shape", None):
        yield noise(n, *shape).to(some)
    # A kernel (out in h w) is small and square, in whatever module it lies.
    kernels = [p for p in net.parameters() if p.ndim == 4 and p.shape[2] == p.shape[3]]
    channels = list(dict.fromkeys(p.shape[1] for p in kernels))
    if not channels or channels[0] == 1:
        yield _digits(n).to(some)
    for c in channels:
        for size in SIZES:
            yield noise(n, c, size, size).to(some)
            yield noise(n, size, size, c).to(some)


def _digits(n: int) -> Tensor:
    return load_mnist("val", "mini").tensors[0][:n]

"""What all variants share: a document, named repairs, and losses of their own.

A variant is a network as a document writes it, errors included.  A repair mends one of
them.  With all repairs it is the network of [S17], to rounding.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from einops import rearrange
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from capsnet_tutorial.capsnet import (
    KERNEL_SIZE,
    PRIMARY_STRIDE,
    CapsNetConfig,
    CapsNetOutput,
)
from capsnet_tutorial.losses import RECONSTRUCTION_WEIGHT, reconstruction_loss
from capsnet_tutorial.training import Losses, paper_losses


@dataclass(frozen=True)
class Document:
    """Where a variant comes from, in the words of the document itself."""

    title: str
    author: str  # and the place, as far as the text names them
    date: str  # or "none given"


STAGES = (  # from the image down
    "image",
    "capsules",
    "squash",
    "votes",
    "couplings",
    "agreement",
    "lengths",
    "loss",
    "decoder",
)


@dataclass(frozen=True)
class Repair:
    """One thing that a repair changes."""

    stage: str  # where it lies, a name in STAGES
    written: str  # what the document does
    mended: str  # what the paper does
    line: str  # the line of the document, shortened
    outputs: bool = True  # False: trained weights give the same outputs either way


class Variant(nn.Module):
    """A network that a document describes.

    Shape:
        images (b c h w), present (b j) or None -> CapsNetOutput

    Args:
        config: sizes of the layers.
        repair: names in `repairs`.

    Attributes:
        document: where it comes from.
        repairs: all that can be mended, by name.
        protocol: how the document trains, as fields of a TrainConfig.
        decodes: whether the document has a decoder.

    Raises:
        ValueError: if a repair is unknown.
    """

    document: ClassVar[Document]
    repairs: ClassVar[dict[str, Repair]]
    protocol: ClassVar[dict[str, Any]]
    decodes: ClassVar[bool] = False

    def __init__(self, config: CapsNetConfig, repair: Iterable[str] = ()):
        super().__init__()
        self.config = config
        self.decoder = None  # most have one
        self.mended = frozenset(repair)
        if unknown := self.mended - self.repairs.keys():
            raise ValueError(
                f"{type(self).__name__}: cannot repair {', '.join(sorted(unknown))}; "
                f"pass some of {', '.join(self.repairs)}"
            )

    def losses(
        self,
        output: CapsNetOutput,
        images: Float[Tensor, "b c h w"],
        present: Bool[Tensor, "b j"],
    ) -> Losses:
        """What the document minimises; here, what [S17] does."""
        return paper_losses(output, images, present)


def with_reconstruction(
    loss: Float[Tensor, ""], output: CapsNetOutput, images: Float[Tensor, "b c h w"]
) -> Losses:
    """Another loss for the lengths, with the reconstruction of [S17], if any."""
    reconstruction = torch.zeros_like(loss)
    if output.reconstruction is not None:
        reconstruction = reconstruction_loss(output.reconstruction, images)
    return Losses(loss + RECONSTRUCTION_WEIGHT * reconstruction, loss, reconstruction)


def convolutions(config: CapsNetConfig) -> tuple[nn.Conv2d, nn.Conv2d]:
    """The two convolutions of [S17], which all documents have."""
    n_maps = config.primary_types * config.primary_dim
    return (
        nn.Conv2d(config.image_shape[0], config.conv_channels, KERNEL_SIZE),
        nn.Conv2d(config.conv_channels, n_maps, KERNEL_SIZE, PRIMARY_STRIDE),
    )


def channels_as_capsules(
    maps: Float[Tensor, "b c h w"], pose_dim: int
) -> Float[Tensor, "b i d"]:
    """A capsule is `pose_dim` channels at one place, as in PrimaryCaps."""
    return rearrange(maps, "b (t d) h w -> b (t h w) d", d=pose_dim)


def longest(lengths: Float[Tensor, "b j"]) -> Bool[Tensor, "b j"]:
    """True for the longest capsule of each example: what a decoder sees in a test."""
    return F.one_hot(lengths.argmax(dim=-1), lengths.shape[-1]).bool()

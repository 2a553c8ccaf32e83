"""Seed document 004: the network for turned digits, and how the article counted.

The article forks github.com/gram-ai/capsule-networks, whose network it does not print;
what is below follows its formulas.  `article_count` repeats the article's protocol with
its faults, `count` is the right one.
Book: chapter 11 (book/11_five.ipynb); chapter 10 asks the article's question anew.

Axis key: b examples, i capsules below, j above, d and e their pose sizes, c h w
channels, height, width.
[program] -> here:  priors -> votes (j b i e);  probs -> coupling (j b i).
"""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from einops import einsum, rearrange
from jaxtyping import Bool, Float, Integer
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.transforms import functional as V

from capsnet_tutorial.capsnet import CapsNetConfig, CapsNetOutput
from capsnet_tutorial.layers import Decoder, start_sd
from capsnet_tutorial.squash import squash
from capsnet_tutorial.variants.base import (
    Document,
    Repair,
    Variant,
    channels_as_capsules,
    convolutions,
    longest,
)


def squash_by_division(tensor: Float[Tensor, "*rest e"]) -> Float[Tensor, "*rest e"]:
    """Eq. 1 as it is printed: 0 / 0 for a vector of zeros."""
    squared_norm = (tensor**2).sum(dim=-1, keepdim=True)
    scale = squared_norm / (1 + squared_norm)
    return scale * tensor / squared_norm.sqrt()


class RoutedCapsules(nn.Module):
    """Votes and routing over `route_dim` of the votes (j b i e).

    Shape:
        x (b i d) -> outputs (b j e)
    """

    def __init__(self, config: CapsNetConfig, mended: frozenset[str], squash):
        super().__init__()
        i, j, d, e = (
            config.n_primary,
            config.n_classes,
            config.primary_dim,
            config.class_dim,
        )
        self.num_iterations = config.n_iters if "iterations" in mended else 2
        self.route_dim = 0 if "axis" in mended else 2  # parents, or capsules below
        self.squash = squash
        sd = start_sd(i, j) if "start" in mended else 1.0
        self.route_weights = nn.Parameter(sd * torch.randn(j, i, d, e))

    def forward(self, x: Float[Tensor, "b i d"]) -> Float[Tensor, "b j e"]:
        priors = einsum(x, self.route_weights, "b i d, j i d e -> j b i e")
        logits = priors.new_zeros(priors.shape[:3])
        for _ in range(self.num_iterations):
            probs = logits.softmax(dim=self.route_dim)
            total = einsum(probs, priors, "j b i, j b i e -> j b e")
            outputs = self.squash(total)
            logits = logits + einsum(priors, outputs, "j b i e, j b e -> j b i")
        return rearrange(outputs, "j b e -> b j e")


class Rotated(Variant):
    """The article's capsule network; 8,215,570 parameters at the paper's sizes."""

    document = Document(
        title="Approaching the Problem of Equivariance with Hinton's Capsule Networks "
        "(用 Hinton 胶囊网络探讨等方差问题)",
        author="Exxact blog, also on towardsdatascience.com",
        date="8 May 2019",
    )
    repairs = {
        "axis": Repair(
            "couplings",
            "softmax over the capsules below",
            "softmax over the parents",
            "probs = softmax(logits, dim=2)",
        ),
        "start": Repair(
            "votes",
            "matrices start with sd 1",
            "sd 0.1 for the network of the paper",
            "torch.randn(num_capsules, num_route_nodes, ...)",
            outputs=False,
        ),
        "lengths": Repair(
            "lengths",
            "a softmax of the lengths goes into the margin loss",
            "the lengths themselves",
            "classes = F.softmax(classes, dim=-1)",
        ),
        "iterations": Repair(
            "couplings",
            "two iterations of routing",
            "three",
            "num_iterations=2",
        ),
        "batchnorm": Repair(
            "image",
            "images are normalised by the statistics of their batch",
            "images go in as they are",
            "a BatchNorm before the first convolution",
        ),
        "division": Repair(
            "squash",
            "squash divides by the length: NaN for a vector of zeros",
            "no division",
            "scale * tensor / torch.sqrt(squared_norm)",
            outputs=False,  # beyond rounding
        ),
    }
    protocol = {"batch_size": 8}
    decodes = True

    def __init__(self, config: CapsNetConfig, repair: Iterable[str] = ()):
        super().__init__(config, repair)
        self.squash = squash if "division" in self.mended else squash_by_division
        channels = config.image_shape[0]
        plain = "batchnorm" in self.mended
        self.norm = nn.Identity() if plain else nn.BatchNorm2d(channels)
        self.conv1, self.primary = convolutions(config)
        self.digits = RoutedCapsules(config, self.mended, self.squash)
        self.decoder = Decoder(
            config.n_classes,
            config.class_dim,
            config.image_shape,
            config.decoder_hidden,
        )

    def forward(
        self,
        images: Float[Tensor, "b c h w"],
        present: Bool[Tensor, "b j"] | None = None,
    ) -> CapsNetOutput:
        maps = self.primary(F.relu(self.conv1(self.norm(images))))
        capsules = channels_as_capsules(maps, self.config.primary_dim)
        pose = self.digits(self.squash(capsules))
        classes = torch.linalg.vector_norm(pose, dim=-1)
        if "lengths" not in self.mended:
            classes = classes.softmax(dim=-1)
        y = longest(classes) if present is None else present
        return CapsNetOutput(pose, classes, self.decoder(pose, y))


# ------------------------------------------------------------------ counting


class Count(NamedTuple):
    """How many of the turned digits are right, and what a program prints beside it."""

    correct: int
    n: int
    printed: list[int]  # "predicted", of the first digits


@torch.no_grad()
def count(
    model: nn.Module,
    images: Float[Tensor, "b c h w"],
    labels: Integer[Tensor, " b"],
    degrees: float,
) -> Count:
    """The right protocol: eval mode, pixels as in training, nothing stale.

    Args:
        degrees: counter-clockwise; bilinear, and no resampling at 0.
    """
    model.eval()
    named = torch.cat(
        [model(part).lengths.argmax(1) for part in turned(images, degrees).split(250)]
    )
    return Count(int((named == labels).sum()), len(labels), named[:8].tolist())


@torch.no_grad()
def article_count(
    model: nn.Module,
    images: Float[Tensor, "b c h w"],
    labels: Integer[Tensor, " b"],
    degrees: float,
) -> Count:
    """The article's protocol, faults included.

    The model stays in training mode, so BatchNorm uses, and learns from, each batch of
    eight test digits; pixels run from -1 to 1, though it learned from 0 to 1; digits
    are turned to the nearest pixel; and what is printed as "predicted" for the first
    turned digits is left over from the last batch of upright ones, counted before.
    """
    model.train()

    def loop(images: Tensor) -> tuple[int, Tensor]:
        correct = 0
        for part, truth in zip(images.split(8), labels.split(8), strict=True):
            pred_prob = model(2 * part - 1).lengths
            correct += int((pred_prob.argmax(1) == truth).sum())
        return correct, pred_prob

    _, pred_prob = loop(images)
    correct, _ = loop(turned(images, degrees, V.InterpolationMode.NEAREST))
    return Count(correct, len(labels), pred_prob.argmax(1).tolist())


def turned(
    images: Float[Tensor, "b c h w"],
    degrees: float,
    interpolation: V.InterpolationMode = V.InterpolationMode.BILINEAR,
) -> Float[Tensor, "b c h w"]:
    """Images turned counter-clockwise around their middle; at 0 they are untouched."""
    if degrees == 0:
        return images
    return V.rotate(images, degrees, interpolation).clamp(0, 1)

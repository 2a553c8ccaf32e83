"""MultiMNIST: pairs of digits of different classes, laid over each other.

Source: [S17] arXiv:1710.09829, section 6.  On a canvas of 36 x 36, each digit is moved
by up to 4 pixels each way; pixels are added and clipped at 1; both digits come from the
same split; an image counts as right if both of its digits are named.
Book: chapter 9 (book/09_overlaps.ipynb).

The paper stores 1,000 pairs for each digit.  Here pairs are made when they are needed,
new ones in each epoch, and always the same for the same seed.

Axis key: b pairs, n digits, j classes, c h w channels, height, width.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn
from torch.nn import functional as F

from capsnet_tutorial.digits import random_shift
from capsnet_tutorial.training import predict

PAD = 4  # pixels around a digit: 28 x 28 becomes 36 x 36
MAX_SHIFT = 4  # pixels each way


class Pairs(NamedTuple):
    """Images of two digits, and what they were made of."""

    images: Float[Tensor, "b 1 h w"]  # both, one over the other
    digits: Float[Tensor, "b 2 h w"]  # each by itself, the lower class first
    present: Bool[Tensor, "b j"]  # the two classes


def overlap(
    first: Float[Tensor, "b c h w"], second: Float[Tensor, "b c h w"]
) -> Float[Tensor, "b c h w"]:
    """Ink is added, and clipped at 1.

    >>> ink = torch.tensor([[[[0.0, 0.25, 1.0]]]])
    >>> overlap(ink, ink)
    tensor([[[[0.0000, 0.5000, 1.0000]]]])
    """
    return (first + second).clamp(max=1)


def choose_partners(
    labels: Int64[Tensor, " n"], generator: torch.Generator | None = None
) -> Int64[Tensor, " n"]:
    """For each digit the position of a random one of another class.

    Raises:
        ValueError: if there are no two classes.

    >>> choose_partners(torch.tensor([3, 3, 5]), torch.Generator().manual_seed(0))
    tensor([2, 2, 1])
    """
    if len(labels) and (labels == labels[0]).all():
        raise ValueError(
            f"choose_partners: all {len(labels)} digits are of class {labels[0]}; "
            "pass two classes or more"
        )
    partners = torch.arange(len(labels))
    while len(alike := (labels[partners] == labels).nonzero().flatten()):
        partners[alike] = torch.randint(len(labels), alike.shape, generator=generator)
    return partners


def make_pairs(
    first: Float[Tensor, "b 1 h w"],
    first_labels: Int64[Tensor, " b"],
    second: Float[Tensor, "b 1 h w"],
    second_labels: Int64[Tensor, " b"],
    n_classes: int = 10,
) -> Pairs:
    """Lay each second digit over the first one.

    Raises:
        ValueError: if both digits of a pair are of one class: their images could not be
            told from that of one digit by any flags of classes.
    """
    if (first_labels == second_labels).any():
        alike = first_labels[first_labels == second_labels][0]
        raise ValueError(
            f"make_pairs: both digits of a pair are {alike}; pass different classes, "
            "as choose_partners does"
        )
    both = torch.cat([first, second], dim=1)
    swapped = (first_labels > second_labels)[:, None, None, None]
    labels = torch.stack([first_labels, second_labels], dim=1)
    present = F.one_hot(labels, n_classes).sum(dim=1).bool()
    digits = torch.where(swapped, both.flip(1), both)
    return Pairs(overlap(first, second), digits, present)


def held_out_pairs(
    images: Float[Tensor, "n 1 h w"],
    labels: Int64[Tensor, " n"],
    n_pairs: int = 10_000,
    seed: int = 0,
) -> Pairs:
    """Pairs to count on: the same ones at each call, by the paper's recipe.

    Each digit is the first of as many pairs as any other, or of one more.
    """
    generator = torch.Generator().manual_seed(seed)
    first = torch.arange(n_pairs) % len(labels)
    rounds = -(-n_pairs // len(labels))
    partners = [choose_partners(labels, generator) for _ in range(rounds)]
    second = torch.cat(partners)[:n_pairs]
    moved = [
        random_shift(F.pad(images[part], (PAD,) * 4), MAX_SHIFT, generator)
        for part in (first, second)
    ]
    return make_pairs(moved[0], labels[first], moved[1], labels[second])


def two_longest(lengths: Float[Tensor, "b j"]) -> Bool[Tensor, "b j"]:
    """Flags of the two longest capsules: the answer to "which two digits?".

    >>> two_longest(torch.tensor([[0.1, 0.7, 0.9]]))
    tensor([[False,  True,  True]])
    """
    best = lengths.topk(2, dim=-1).indices
    return F.one_hot(best, lengths.shape[-1]).sum(dim=-2).bool()


@torch.no_grad()
def wrong_answers(
    model: nn.Module,
    images: Float[Tensor, "b c h w"],
    labels: Int64[Tensor, " b"] | Bool[Tensor, "b j"],
    batch_size: int = 250,
) -> Bool[Tensor, " b"]:
    """Which images are not named wholly right: one digit, or both where there are two.

    Args:
        labels: the class of each image; or flags of its two classes.
    """
    if labels.ndim == 1:
        return predict(model, images, batch_size) != labels
    parts = images.split(batch_size)
    named = torch.cat([two_longest(model(part).lengths) for part in parts])
    return (named != labels).any(dim=-1)

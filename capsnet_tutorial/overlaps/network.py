"""A capsule network that finds two digits in one image.

Source: [S17] arXiv:1710.09829, section 6.
Book: chapter 9 (book/09_overlaps.ipynb).

Axis key: b examples, j classes, c h w channels, height, width.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional as F

from capsnet_tutorial.capsnet import CapsNet, CapsNetOutput
from capsnet_tutorial.overlaps.pairs import two_longest


class PairCapsNet(CapsNet):
    """The CapsNet of the paper; its decoder draws each of two digits by itself.

    Shape:
        images (b 1 h w), present (b j) or None -> CapsNetOutput, in which
        `reconstruction` is (b 2 h w): the lower class first

    Without `present`, the two longest capsules are drawn.

    Raises:
        ValueError: as CapsNet does, or if `present` has not two classes per image.
    """

    def forward(
        self,
        images: Float[Tensor, "b 1 h w"],
        present: Bool[Tensor, "b j"] | None = None,
    ) -> CapsNetOutput:
        self._check(images, present)
        features = F.relu(self.conv(images))
        pose = self.class_caps(self.primary_caps(features)).to(images.dtype)
        lengths = torch.linalg.vector_norm(pose, dim=-1)
        if self.decoder is None:
            return CapsNetOutput(pose, lengths, None)
        if present is None:
            present = two_longest(lengths)
        drawings = [self.decoder(pose, one) for one in one_by_one(present)]
        return CapsNetOutput(pose, lengths, torch.cat(drawings, dim=1))


def one_by_one(present: Bool[Tensor, "b j"]) -> Bool[Tensor, "2 b j"]:
    """Two flags an image become one flag, twice: first the lower class.

    Raises:
        ValueError: if an image has not two classes.

    >>> one_by_one(torch.tensor([[True, False, True]])).tolist()
    [[[True, False, False]], [[False, False, True]]]
    """
    if _not_two(present):
        counts = sorted(set(present.sum(dim=-1).tolist()))
        raise ValueError(
            f"one_by_one: images have {counts} classes present; pass two for each"
        )
    lower = F.one_hot(present.int().argmax(dim=-1), present.shape[-1]).bool()
    return torch.stack([lower, present & ~lower])


def _not_two(present: Bool[Tensor, "b j"]) -> bool:
    """True if an image has not two classes; where there are no values, nobody looks."""
    if torch.compiler.is_compiling():
        return False
    try:
        return bool((present.sum(dim=-1) != 2).any())
    except RuntimeError:  # `torch.func.vmap`, the meta device, fake tensors
        return False

"""Convolutional networks as large as the preset `tiny`, with and without capsule parts.

`CNN` is what one would write today for small images.  `CapsuleCNN` has the same trunk,
and after it three of the five parts of a capsule network: squash, margin loss and
decoder; it has no votes and no routing.  The comparison of the parts is that of Gu,
Tresp & Hu, "Capsule Network is Not More Robust than Convolutional Network", CVPR 2021.
Book: chapter 10.

Axis key: b examples, c h w channels, height, width, j classes, e pose size.
"""

import torch
from einops import rearrange
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from capsnet_tutorial.capsnet import PRESETS, CapsNetConfig, CapsNetOutput
from capsnet_tutorial.layers import Decoder
from capsnet_tutorial.squash import squash
from capsnet_tutorial.training import Losses


def trunk(hidden: int) -> nn.Sequential:
    """Two convolutions with pooling and a linear layer: (b 1 28 28) -> (b hidden)."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1024, hidden), nn.ReLU(),
    )  # fmt: skip


class CNN(nn.Module):
    """The trunk and a linear layer, with cross-entropy.

    Shape:
        images (b 1 28 28) -> CapsNetOutput, in which `lengths` are ten scores (logits)

    >>> sum(p.numel() for p in CNN().parameters())  # tiny has 792,336
    792131
    """

    def __init__(self):
        super().__init__()
        self.config = CapsNetConfig()  # images of MNIST, ten classes
        self.decoder = None
        self.hidden = trunk(715)
        self.last = nn.Linear(715, 10)

    def forward(
        self,
        images: Float[Tensor, "b 1 28 28"],
        present: Bool[Tensor, "b j"] | None = None,
    ) -> CapsNetOutput:
        return CapsNetOutput(None, self.last(self.hidden(images)), None)

    def losses(self, output, images, present) -> Losses:
        """Cross-entropy."""
        loss = F.cross_entropy(output.lengths, present.int().argmax(dim=-1))
        return Losses(loss, loss, torch.zeros_like(loss))


class CapsuleCNN(nn.Module):
    """The trunk, then a pose for each class: squash, margin loss and decoder of [S17].

    Shape:
        images (b 1 28 28), present (b j) or None -> CapsNetOutput

    >>> sum(p.numel() for p in CapsuleCNN().parameters())
    792041
    """

    def __init__(self):
        super().__init__()
        self.config = config = PRESETS["tiny"]
        self.hidden = trunk(409)
        self.last = nn.Linear(409, config.n_classes * config.class_dim)
        self.decoder = Decoder(
            config.n_classes,
            config.class_dim,
            config.image_shape,
            config.decoder_hidden,
        )

    def forward(
        self,
        images: Float[Tensor, "b 1 28 28"],
        present: Bool[Tensor, "b j"] | None = None,
    ) -> CapsNetOutput:
        numbers = self.last(self.hidden(images))
        pose = squash(rearrange(numbers, "b (j e) -> b j e", j=self.config.n_classes))
        lengths = torch.linalg.vector_norm(pose, dim=-1)
        if present is None:
            present = F.one_hot(lengths.argmax(dim=-1), self.config.n_classes).bool()
        return CapsNetOutput(pose, lengths, self.decoder(pose, present))

"""Convolutional networks as large as the preset `tiny`, with and without capsule parts.

`CNN` is what one would write today for small images, `PairCNN` the same for two digits.
`CapsuleCNN` has the same trunk, and after it three of the five parts of a capsule
network: squash, margin loss and decoder; it has no votes and no routing.  Gu, Tresp &
Hu, "Capsule Network is Not More Robust than Convolutional Network", CVPR 2021, compare
the parts in this way.
Book: chapters 9 and 10.

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


def trunk(hidden: int, n_features: int = 1024) -> nn.Sequential:
    """Two convolutions with pooling and a linear layer: (b 1 28 28) -> (b hidden).

    Images of 36 x 36 pixels have 2304 features after the convolutions.
    """
    return nn.Sequential(
        nn.Conv2d(1, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(n_features, hidden), nn.ReLU(),
    )  # fmt: skip


class CNN(nn.Module):
    """The trunk and a linear layer, with cross-entropy.

    Shape:
        images (b 1 28 28) -> CapsNetOutput, in which `lengths` are ten scores (logits)

    >>> sum(p.numel() for p in CNN().parameters())  # tiny has 792,336
    792131
    """

    config = CapsNetConfig()  # images of MNIST, ten classes

    def __init__(self):
        super().__init__()
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


class PairCNN(nn.Module):
    """The trunk and ten independent scores, for the pairs of chapter 9.

    Source: [S17] arXiv:1710.09829, section 6, has a sigmoid for each score, too.

    Shape:
        images (b 1 36 36) -> CapsNetOutput, in which `lengths` are ten scores (logits)

    >>> sum(p.numel() for p in PairCNN().parameters())  # tiny has 1,579,280 at 36 x 36
    1580006
    """

    config = CapsNetConfig(image_shape=(1, 36, 36))

    def __init__(self):
        super().__init__()
        self.decoder = None
        self.hidden = trunk(660, n_features=2304)
        self.last = nn.Linear(660, 10)

    def forward(
        self,
        images: Float[Tensor, "b 1 36 36"],
        present: Bool[Tensor, "b j"] | None = None,
    ) -> CapsNetOutput:
        return CapsNetOutput(None, self.last(self.hidden(images)), None)

    def losses(self, output, images, present) -> Losses:
        """Sigmoid cross-entropy, summed over classes."""
        loss = F.binary_cross_entropy_with_logits(output.lengths, present.float())
        loss = loss * present.shape[-1]
        return Losses(loss, loss, torch.zeros_like(loss))


class CapsuleCNN(nn.Module):
    """The trunk, then a pose for each class: squash, margin loss and decoder of [S17].

    Shape:
        images (b 1 28 28), present (b j) or None -> CapsNetOutput

    >>> sum(p.numel() for p in CapsuleCNN().parameters())
    792041
    """

    config = PRESETS["tiny"]

    def __init__(self):
        super().__init__()
        config = self.config
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

"""LeNet-5 as seed document 004 has it: average pooling, ReLU, 44,426 parameters.

Source: LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to document
recognition", 1998, in the form of the document.  Book: chapters 10 and 11.

Axis key: b examples, c h w channels, height, width, j classes.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from capsnet_tutorial.capsnet import CapsNetConfig, CapsNetOutput
from capsnet_tutorial.training import Losses


class LeNet5(nn.Module):
    """Two convolutions and three linear layers, for images of 28 x 28 pixels.

    Shape:
        images (b 1 28 28) -> CapsNetOutput, in which `lengths` are ten scores (logits)

    >>> sum(p.numel() for p in LeNet5().parameters())
    44426
    """

    config = CapsNetConfig()  # images of MNIST, ten classes

    def __init__(self):
        super().__init__()
        self.decoder = None
        self.hidden = nn.Sequential(
            nn.Conv2d(1, 6, 5), nn.ReLU(), nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.AvgPool2d(2),
            nn.Flatten(),
            nn.Linear(256, 120), nn.ReLU(),
            nn.Linear(120, 84), nn.ReLU(),
        )  # fmt: skip
        self.last = nn.Linear(84, 10)

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

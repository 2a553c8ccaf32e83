"""Seed documents 000 and 002: two walks through XifengGuo's PyTorch network.

Both explain the same layers under the same names.  002 has the decoder and `caps_loss`;
000 leaves the decoder out and learns with cross-entropy on the lengths.
Book: chapter 11 (book/11_five.ipynb).

Axis key: b examples, i capsules below, j above, d and e their pose sizes, c h w
channels, height, width.
[document] -> here:  in_num_caps, out_num_caps, in_dim_caps, out_dim_caps -> i, j, d, e;
x_hat -> votes;  b, c -> logits, coupling (both j i);  outputs -> pose.
"""

from collections.abc import Iterable

import torch
from einops import einsum, rearrange
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from capsnet_tutorial.capsnet import CapsNetConfig, CapsNetOutput
from capsnet_tutorial.layers import Decoder, start_sd
from capsnet_tutorial.squash import squash
from capsnet_tutorial.training import Losses
from capsnet_tutorial.variants.base import (
    Document,
    Repair,
    Variant,
    channels_as_capsules,
    convolutions,
    longest,
    with_reconstruction,
)


def squash_with_epsilon(inputs: Float[Tensor, "*rest e"]) -> Float[Tensor, "*rest e"]:
    """Eq. 1 as it is printed, with an epsilon added to the norm that divides."""
    norm = torch.linalg.vector_norm(inputs, dim=-1, keepdim=True)
    return norm**2 / (1 + norm**2) / (norm + 1e-8) * inputs


class PrimaryCapsule(nn.Module):
    """A convolution, read as capsules: by `view` in the documents.

    Shape:
        x (batch, in_channels, h, w) -> (batch, num_caps, dim_caps)

    Args:
        conv2d: the convolution.
        dim_caps: numbers per capsule.
        view: True takes any dim_caps neighbours in memory, which are pixels of a row.
        squash: what follows.
    """

    def __init__(self, conv2d: nn.Conv2d, dim_caps: int, view: bool, squash):
        super().__init__()
        self.conv2d, self.dim_caps, self.view = conv2d, dim_caps, view
        self.squash = squash

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b i d"]:
        outputs = self.conv2d(x)
        if self.view:
            return self.squash(outputs.reshape(len(x), -1, self.dim_caps))
        return self.squash(channels_as_capsules(outputs, self.dim_caps))


class DenseCapsule(nn.Module):
    """Votes and routing; the gradient reaches the last iteration only, if `detached`.

    Shape:
        x (batch, in_num_caps, in_dim_caps) -> (batch, out_num_caps, out_dim_caps)
    """

    def __init__(self, config: CapsNetConfig, sd: float, detached: bool, squash):
        super().__init__()
        i, j, d, e = (
            config.n_primary,
            config.n_classes,
            config.primary_dim,
            config.class_dim,
        )
        self.routings, self.detached, self.squash = config.n_iters, detached, squash
        self.weight = nn.Parameter(sd * torch.randn(j, i, e, d))

    def forward(self, x: Float[Tensor, "b i d"]) -> Float[Tensor, "b j e"]:
        # The documents: torch.matmul(self.weight, x[:, None, :, :, None]), which copies
        # the weights once for every example.  The numbers are the same.
        x_hat = einsum(self.weight, x, "j i e d, b i d -> b j i e")
        early = x_hat.detach() if self.detached else x_hat
        b = x.new_zeros(x_hat.shape[:3])
        for iteration in range(self.routings):
            c = rearrange(b.softmax(dim=1), "b j i -> b j i 1")  # over out_num_caps
            if iteration == self.routings - 1:
                return self.squash((c * x_hat).sum(dim=2))
            outputs = self.squash((c * early).sum(dim=2, keepdim=True))
            b = b + (outputs * early).sum(dim=-1)


VIEW = Repair(
    "capsules",
    "a capsule is 8 neighbouring pixels of one channel, or of two",
    "a capsule is 8 channels at one place",
    "outputs.view(x.size(0), -1, self.dim_caps)",
)
GRADIENT = Repair(
    "agreement",
    "no gradient through the early iterations",
    "gradients through all of them, as in the authors' program",
    "x_hat_detached = x_hat.detach()",
    outputs=False,
)
START = Repair(
    "votes",
    "matrices start with sd 0.01: capsules start at a length of 0.0003",
    "sd 0.1 for the network of the paper",
    "0.01 * torch.randn(...)",
    outputs=False,
)
EPSILON = Repair(
    "squash",
    "an epsilon of 1e-8 beside the norm",
    "no division, no epsilon",
    "/ (norm + 1e-8)",
    outputs=False,  # beyond rounding
)


class Xifeng(Variant):
    """Seed document 002, with decoder and `caps_loss`."""

    document = Document(
        title="an English walk through CapsNet in PyTorch",
        author="not named in the text",
        date="none given",
    )
    repairs = {"view": VIEW, "gradient": GRADIENT, "start": START, "epsilon": EPSILON}
    protocol = {"batch_size": 100}
    decodes = True

    def __init__(self, config: CapsNetConfig, repair: Iterable[str] = ()):
        super().__init__(config, repair)
        mended = self.mended
        shrink = squash if "epsilon" in mended else squash_with_epsilon
        sd = start_sd(config.n_primary, config.n_classes) if "start" in mended else 0.01
        self.conv1, conv2d = convolutions(config)
        self.primarycaps = PrimaryCapsule(
            conv2d, config.primary_dim, "view" not in mended, shrink
        )
        self.digitcaps = DenseCapsule(config, sd, "gradient" not in mended, shrink)
        self.decoder = None
        if self.decodes:
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
        x = self.primarycaps(F.relu(self.conv1(images)))
        x = self.digitcaps(x)
        length = torch.linalg.vector_norm(x, dim=-1)
        if self.decoder is None:
            return CapsNetOutput(x, length, None)
        y = longest(length) if present is None else present
        return CapsNetOutput(x, length, self.decoder(x, y))


class XifengClassifier(Xifeng):
    """Seed document 000: no decoder, and cross-entropy on the lengths."""

    document = Document(
        title="基于pytorch的胶囊网络minst图像分类实现",
        author="not named in the text",
        date="none given",
    )
    repairs = {
        "loss": Repair(
            "loss",
            "cross-entropy, which takes lengths below 1 for logits",
            "the margin loss",
            "loss = nn.CrossEntropyLoss()",
            outputs=False,
        ),
        **Xifeng.repairs,
    }
    protocol = {"batch_size": 100, "epochs": 5, "max_shift": 0}
    decodes = False

    def losses(self, output, images, present) -> Losses:
        if "loss" in self.mended:
            return super().losses(output, images, present)
        loss = F.cross_entropy(output.lengths, present.int().argmax(dim=-1))
        return with_reconstruction(loss, output, images)

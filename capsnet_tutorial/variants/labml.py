"""Seed document 003: labml's Squash, Router and MarginLoss, as it writes them.

The document annotates these three modules, and names `jindongwang/Pytorch-CapsuleNet`
as its help with the paper.  The layers around them (convolution, primary capsules,
decoder) are not in the document; here they are this package's own.
Book: chapter 11 (book/11_five.ipynb).

Axis key: b examples, i capsules below, j above, d and e their pose sizes.
[document] -> here:  in_caps, out_caps, in_d, out_d -> i, j, d, e;  u, u_hat -> poses
below, votes;  b, c, a -> logits, coupling, agreement.
"""

from collections.abc import Callable, Iterable

import torch
from einops import einsum
from jaxtyping import Bool, Float, Integer
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


class Squash(nn.Module):
    """Eq. 1 with an epsilon inside the root, so that no division is by zero.

    Shape:
        s (batch_size, n_capsules, n_features) -> the same
    """

    def __init__(self, epsilon: float = 1e-8):
        super().__init__()
        self.epsilon = epsilon

    def forward(self, s: Float[Tensor, "*rest e"]) -> Float[Tensor, "*rest e"]:
        s2 = (s**2).sum(dim=-1, keepdim=True)
        return s2 / (1 + s2) * s / (s2 + self.epsilon).sqrt()


class Router(nn.Module):
    """Votes and Procedure 1; the softmax goes over `dim`.

    Shape:
        u (batch_size, in_caps, in_d) -> v (batch_size, out_caps, out_d)

    Args:
        dim: 1 in the document, which is the axis of the capsules below; 2 mends it.
        sd: of the matrices at the start; 1 in the document.
        squash: Squash() in the document.
    """

    def __init__(
        self,
        in_caps: int,
        out_caps: int,
        in_d: int,
        out_d: int,
        iterations: int,
        dim: int = 1,
        sd: float = 1.0,
        squash: Callable[[Tensor], Tensor] | None = None,
    ):
        super().__init__()
        self.iterations = iterations
        self.softmax = nn.Softmax(dim)
        self.squash = squash or Squash()
        self.weight = nn.Parameter(sd * torch.randn(in_caps, out_caps, in_d, out_d))

    def forward(self, u: Float[Tensor, "b i d"]) -> Float[Tensor, "b j e"]:
        u_hat = einsum(self.weight, u, "i j d e, b i d -> b i j e")
        b = u.new_zeros(u_hat.shape[:3])
        for _ in range(self.iterations):
            c = self.softmax(b)
            v = self.squash(einsum(c, u_hat, "b i j, b i j e -> b j e"))
            b = b + einsum(v, u_hat, "b j e, b i j e -> b i j")
        return v


class MarginLoss(nn.Module):
    """Eq. 4, without its squares.

    Shape:
        v (batch_size, n_labels, n_features), labels (batch_size) -> a scalar

    Args:
        power: 1 in the document, whose own formula has 2.
    """

    def __init__(
        self,
        *,
        n_labels: int,
        lambda_: float = 0.5,
        m_positive: float = 0.9,
        m_negative: float = 0.1,
        power: int = 1,
    ):
        super().__init__()
        self.n_labels, self.lambda_, self.power = n_labels, lambda_, power
        self.m_positive, self.m_negative = m_positive, m_negative

    def forward(
        self, v: Float[Tensor, "b j e"], labels: Integer[Tensor, " b"]
    ) -> Float[Tensor, ""]:
        lengths = torch.linalg.vector_norm(v, dim=-1)
        there = F.one_hot(labels, self.n_labels)
        short = F.relu(self.m_positive - lengths) ** self.power
        long = F.relu(lengths - self.m_negative) ** self.power
        loss = there * short + self.lambda_ * (1 - there) * long
        return loss.sum(dim=-1).mean()


class Labml(Variant):
    """The three modules in the network of [S17]."""

    document = Document(
        title="Capsule Networks, annotated (labml.ai), in its Japanese translation",
        author="labml.ai",
        date="none given",
    )
    repairs = {
        "axis": Repair(
            "couplings",
            "softmax over the capsules below: the children compete",
            "softmax over the parents: each child splits one vote",
            "self.softmax = nn.Softmax(dim=1)",
        ),
        "start": Repair(
            "votes",
            "matrices start with sd 1: with the right axis, nearly all capsules start "
            "saturated",
            "sd 0.1 for the network of the paper",
            "torch.randn(in_caps, out_caps, in_d, out_d)",
            outputs=False,
        ),
        "square": Repair(
            "loss",
            "the margin loss without its squares",
            "the squares of Eq. 4",
            "loss = labels * F.relu(...) + ...",
            outputs=False,
        ),
        "epsilon": Repair(
            "squash",
            "an epsilon of 1e-8 in the root",
            "no division, no epsilon",
            "torch.sqrt(s2 + self.epsilon)",
            outputs=False,  # beyond rounding
        ),
    }
    protocol = {"max_shift": 0}
    decodes = True

    def __init__(self, config: CapsNetConfig, repair: Iterable[str] = ()):
        super().__init__(config, repair)
        i, j, d, e = (
            config.n_primary,
            config.n_classes,
            config.primary_dim,
            config.class_dim,
        )
        mended = self.mended
        self.conv1, self.conv2 = convolutions(config)
        self.squash = squash if "epsilon" in mended else Squash()
        self.router = Router(
            *(i, j, d, e, config.n_iters),
            dim=2 if "axis" in mended else 1,
            sd=start_sd(i, j) if "start" in mended else 1.0,
            squash=self.squash,
        )
        self.margin = MarginLoss(n_labels=j, power=2 if "square" in mended else 1)
        self.decoder = Decoder(j, e, config.image_shape, config.decoder_hidden)

    def forward(
        self,
        images: Float[Tensor, "b c h w"],
        present: Bool[Tensor, "b j"] | None = None,
    ) -> CapsNetOutput:
        maps = self.conv2(F.relu(self.conv1(images)))
        capsules = channels_as_capsules(maps, self.config.primary_dim)
        pose = self.router(self.squash(capsules))
        lengths = torch.linalg.vector_norm(pose, dim=-1)
        present = longest(lengths) if present is None else present
        return CapsNetOutput(pose, lengths, self.decoder(pose, present))

    def losses(self, output, images, present) -> Losses:
        margin = self.margin(output.pose, present.int().argmax(dim=-1))
        return with_reconstruction(margin, output, images)

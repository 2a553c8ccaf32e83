"""Seed document 001: the network in TensorFlow 2, in PyTorch, operation by operation.

Every tensor keeps the shape, the order of axes and the name that the document gives it:
channels last, five axes, lists of 10 columns.  The kernels too lie as TensorFlow has
them, so that weights can be carried over as they are.
Book: chapter 11 (book/11_five.ipynb).

Axis key, as everywhere: b examples, i capsules below, j above, d and e their pose
sizes, c h w channels, height, width; y x are places in a kernel, o its outputs.
"""

from collections.abc import Iterable

import torch
from einops import einsum, rearrange, repeat
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from capsnet_tutorial.capsnet import CapsNetConfig, CapsNetOutput
from capsnet_tutorial.layers import start_sd
from capsnet_tutorial.squash import squash as squash_vectors
from capsnet_tutorial.variants.base import Document, Repair, Variant, convolutions


class Conv2D(nn.Module):
    """`layers.Conv2D` of Keras without padding: channels last, kernel (y x c o).

    Args:
        like: a convolution of PyTorch, for the sizes.
        keras: start as Keras does (Glorot), not as PyTorch does.
    """

    def __init__(self, like: nn.Conv2d, keras: bool):
        super().__init__()
        self.strides = like.stride
        if keras:
            nn.init.xavier_uniform_(like.weight)
            nn.init.zeros_(like.bias)
        kernel = rearrange(like.weight.detach(), "o c y x -> y x c o")
        self.kernel = nn.Parameter(kernel.contiguous())
        self.bias = like.bias

    def forward(self, inputs: Float[Tensor, "b h w c"]) -> Float[Tensor, "b _ _ o"]:
        first = rearrange(inputs, "b h w c -> b c h w")
        kernel = rearrange(self.kernel, "y x c o -> o c y x")
        maps = F.conv2d(first, kernel, self.bias, self.strides)
        return rearrange(maps, "b o h w -> b h w o")


class PrimCap(nn.Module):
    """A convolution, cut into capsules, and each capsule copied for every class.

    Shape:
        inputs [-1, 20, 20, 256] -> capsules [-1, 1152, 10, 8, 1]
    """

    def __init__(self, config: CapsNetConfig, mended: frozenset[str]):
        super().__init__()
        self.config, self.mended = config, mended
        self.conv2 = Conv2D(convolutions(config)[1], keras="start" not in mended)

    def forward(self, inputs: Float[Tensor, "b h w c"]) -> Float[Tensor, "b i j d 1"]:
        d, t = self.config.primary_dim, self.config.primary_types
        capsules = self.conv2(inputs).unflatten(3, (d, t))  # [-1, 6, 6, 8, 32]
        if "reshape" in self.mended:
            capsules = rearrange(capsules, "b h w d t -> b (t h w) d")
        else:  # [-1, 32, 8, 6, 6], then any 8 neighbours
            capsules = capsules.permute(0, 4, 3, 1, 2).reshape(len(inputs), -1, d)
        if "squash" in self.mended:
            capsules = squash_vectors(capsules)
        return repeat(capsules, "b i d -> b i j d 1", j=self.config.n_classes)


class DigitCap(nn.Module):
    """Votes and three rounds of routing, down to the lengths.

    Shape:
        inputs [-1, 1152, 10, 8, 1] -> v [-1, 16, 10]
    """

    def __init__(self, config: CapsNetConfig, mended: frozenset[str]):
        super().__init__()
        i, j, d, e = (
            config.n_primary,
            config.n_classes,
            config.primary_dim,
            config.class_dim,
        )
        self.rounds, self.mended = config.n_iters, mended
        sd = start_sd(i, j) if "start" in mended else 0.05  # Keras's default
        self.wij = nn.Parameter(sd * torch.randn(1, i, j, e, d))

    def forward(self, inputs: Float[Tensor, "b i j d 1"]) -> Float[Tensor, "b e j"]:
        # The document: tf.matmul(wij, ui), [-1, 1152, 10, 16, 1], then squeezed and
        # transposed: a small product for each pair of each example, the same numbers.
        ui = inputs.squeeze(4)
        uhat = einsum(self.wij.squeeze(0), ui, "i j e d, b i j d -> b i e j")
        bij = torch.zeros_like(uhat)  # [-1, 1152, 16, 10]
        for _ in range(self.rounds):
            c = bij.softmax(dim=3)
            vij = self.squash((c * uhat).sum(dim=1))
            agreement = rearrange(vij, "b e j -> b 1 e j") * uhat
            if "logits" in self.mended:  # one for each pair, not for each number
                agreement = agreement.sum(dim=2, keepdim=True).expand_as(uhat)
            bij = bij + agreement
        return vij

    def squash(self, s: Float[Tensor, "b e j"]) -> Float[Tensor, "b e j"]:
        axis = 1 if "axis" in self.mended else 2
        l2 = torch.linalg.vector_norm(s, dim=axis, keepdim=True)
        return l2 * s / (1 + l2**2)


class TensorFlow2(Variant):
    """The whole network of the document: no decoder, and a softmax at the end."""

    document = Document(
        title="动态路由胶囊网络的tensorflow2实现",
        author="Conitx (CSDN)",
        date="none given",
    )
    repairs = {
        "reshape": Repair(
            "capsules",
            "a capsule is 8 neighbouring places of one channel",
            "a capsule is 8 channels at one place",
            "tf.transpose(capsules, [0, 4, 3, 1, 2])",
        ),
        "squash": Repair(
            "capsules",
            "primary capsules are not squashed",
            "they are",
            "return capsules (PrimCap.call)",
        ),
        "logits": Repair(
            "agreement",
            "a logit for each of the 16 numbers: every number is routed by itself",
            "a logit for each pair of capsules: the dot product",
            "bij += vIJ * uhat",
        ),
        "axis": Repair(
            "squash",
            "lengths are taken over the 10 classes",
            "lengths are taken over the 16 numbers of a capsule",
            "l2 = tf.norm(s, axis=2, keepdims=3)",
        ),
        "lengths": Repair(
            "lengths",
            "a softmax of the lengths: even a perfect answer gives 0.23 to its class",
            "the lengths themselves",
            "out = tf.nn.softmax(out, axis=1)",
        ),
        "start": Repair(
            "votes",
            "Keras's defaults: matrices with sd 0.05, kernels by Glorot",
            "matrices with sd 0.1 for the network of the paper, kernels as in PyTorch",
            "initializer=tf.random_normal_initializer()",
            outputs=False,
        ),
    }
    protocol = {"batch_size": 128, "epochs": 100, "max_shift": 0}

    def __init__(self, config: CapsNetConfig, repair: Iterable[str] = ()):
        super().__init__(config, repair)
        self.conv1 = Conv2D(convolutions(config)[0], keras="start" not in self.mended)
        self.prim_cap = PrimCap(config, self.mended)
        self.digit_cap = DigitCap(config, self.mended)

    def forward(
        self,
        images: Float[Tensor, "b c h w"],
        present: Bool[Tensor, "b j"] | None = None,
    ) -> CapsNetOutput:
        out = F.relu(self.conv1(rearrange(images, "b c h w -> b h w c")))
        vij = self.digit_cap(self.prim_cap(out))  # [-1, 16, 10]
        out = torch.linalg.vector_norm(vij, dim=1)  # [-1, 10]
        if "lengths" not in self.mended:
            out = out.softmax(dim=1)
        return CapsNetOutput(rearrange(vij, "b e j -> b j e"), out, None)

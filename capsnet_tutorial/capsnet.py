r"""CapsNet: convolution, primary capsules, class capsules, decoder.

Source: [S17] arXiv:1710.09829, Fig. 1 (network) and Fig. 2 (decoder).
Book: chapter 6 (book/06_capsnet.ipynb).

Axis key: b examples, c h w channels, height, width, j classes, e pose size above.
"""

import math
import operator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from capsnet_tutorial.layers import ClassCaps, Decoder, PrimaryCaps

KERNEL_SIZE = 9  # of both convolutions, without padding
PRIMARY_STRIDE = 2
ROUNDING = 1e-5  # how far resized pixels may lie outside [0, 1]


@dataclass(frozen=True)
class CapsNetConfig:
    """Sizes of a CapsNet; the defaults are those of [S17] for MNIST.

    Raises:
        TypeError: if a size is no whole number.
        ValueError: if a size is below 1, or the image too small for two convolutions.
    """

    image_shape: tuple[int, int, int] = (1, 28, 28)  # channels, height, width
    n_classes: int = 10
    conv_channels: int = 256  # feature maps of the first convolution
    primary_types: int = 32  # capsule types; each has one capsule per place
    primary_dim: int = 8  # numbers per primary capsule
    class_dim: int = 16  # numbers per class capsule
    n_iters: int = 3  # routing iterations
    decoder_hidden: tuple[int, ...] | None = (512, 1024)  # None: no decoder
    primary_scale: float = 1.0  # 1 / primary_types in the authors' code, not in [S17]
    class_bias: bool = False  # True in the authors' code, not in [S17]

    def __post_init__(self):
        for name, value in vars(self).items():
            no_decoder = name == "decoder_hidden" and value is None
            if name not in ("primary_scale", "class_bias") and not no_decoder:
                object.__setattr__(self, name, _whole(name, value))
        if (
            len(self.image_shape) != 3
            or min(self.image_shape[1:]) < 2 * KERNEL_SIZE - 1
        ):
            raise ValueError(
                f"CapsNetConfig: image_shape is {self.image_shape}; pass (channels, "
                f"height, width), at least {2 * KERNEL_SIZE - 1} pixels high and wide"
            )

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the map of primary capsules: (6, 6) on MNIST."""
        height, width = (size - 2 * (KERNEL_SIZE - 1) for size in self.image_shape[1:])
        return math.ceil(height / PRIMARY_STRIDE), math.ceil(width / PRIMARY_STRIDE)

    @property
    def n_primary(self) -> int:
        """Number of primary capsules, i: 32 * 6 * 6 = 1152 by default."""
        return self.primary_types * self.grid[0] * self.grid[1]


def _whole(name: str, value: Any) -> Any:
    """The same in whole numbers; lists, as JSON has them, become tuples."""
    several = isinstance(value, (tuple, list))
    try:
        sizes = tuple(map(operator.index, value if several else [value]))
    except TypeError:
        raise TypeError(
            f"CapsNetConfig: {name} is {value!r}; pass whole numbers"
        ) from None
    if min(sizes, default=1) < 1:
        raise ValueError(f"CapsNetConfig: {name} is {value}; pass 1 or more")
    return sizes if several else sizes[0]


PRESETS = {
    "paper": CapsNetConfig(),  # 8,215,568 parameters
    "small": CapsNetConfig(  # 1,981,200
        conv_channels=64, primary_types=16, decoder_hidden=(256, 512)
    ),
    "tiny": CapsNetConfig(  # 792,336: fits in a web page
        conv_channels=32, primary_types=8, decoder_hidden=(128, 256)
    ),
}


class CapsNetOutput(NamedTuple):
    """What a CapsNet says about a batch of images."""

    pose: Float[Tensor, "b j e"]  # how each class looks here
    lengths: Float[Tensor, "b j"]  # |pose|, in [0, 1): is the class here?
    reconstruction: Float[Tensor, "b c h w"] | None  # None without a decoder


class CapsNet(nn.Module):
    """The network of [S17]: 8,215,568 parameters, 6,804,224 of them before the decoder.

    Shape:
        images (b c h w), present (b j) or None -> CapsNetOutput

    The decoder sees the pose of the classes in `present`: in training, pass the true
    class.  Without `present` it sees the longest capsule, as at test time.

    Raises:
        TypeError: if images and weights differ in dtype, or `present` is not boolean.
        ValueError: if shapes do not fit the config, or pixels lie outside [0, 1].
            (`torch.compile` and its kind cannot branch on pixels: there they are not
            looked at.)

    >>> net = CapsNet(CapsNetConfig())
    >>> sum(p.numel() for p in net.parameters())
    8215568
    >>> net(torch.rand(2, 1, 28, 28)).lengths.shape
    torch.Size([2, 10])
    """

    def __init__(self, config: CapsNetConfig | None = None):
        super().__init__()
        self.config = config = config or CapsNetConfig()
        self.conv = nn.Conv2d(config.image_shape[0], config.conv_channels, KERNEL_SIZE)
        self.primary_caps = PrimaryCaps(
            config.conv_channels,
            config.primary_types,
            config.primary_dim,
            KERNEL_SIZE,
            PRIMARY_STRIDE,
            config.primary_scale,
        )
        self.class_caps = ClassCaps(
            config.n_primary,
            config.n_classes,
            config.primary_dim,
            config.class_dim,
            config.n_iters,
            config.class_bias,
        )
        self.decoder = None
        if config.decoder_hidden is not None:
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
        self._check(images, present)
        features = F.relu(self.conv(images))
        pose = self.class_caps(self.primary_caps(features))
        pose = pose.to(images.dtype)  # under bf16 autocast, measure lengths in float32
        lengths = torch.linalg.vector_norm(pose, dim=-1)
        if self.decoder is None:
            return CapsNetOutput(pose, lengths, None)
        if present is None:
            present = F.one_hot(lengths.argmax(dim=-1), self.config.n_classes).bool()
        return CapsNetOutput(pose, lengths, self.decoder(pose, present))

    def _check(self, images: Tensor, present: Tensor | None) -> None:
        if not isinstance(images, Tensor):
            raise TypeError(
                f"CapsNet: images are a {type(images).__name__}; pass a tensor, as "
                "torch.as_tensor makes one"
            )
        expected = self.config.image_shape
        if images.dtype != self.conv.weight.dtype:
            raise TypeError(
                f"CapsNet: images are {images.dtype}, the weights "
                f"{self.conv.weight.dtype}; pass the same dtype, with pixels from 0 "
                "to 1 (divide bytes by 255)"
            )
        if images.ndim != 4 or images.shape[1:] != expected:
            raise ValueError(
                f"CapsNet: images have shape {tuple(images.shape)}; pass (examples, "
                f"{', '.join(map(str, expected))}), or change the config's image_shape"
            )
        if present is not None and present.dtype != torch.bool:
            raise TypeError(
                f"CapsNet: present is {present.dtype}; pass True or False per class"
            )
        flags = (images.shape[0], self.config.n_classes)
        if present is not None and present.shape != flags:
            raise ValueError(
                f"CapsNet: present has shape {tuple(present.shape)}; "
                f"pass {flags}, one flag per class"
            )
        low, high = _pixel_range(images)
        if not (low >= -ROUNDING and high <= 1 + ROUNDING):
            raise ValueError(
                f"CapsNet: pixels run from {low:.7g} to {high:.7g}; pass pixels from "
                "0 to 1, not normalised: the decoder cannot draw others"
            )


def _pixel_range(images: Float[Tensor, "b c h w"]) -> tuple[float, float]:
    """Smallest and largest pixel; 0 and 1 where there are none to look at.

    A network that is compiled or exported, or runs under `torch.func.vmap`, on the meta
    device or on fake tensors has shapes only.
    """
    if not images.numel() or torch.compiler.is_compiling():
        return 0.0, 1.0
    try:
        low, high = images.aminmax()
        return low.item(), high.item()
    except RuntimeError:  # no values
        return 0.0, 1.0

"""Digits: the 5,000 that come with the package, and all of MNIST once it is installed.

Source: LeCun, Cortes & Burges, "The MNIST database of handwritten digits"; the shifts
of up to 2 pixels are those of [S17], arXiv:1710.09829, section 5.
Book: chapter 3 (first digits), chapter 6 (first training).

Axis key: b examples, c h w channels, height, width.
"""

import sys
from typing import Literal, get_args

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, Integer
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import TensorDataset

from capsnet_tutorial.mnist_files import (
    check,
    check_installed,
    data_folder,
    is_installed,
    shipped_file,
)

Split = Literal["train", "val", "trainval", "test"]
Source = Literal["auto", "full", "mini"]

MINI_SHA256 = "d2d0477762a118289a66e87c783b203022ccbba76c78bac450589903056bd40d"
N_VAL = 5_000  # the last 5,000 of MNIST's 60,000 training digits are held out


def load_mnist(split: Split = "train", source: Source = "auto") -> TensorDataset:
    """Handwritten digits: images (b 1 28 28), pixels in [0, 1], and integer labels (b).

    ==========  ======================  ========================
    split       full                    mini
    ==========  ======================  ========================
    "train"     55,000                  4,500, 450 of each class
    "val"       5,000, held out         500, 50 of each class
    "trainval"  60,000, both together   5,000, both together
    "test"      10,000                  none
    ==========  ======================  ========================

    Args:
        split: which digits.  Choose on "val"; touch "test" once, with the final model.
        source: "full", "mini", or "auto": full where it is installed, else mini with a
            line on stderr that says so.  No network is used; `capsnet data` installs.

    Raises:
        ValueError: if `split` or `source` is unknown, or mini is asked for "test".
        DataError: if files are missing or damaged.

    >>> images, labels = load_mnist("val", source="mini").tensors
    >>> images.shape, labels.bincount()
    (torch.Size([500, 1, 28, 28]), tensor([50, 50, 50, 50, 50, 50, 50, 50, 50, 50]))
    """
    for name, value, known in (("split", split, Split), ("source", source, Source)):
        if value not in get_args(known):
            choices = ", ".join(get_args(known))
            raise ValueError(f"load_mnist: {name} is {value!r}; pass one of {choices}")
    if source == "auto":
        source = "full" if is_installed() or split == "test" else "mini"
        if source == "mini":
            print(
                "MNIST is not installed (see `capsnet data`): using 5,000 mini digits",
                file=sys.stderr,
            )
    images, labels = _read_full(split) if source == "full" else _read_mini(split)
    images = rearrange(torch.as_tensor(images), "b h w -> b 1 h w").float() / 255
    return TensorDataset(images, torch.as_tensor(labels).long())


def _read_full(split: Split) -> tuple[Tensor, Tensor]:
    from torchvision.datasets import MNIST  # here, because it takes a second

    kind = "t10k" if split == "test" else "train"
    check_installed(f"{kind}-images-idx3-ubyte")
    check_installed(f"{kind}-labels-idx1-ubyte")
    digits = MNIST(data_folder(), train=split != "test")
    part = {"train": slice(-N_VAL), "val": slice(-N_VAL, None)}.get(split, slice(None))
    return digits.data[part], digits.targets[part]


def _read_mini(split: Split) -> tuple[np.ndarray, np.ndarray]:
    if split == "test":
        raise ValueError(
            "load_mnist: the mini digits have no test split (all are from MNIST's "
            'training set); pass split="val", or install MNIST with `capsnet data`'
        )
    path = shipped_file("mnist-mini.npz")
    check(path, MINI_SHA256, "install the package again")
    with np.load(path, allow_pickle=False) as arrays:
        parts = ("train", "val") if split == "trainval" else (split,)
        return tuple(
            np.concatenate([arrays[f"{part}_{what}"] for part in parts])
            for what in ("images", "labels")
        )


def shift_images(
    images: Float[Tensor, "b c h w"], shifts: Integer[Tensor, "2 b"]
) -> Float[Tensor, "b c h w"]:
    """Move every image by whole pixels, filling with 0.

    Args:
        images: any batch of images.
        shifts: how far each goes down (row 0) and to the right (row 1).

    >>> shift_images(torch.ones(1, 1, 2, 3), torch.tensor([[0], [1]]))
    tensor([[[[0., 1., 1.],
              [0., 1., 1.]]]])
    """
    b, _, h, w = images.shape
    margin = int(shifts.abs().max()) if shifts.numel() else 0
    padded = F.pad(images, (margin,) * 4)
    corner = (margin - shifts)[..., None, None]
    rows = corner[0] + torch.arange(h, device=images.device)[:, None]
    columns = corner[1] + torch.arange(w, device=images.device)
    examples = torch.arange(b, device=images.device)[:, None, None]
    return rearrange(padded[examples, :, rows, columns], "b h w c -> b c h w")


def random_shift(
    images: Float[Tensor, "b c h w"],
    max_shift: int = 2,
    generator: torch.Generator | None = None,
) -> Float[Tensor, "b c h w"]:
    """Move every image by its own random amount, filling with 0; for training only.

    Args:
        images: any batch of images.
        max_shift: at most so many whole pixels up or down, and left or right.
        generator: where the randomness comes from; torch's global one if None.

    Raises:
        ValueError: if `max_shift` is negative.

    >>> random_shift(torch.ones(1, 1, 2, 2), max_shift=0)
    tensor([[[[1., 1.],
              [1., 1.]]]])
    """
    if max_shift < 0:
        raise ValueError(
            f"random_shift: max_shift is {max_shift}; pass 0 or more pixels"
        )
    corner = torch.randint(
        2 * max_shift + 1, (2, len(images)), generator=generator, device=images.device
    )
    return shift_images(images, max_shift - corner)

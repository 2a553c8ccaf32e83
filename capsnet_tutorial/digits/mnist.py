"""Digits as tensors: the 5,000 that come with the package, and all of MNIST.

Source: LeCun, Cortes & Burges, "The MNIST database of handwritten digits".
Book: chapter 3 (first digits), chapter 6 (first training).

Axis key: b examples, h w height, width.
"""

import io
import sys
from typing import Literal, get_args

import numpy as np
import torch
from einops import rearrange
from torch.utils.data import TensorDataset

from capsnet_tutorial.digits.files import is_installed, read_installed
from capsnet_tutorial.records.files import read_checked, shipped_file

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
    images = rearrange(torch.tensor(images), "b h w -> b 1 h w").float() / 255
    return TensorDataset(images, torch.tensor(labels).long())


def _read_full(split: Split) -> tuple[np.ndarray, np.ndarray]:
    """From the very bytes whose SHA-256 was checked, not from a copy on disk."""
    kind = "t10k" if split == "test" else "train"
    pixels, labels = (
        np.frombuffer(read_installed(f"{kind}-{what}-ubyte"), np.uint8, offset=header)
        for what, header in (("images-idx3", 16), ("labels-idx1", 8))
    )
    images = rearrange(pixels, "(b h w) -> b h w", h=28, w=28)
    part = {"train": slice(-N_VAL), "val": slice(-N_VAL, None)}.get(split, slice(None))
    return images[part], labels[part]


def _read_mini(split: Split) -> tuple[np.ndarray, np.ndarray]:
    if split == "test":
        raise ValueError(
            "load_mnist: the mini digits have no test split (all are from MNIST's "
            'training set); pass split="val", or install MNIST with `capsnet data`'
        )
    path = shipped_file("mnist-mini.npz")
    content = read_checked(path, MINI_SHA256, "install the package again")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        parts = ("train", "val") if split == "trainval" else (split,)
        return tuple(
            np.concatenate([arrays[f"{part}_{what}"] for part in parts])
            for what in ("images", "labels")
        )

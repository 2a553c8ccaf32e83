"""Trained weights that come with the package.

Each is a safetensors file in data/weights with half-precision numbers, and a record
in data/results that says how it was made.  Names and sizes come from the table below,
never from a file, and a file is read only if its SHA-256 is the one written here.
Book: chapters 3 to 5 look inside `tiny`; chapter 9 asks `pairs`.
"""

from dataclasses import replace
from typing import NamedTuple

import safetensors.torch

from capsnet_tutorial.capsnet import PRESETS, CapsNet, CapsNetConfig
from capsnet_tutorial.overlaps import PairCapsNet
from capsnet_tutorial.records.files import read_checked, shipped_file


class Pretrained(NamedTuple):
    config: CapsNetConfig
    sha256: str  # of the weights file
    network: type[CapsNet] = CapsNet


PRETRAINED = {
    "paper": Pretrained(
        PRESETS["paper"],
        "480c2d39856d24f6b104bbff01c2a9306b938f6b19159a77d9ceafe3e700a6c4",
    ),
    "tiny": Pretrained(
        PRESETS["tiny"],
        "7a5f461787b8157aa49e88fe80529126ba9ae0c765af3f8575897a3eca6e0431",
    ),
    "pairs": Pretrained(  # two digits in one image: chapter 9
        replace(PRESETS["tiny"], image_shape=(1, 36, 36)),
        "ed8f8c83c141c33a88a0377d6d689ed3c10db6f47d22b6ce437f9af5f3ebc31b",
        PairCapsNet,
    ),
}


def load_pretrained(name: str) -> CapsNet:
    """A CapsNet with trained weights, in float32, ready to predict; works offline.

    Args:
        name: a name in `PRETRAINED`.

    Raises:
        ValueError: if the name is none of these.
        DataError: if the file is missing or damaged.

    >>> load_pretrained("tiny").config.n_primary  # 8 types * 6 * 6 places
    288
    """
    if name not in PRETRAINED:
        raise ValueError(
            f"load_pretrained: {name!r} is unknown; pass one of {list(PRETRAINED)}"
        )
    path = shipped_file(f"weights/{name}.safetensors")
    digest = PRETRAINED[name].sha256
    content = read_checked(path, digest, "install the package again")
    weights = safetensors.torch.load(content)
    model = PRETRAINED[name].network(PRETRAINED[name].config)
    model.load_state_dict({key: value.float() for key, value in weights.items()})
    return model.eval().requires_grad_(False)

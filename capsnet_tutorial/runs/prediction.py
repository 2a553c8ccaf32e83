"""What a trained network says about pictures: class, length, and what it draws.

Book: "Your own images".

Axis key: b pictures, j classes, c h w channels, height, width.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from capsnet_tutorial.images import prepare, read_picture
from capsnet_tutorial.overlaps import PAD, PairCapsNet
from capsnet_tutorial.pretrained import PRETRAINED, load_pretrained
from capsnet_tutorial.runs.evaluation import class_names, finished_record, load_run


@dataclass(frozen=True)
class Named:
    """A trained network, and what its capsules stand for."""

    model: nn.Module
    classes: tuple[str, ...]
    digits: bool  # it has learned from MNIST
    pairs: bool = False  # two digits in each image
    pad: int = 0  # pixels of 0 that it had around each image


@dataclass(frozen=True)
class Prediction:
    """About one picture.

    Attributes:
        source: its file.
        answer: the class with the longest capsule; of a pair, both: "3 and 5".
        lengths: of all, by the names of their classes.
        done: to the picture, before the network saw it.
    """

    source: str
    answers: tuple[str, ...]
    lengths: dict[str, float]
    done: list[str]
    image: Float[Tensor, "c h w"] = field(repr=False)
    reconstruction: Tensor | None = field(repr=False)  # (c h w); two for a pair

    @property
    def answer(self) -> str:
        return " and ".join(self.answers)

    @property
    def length(self) -> float:
        """Of the capsule that is the answer; the shorter one of a pair."""
        return min(self.lengths[name] for name in self.answers)

    def to_dict(self) -> dict[str, Any]:
        names = ("source", "answer", "length", "lengths", "done")
        return {name: getattr(self, name) for name in names}


def load_named(name: str | Path) -> Named:
    """A network that comes with the package, or that of a finished run.

    Args:
        name: a name in `PRETRAINED`, or the folder of a run.

    Raises:
        CheckpointError, DataError: as `load_run` does.
    """
    if str(name) in PRETRAINED and not Path(name).exists():
        model = load_pretrained(str(name))
        classes = tuple(str(j) for j in range(model.config.n_classes))
        pairs = isinstance(model, PairCapsNet)
        return Named(model, classes, True, pairs, PAD * pairs)
    model = load_run(name)
    record = finished_record(name)
    config, classes = record["config"], class_names(record)
    pairs, pad = config.get("pairs", False), config.get("pad", 0)
    return Named(model, classes, config["data"] != "own", pairs, pad)


@torch.no_grad()
def begin_with(model: nn.Module, name: str) -> dict[str, Any]:
    """Give a network the weights of a trained one, wherever names and shapes agree.

    Returns:
        The SHA-256 of the weights, and which of the model's tensors begin anew.

    Raises:
        ValueError: if not one tensor agrees.
        CheckpointError, DataError: as `load_run` does.
    """
    trained = load_named(name).model.state_dict()
    ours = model.state_dict()
    taken = {
        key: x
        for key, x in trained.items()
        if key in ours and ours[key].shape == x.shape
    }
    if not taken:
        raise ValueError(
            f"begin_with: no tensor of {name} has the name and shape of one here; pass "
            "a network of the same preset"
        )
    model.load_state_dict(taken, strict=False)
    digest = hashlib.sha256()
    for key in sorted(taken):
        digest.update(key.encode() + taken[key].numpy().tobytes())
    return {
        "sha256": digest.hexdigest(),
        "anew": [key for key in ours if key not in taken],
    }


@torch.no_grad()
def predict_files(
    network: Named, files: Sequence[str | Path], *, invert: bool | None = None
) -> list[Prediction]:
    """What the network says about each picture.

    Args:
        invert: turn bright and dark round; None: digits, if their border is bright.

    Raises:
        DataError: if a picture cannot be read.
    """
    shape = getattr(network.model, "config", None)
    shape = shape.image_shape if shape is not None else (1, 28, 28)
    found = []
    for file in files:
        image, done = prepare(
            read_picture(file),
            shape,
            digits=network.digits,
            pair=network.pairs,
            pad=network.pad,
            invert=invert,
        )
        output = network.model(image[None])
        lengths = [round(x, 4) for x in output.lengths[0].tolist()]
        longest = output.lengths[0].topk(1 + network.pairs).indices.sort().values
        drawn = output.reconstruction
        found.append(
            Prediction(
                source=str(file),
                answers=tuple(network.classes[j] for j in longest),
                lengths=dict(zip(network.classes, lengths, strict=True)),
                done=done,
                image=image,
                reconstruction=None if drawn is None else drawn[0],
            )
        )
    return found

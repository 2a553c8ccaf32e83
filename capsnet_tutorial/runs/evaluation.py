"""Count mistakes on the test digits: once, when nothing is left to choose.

Book: chapter 7 (book/07_training.ipynb).
"""

import json
from pathlib import Path
from typing import Any

import safetensors.torch
from torch import nn

from capsnet_tutorial.digits import load_mnist
from capsnet_tutorial.records.files import (
    DataError,
    read_checked,
    to_json,
    write_atomically,
)
from capsnet_tutorial.runs.checkpoints import CheckpointError
from capsnet_tutorial.runs.config import TrainConfig
from capsnet_tutorial.training import predict


def load_run(folder: str | Path) -> nn.Module:
    """The network of a finished run, with the weights as they were stored.

    Raises:
        CheckpointError: if the run is not finished.
        DataError: if the weights are damaged, or not finite.
    """
    folder = Path(folder)
    try:
        record = json.loads((folder / "record.json").read_bytes())
    except FileNotFoundError:
        raise CheckpointError(
            f"{folder} has no finished run; `capsnet train --folder {folder}` makes one"
        ) from None
    content = read_checked(
        folder / "weights.safetensors",
        record["weights"]["sha256"],
        "train again in another folder",
    )
    model = TrainConfig(**record["config"]).network()
    weights = safetensors.torch.load(content)
    if infinite := [name for name, x in weights.items() if not x.isfinite().all()]:
        raise DataError(
            f"{folder} has weights that are not finite, in {', '.join(infinite)}: the "
            "training diverged; train again, with a lower learning rate"
        )
    model.load_state_dict({key: x.float() for key, x in weights.items()})
    return model.eval().requires_grad_(False)


def evaluate(folder: str | Path) -> dict[str, Any]:
    """Errors of a finished run on the 10,000 test digits, or of a mini run on its 500.

    The answer is stored in the folder, with the SHA-256 of the weights, and read from
    there as long as they are the same.

    Raises:
        CheckpointError, DataError: as `load_run` and `load_mnist` do.
    """
    path = Path(folder) / "evaluation.json"
    model = load_run(folder)
    record = json.loads((Path(folder) / "record.json").read_bytes())
    config, weights = record["config"], record["weights"]["sha256"]
    if path.exists():
        known = json.loads(path.read_bytes())
        if known.get("weights") == weights:
            return known
    split = "test" if config["data"] == "full" else "val"
    images, labels = load_mnist(split, config["data"]).tensors
    wrong = (predict(model, images) != labels).nonzero().flatten().tolist()
    counted = {"split": split, "n": len(labels), "errors": len(wrong), "wrong": wrong}
    counted["weights"] = weights
    write_atomically(path, to_json(counted))
    return counted

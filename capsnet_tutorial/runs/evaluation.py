"""Count mistakes on the test digits: once, when nothing is left to choose.

Book: chapter 7 (book/07_training.ipynb).

Axis key: b examples, c h w channels, height, width.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional as F

from capsnet_tutorial import plots
from capsnet_tutorial.digits import load_mnist
from capsnet_tutorial.images import ImageSet, as_numbers
from capsnet_tutorial.overlaps import held_out_pairs, wrong_answers
from capsnet_tutorial.records.files import (
    DataError,
    read_checked,
    read_sealed,
    sealed,
    write_atomically,
)
from capsnet_tutorial.runs.checkpoints import CheckpointError
from capsnet_tutorial.runs.config import TrainConfig
from capsnet_tutorial.training import predict

MISTAKES = "mistakes.png"
N_WORST = 24  # four rows of six


def load_run(folder: str | Path) -> nn.Module:
    """The network of a finished run, with the weights as they were stored.

    Raises:
        CheckpointError: if the run is not finished.
        DataError: if record or weights cannot be read, are damaged, or not finite.
    """
    return _network(Path(folder), finished_record(folder))


def finished_record(folder: str | Path) -> dict[str, Any]:
    """The record of a finished run.

    Raises:
        CheckpointError: if the run is not finished.
        DataError: if the record cannot be read, or is damaged.
    """
    record = read_sealed(Path(folder) / "record.json")
    if record is None:
        raise CheckpointError(
            f"{folder} has no finished run; `capsnet train --folder {folder}` makes one"
        )
    return record


def _network(folder: Path, record: dict[str, Any]) -> nn.Module:
    remedy = "train again in another folder"
    digest = record["weights"]["sha256"]
    content = read_checked(folder / "weights.safetensors", digest, remedy)
    weights = safetensors.torch.load(content)
    if infinite := [name for name, x in weights.items() if not x.isfinite().all()]:
        raise DataError(
            f"{folder} has weights that are not finite, in {', '.join(infinite)}: the "
            "training diverged; train again, with a lower learning rate"
        )
    try:
        model = TrainConfig(**record["config"]).network()
        model.load_state_dict({key: x.float() for key, x in weights.items()})
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataError(
            f"{folder} holds a run of another version of the package ({error})"
        ) from error
    return model.eval().requires_grad_(False)


def evaluate(folder: str | Path, data: ImageSet | None = None) -> dict[str, Any]:
    """Errors of a finished run on digits, or images, that it has not learned from.

    The 10,000 test digits; the 500 of a mini run; 10,000 pairs of them, if it learned
    from pairs; of your own images those for the test, or else those held out.  The
    answer is stored in the folder, with the SHA-256 of the weights, and read from there
    as long as they are the same.  A picture of the worst mistakes, `mistakes.png`, lies
    beside it.

    Args:
        data: the images that the run learned from, if they were your own.

    Returns:
        split, n, errors, wrong (positions), and confusion: a row for each true class,
        in it how often each class was answered; None for pairs.

    Raises:
        ValueError: if `data` is missing, or is not what the run learned from.
        CheckpointError, DataError: as `load_run` and `load_mnist` do.
    """
    path = Path(folder) / "evaluation.json"
    record = finished_record(folder)
    model = _network(Path(folder), record)
    config, weights = record["config"], record["weights"]["sha256"]
    known = read_sealed(path)
    if known is not None and known["weights"] == weights:
        return known
    split, images, labels = _unseen(folder, config, data)
    confusion = None
    if labels.ndim == 1:
        answers = predict(model, images)
        wrong = answers != labels
        confusion = _confusion(labels, answers, config.get("n_classes", 10))
    else:
        wrong = wrong_answers(model, images, labels)
    wrong = wrong.nonzero().flatten().tolist()
    path.with_name(MISTAKES).unlink(missing_ok=True)  # of weights that were here before
    if wrong and confusion is not None:
        picture = _worst(model, images[wrong], labels[wrong], class_names(record))
        write_atomically(path.with_name(MISTAKES), picture)
    counted = {
        "split": split,
        "n": len(labels),
        "errors": len(wrong),
        "wrong": wrong,
        "confusion": confusion,
        "weights": weights,
    }
    write_atomically(path, sealed(counted))
    return counted


@torch.no_grad()
def _worst(
    model: nn.Module,
    images: Float[Tensor, "b c h w"],
    labels: Int64[Tensor, " b"],
    classes: Sequence[str],
) -> bytes:
    """Images named wrongly, with what they are and what they were taken for.

    Worst is where the answer is most ahead of the truth.
    """
    outputs = torch.cat([model(part).lengths for part in images.split(250)])
    longest, answers = outputs.max(dim=-1)
    ahead = longest - outputs.gather(1, labels[:, None])[:, 0]
    worst = ahead.argsort(descending=True)[:N_WORST]
    titles = [f"{classes[labels[k]]}: {classes[answers[k]]}?" for k in worst]
    return plots.png(plots.digits(images[worst], titles, columns=6, wrong=True))


def class_names(record: dict[str, Any]) -> tuple[str, ...]:
    """Of the classes that a run has learned, in the order of its capsules."""
    images = record["learned_from"].get("images")
    if images is not None:
        return tuple(one["name"] for one in images["classes"])
    return tuple(str(j) for j in range(record["config"].get("n_classes", 10)))


def _confusion(
    labels: Int64[Tensor, " b"], answers: Int64[Tensor, " b"], n_classes: int
) -> list[list[int]]:
    pairs = labels * n_classes + answers
    return pairs.bincount(minlength=n_classes**2).view(n_classes, n_classes).tolist()


def _unseen(
    folder: str | Path, config: dict[str, Any], data: ImageSet | None
) -> tuple[str, Tensor, Tensor]:
    """What the run has not learned from: name of the part, images, labels or flags."""
    if config["data"] != "own":
        split = "test" if config["data"] == "full" else "val"
        images, labels = load_mnist(split, config["data"]).tensors
        if config.get("pairs"):
            pairs = held_out_pairs(images, labels)
            return split, pairs.images, pairs.present
        return split, F.pad(images, (config.get("pad", 0),) * 4), labels
    if data is None or data.sha256 != config["data_sha256"]:
        what = "no data" if data is None else "other images"
        raise ValueError(
            f"evaluate: {folder} learned from images of your own, and {what} came; "
            "pass the same, read in the same way (--data, --image-size, --val-fraction)"
        )
    split = "test" if data.test is not None else "val"
    part = data.test if data.test is not None else data.val
    if part is None or (config["split"] == "trainval" and split == "val"):
        raise ValueError(
            f"evaluate: {folder} learned from all images; nothing is left to count on"
        )
    images = F.pad(as_numbers(part.pixels), (config.get("pad", 0),) * 4)
    return split, images, part.labels

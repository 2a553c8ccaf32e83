"""Checkpoints: one safetensors file each, with its SHA-256 in the name.

The weights and the optimizer's tensors are the file's tensors; the rest of the state is
JSON in its metadata.  A file is written under another name and renamed when the disk
has it.  What does not match its name is not loaded.
Book: chapter 7 (book/07_training.ipynb).
"""

import contextlib
import json
import math
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from capsnet_tutorial.records.files import sha256, write_atomically

KEEP = 2  # the newest, and one older in case the disk damages it
NAME = re.compile(r"step-\d{8}-epoch-\d{4}-([0-9a-f]{16})\.safetensors")


UNFIT = (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError)


class CheckpointError(RuntimeError):
    """A checkpoint cannot be written or read; the message says what to do."""


class Checkpoint(NamedTuple):
    model: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    state: dict[str, Any]


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint; then remove all but the newest `KEEP`.

    Args:
        folder: of all checkpoints of one run; other files in it are left alone.
        checkpoint: `state` has the progress, whose step and epochs are in the name.

    Raises:
        CheckpointError: if it cannot be written.  Older ones are then untouched.
    """
    tensors = {f"model/{name}": x for name, x in checkpoint.model.items()}
    tensors |= {f"optimizer/{name}": x for name, x in checkpoint.optimizer.items()}
    state = json.dumps(checkpoint.state, sort_keys=True)
    content = safetensors.torch.save(tensors, metadata={"state": state})
    step, epoch = (checkpoint.state["progress"][key] for key in ("step", "epochs"))
    name = f"step-{step:08}-epoch-{len(epoch):04}-{sha256(content)[:16]}.safetensors"
    path = folder / name
    try:
        write_atomically(path, content)
    except OSError as error:
        raise CheckpointError(
            f"cannot save {path} ({error.strerror}); older checkpoints are untouched: "
            "make room, or make the folder writable, and start the same command again"
        ) from error
    for old in newest_first(folder)[KEEP:]:
        with contextlib.suppress(OSError):
            old.unlink()


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """The newest whole checkpoint, or None if there is none.

    Says on stderr which damaged ones it passes over.

    Raises:
        CheckpointError: if one cannot be read, or all of them are damaged.
    """
    paths = newest_first(folder)
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CheckpointError(
                f"cannot read {path} ({error.strerror}); nothing was changed: make it "
                "readable, and start the same command again"
            ) from error
        if sha256(content)[:16] == NAME.fullmatch(path.name)[1]:
            try:
                return _parse(content)
            except (*UNFIT, SafetensorError) as error:
                raise CheckpointError(
                    f"{path} is whole, but not of this version of the package "
                    f"({error!r}); nothing was changed: go on with the version that "
                    "wrote it, or name another folder"
                ) from error
        print(f"passing over a damaged checkpoint: {path}", file=sys.stderr)
    if paths:
        raise CheckpointError(
            f"all {len(paths)} checkpoints in {folder} are damaged; nothing was "
            "changed: move them away to start again from the beginning"
        )
    return None


def _parse(content: bytes) -> Checkpoint:
    size = int.from_bytes(content[:8], "little")  # of the header, as safetensors has it
    metadata = json.loads(content[8 : 8 + size])["__metadata__"]
    parts: dict[str, dict[str, Tensor]] = {"model": {}, "optimizer": {}}
    for name, tensor in safetensors.torch.load(content).items():
        part, _, key = name.partition("/")
        parts[part][key] = tensor
    return Checkpoint(**parts, state=json.loads(metadata["state"]))


def newest_first(folder: Path) -> list[Path]:
    """Files of our checkpoints, whole or damaged.

    Raises:
        CheckpointError: if the folder is there and cannot be read.
    """
    try:
        paths = list(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CheckpointError(
            f"cannot read {folder} ({error.strerror}); nothing was changed: make it "
            "readable, and start the same command again"
        ) from error
    ours = [path for path in paths if NAME.fullmatch(path.name)]
    return sorted(ours, key=lambda path: path.name, reverse=True)


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Adam's tensors by name: parameter's number, then what it is ("3.exp_avg")."""
    return {
        f"{number}.{key}": value.detach().cpu().contiguous()
        for number, entry in optimizer.state_dict()["state"].items()
        for key, value in entry.items()
    }


def restore_optimizer(
    optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor], groups: list[dict]
) -> None:
    """Undo `optimizer_tensors`, in the memory format of each parameter.

    Raises:
        ValueError: if the groups are not those of this optimizer.
    """
    if _fixed(groups) != _fixed(optimizer.state_dict()["param_groups"]):
        raise ValueError(f"the settings of its optimizer are {_fixed(groups)}")
    scheduled = [x for group in groups for x in (group["lr"], *group["betas"])]
    if not all(isinstance(x, float) and math.isfinite(x) for x in scheduled):
        raise ValueError(f"its rate and betas are {scheduled}")
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        number, key = name.split(".")
        like = parameters[int(number)]
        if value.shape == like.shape:  # fused Adam reads memory, so strides must agree
            value = torch.empty_like(like).copy_(value)
        state.setdefault(int(number), {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def _fixed(groups: list[dict]) -> list[dict]:
    """What no schedule changes, as JSON has it."""
    kept = [{k: x for k, x in g.items() if k not in ("lr", "betas")} for g in groups]
    return json.loads(json.dumps(kept))


def model_tensors(model: nn.Module) -> dict[str, Tensor]:
    return {
        name: value.detach().cpu().contiguous()
        for name, value in model.state_dict().items()
    }

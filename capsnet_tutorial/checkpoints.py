"""Checkpoints: on disk they are whole, or they do not exist.

A checkpoint is a folder, named by step and finished epochs.  It holds the weights and
the optimizer's tensors (safetensors, never pickle), the rest of the state (JSON), and a
manifest with the SHA-256 of each file.  It is written under another name, flushed to
the disk, and renamed last.  What does not match its manifest is not loaded.
Book: chapter 7 (book/07_training.ipynb).
"""

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import safetensors.torch
import torch
from torch import Tensor, nn

from capsnet_tutorial.results import sha256, sync_folder, to_json, write_file

FORMAT = 1
FILES = ("model.safetensors", "optimizer.safetensors", "state.json")
KEEP = 2  # the newest, and one older in case the disk damages it


class CheckpointError(RuntimeError):
    """A checkpoint cannot be written or read; the message says what to do."""


class Checkpoint(NamedTuple):
    model: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    state: dict[str, Any]


def save_checkpoint(folder: Path, name: str, checkpoint: Checkpoint) -> None:
    """Write a checkpoint; then remove all but the newest `KEEP`.

    Args:
        folder: of all checkpoints of one run.
        name: sorts after the names of older ones.  Equal names, equal content.

    Raises:
        CheckpointError: if it cannot be written.  Older ones are then untouched.
    """
    contents = (
        safetensors.torch.save(checkpoint.model),
        safetensors.torch.save(checkpoint.optimizer),
        to_json(checkpoint.state),
    )
    files = dict(zip(FILES, contents, strict=True))
    files["manifest.json"] = _manifest(files)
    part, final = folder / f".part-{os.getpid()}", folder / name
    try:
        part.mkdir(parents=True)
        for file, content in files.items():  # the manifest last
            write_file(part / file, content)
        sync_folder(part)
        if final.exists():  # damaged, or the same
            _remove(final)
        part.replace(final)
        sync_folder(folder)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise CheckpointError(
            f"cannot save {final} ({error.strerror}); older checkpoints are untouched: "
            "make room, or make the folder writable, and start the same command again"
        ) from error
    for old in sorted(_names(folder))[:-KEEP]:
        _remove(folder / old)


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """The newest whole checkpoint, or None if there has never been one.

    Says on stderr which damaged ones it passes over.

    Raises:
        CheckpointError: if there are checkpoints, and all of them are damaged.
    """
    for remains in folder.glob(".*"):  # of a save that was killed
        shutil.rmtree(remains, ignore_errors=True)
    names = sorted(_names(folder), reverse=True)
    for name in names:
        try:
            return _read(folder / name)
        except CheckpointError as error:
            print(f"passing over a damaged checkpoint: {error}", file=sys.stderr)
    if names:
        raise CheckpointError(
            f"all {len(names)} checkpoints in {folder} are damaged; nothing was "
            "changed: remove this folder to start again from the beginning"
        )
    return None


def _read(path: Path) -> Checkpoint:
    try:
        files = {name: (path / name).read_bytes() for name in FILES}
        manifest = (path / "manifest.json").read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path} is not whole ({error})") from None
    if manifest != _manifest(files):
        raise CheckpointError(f"{path} does not match its manifest")
    model, optimizer, state = files.values()
    load = safetensors.torch.load
    return Checkpoint(load(model), load(optimizer), json.loads(state))


def _manifest(files: dict[str, bytes]) -> bytes:
    sums = {name: sha256(content) for name, content in files.items()}
    return to_json({"format": FORMAT, "files": sums})


def _names(folder: Path) -> Iterator[str]:
    if folder.is_dir():
        yield from (path.name for path in folder.iterdir() if path.name[0] != ".")


def _remove(path: Path) -> None:
    """Take a checkpoint away in one step, so that no half of it is ever found."""
    trash = path.with_name(f".trash-{path.name}")
    with contextlib.suppress(OSError):
        path.replace(trash)
        shutil.rmtree(trash)


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
    """Undo `optimizer_tensors`, in the memory format of each parameter."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        number, key = name.split(".")
        like = parameters[int(number)]
        if value.shape == like.shape:  # fused Adam reads memory, so strides must agree
            value = torch.empty_like(like).copy_(value)
        state.setdefault(int(number), {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def model_tensors(model: nn.Module) -> dict[str, Tensor]:
    return {
        name: value.detach().cpu().contiguous()
        for name, value in model.state_dict().items()
    }

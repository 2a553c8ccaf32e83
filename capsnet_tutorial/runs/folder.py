"""A run's folder, in which a config is trained to its end, however often interrupted.

    config.json            the complete config
    checkpoints/           the two newest
    log.jsonl              one line an epoch
    weights.safetensors    the result, in half precision
    reconstructions.png    a look at it
    record.json            what happened, written last: with it, the run is finished

Book: chapter 7 (book/07_training.ipynb).
"""

import contextlib
import json
import re
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import safetensors.torch
import torch

from capsnet_tutorial import plots
from capsnet_tutorial.images import as_numbers
from capsnet_tutorial.records.files import (
    read_json,
    read_sealed,
    remove_parts,
    sealed,
    sha256,
    to_json,
    write_atomically,
)
from capsnet_tutorial.records.provenance import SCHEMA, peak_memory_mb
from capsnet_tutorial.runs.checkpoints import (
    NAME,
    UNFIT,
    Checkpoint,
    CheckpointError,
    load_checkpoint,
    model_tensors,
    newest_first,
    optimizer_tensors,
    restore_optimizer,
    save_checkpoint,
)
from capsnet_tutorial.runs.config import TrainConfig
from capsnet_tutorial.runs.lock import one_writer
from capsnet_tutorial.runs.progress import Progress
from capsnet_tutorial.training import Diverged

if TYPE_CHECKING:
    from capsnet_tutorial.runs.job import Job

OURS = re.compile(
    r"config\.json|log\.jsonl|weights\.safetensors|reconstructions\.png|record\.json"
)


class RunFolder:
    """What is in the folder of a run, and how to go on.

    A file that cannot be read, or is damaged, raises DataError and is left as it is.

    Args:
        config: what is trained, and how.
        folder: where everything goes; made if it is not there.
        save_minutes: time between two checkpoints; there is one after each epoch, too.
    """

    def __init__(self, config: TrainConfig, folder: Path, save_minutes: float = 5.0):
        self.config, self.folder, self.save_minutes = config, folder, save_minutes
        self.checkpoints = folder / "checkpoints"
        self.progress = Progress()
        self._saved = self._timed = time.monotonic()

    def record(self) -> dict[str, Any] | None:
        """The record of the finished run, or None; it may be of fewer epochs."""
        return read_sealed(self.folder / "record.json")

    def is_finished(self) -> bool:
        """True if there is a record, and no more epochs are asked for.

        Raises:
            CheckpointError: if it is that of another config.
        """
        record = self.record()
        if record is None:
            return False
        return not self._compare(record["config"], self.folder)

    def writer(self) -> contextlib.AbstractContextManager:
        """Hold the folder, so that no other process writes in it."""
        return one_writer(self.folder)

    def open(self) -> None:
        """Write the config down, or see that the folder was made for this one.

        A folder in which no step was saved is free for another config.  A run goes on
        for more epochs if their learning rates do not depend on how many there are.

        Raises:
            CheckpointError: if it was made for another one, or cannot be written.
        """
        path = self.folder / "config.json"
        if newest_first(self.checkpoints) or self.record():
            theirs = read_json(path)
            if theirs is None:
                raise CheckpointError(
                    f"{path} is missing, and {self.folder} holds a run; name another "
                    "folder"
                )
            if not self._compare(theirs, self.folder):
                return
        try:
            write_atomically(path, to_json(asdict(self.config)))
        except OSError as error:
            raise CheckpointError(f"{path} cannot be used ({error})") from None

    def _compare(self, theirs: dict, where: Path) -> bool:
        """Refuse another config; what an older one does not name has its default.

        Returns:
            True if ours has more epochs, which is taken where each epoch is as it would
            be without those that follow.
        """
        ours, default = (
            json.loads(to_json(asdict(config)))
            for config in (self.config, TrainConfig())
        )
        theirs = default | theirs
        keys = sorted(ours | theirs)
        differ = [key for key in keys if ours.get(key) != theirs.get(key)]
        before = theirs["epochs"]
        fewer = type(before) is int and before < ours["epochs"]
        if differ == ["epochs"] and fewer:
            if self.config.schedule == "exponential":
                return True
            raise CheckpointError(
                f"{where} holds a run with a one-cycle schedule of {before} "
                "epochs, which ends with the last; to go on from its weights, begin a "
                f"new run with init {str(self.folder)!r}"
            )
        if differ:
            wanted = ", ".join(f"{key} {theirs.get(key)!r}" for key in differ)
            raise CheckpointError(
                f"{where} holds a run with {wanted}; pass the same to go on with it, "
                "or another folder to begin a new one"
            )
        return False

    def resume(self, job: "Job") -> None:
        """Go to where the newest whole checkpoint is, if there is one."""
        if job.is_main:
            remove_parts(self.folder, OURS)
            remove_parts(self.checkpoints, NAME)
        checkpoint = load_checkpoint(self.checkpoints)
        if checkpoint is not None:
            try:
                self._restore(job, checkpoint)
            except CheckpointError:  # a RuntimeError, too
                raise
            except UNFIT as error:
                raise CheckpointError(
                    f"the newest checkpoint in {self.checkpoints} is whole, but not of "
                    f"this version of the package ({error}); nothing was changed: go "
                    "on with the version that wrote it, or name another folder"
                ) from error
        start = {"from_step": self.progress.step, **job.provenance["code"]}
        self.progress.attempts.append(start)
        self._saved = self._timed = time.monotonic()

    def _restore(self, job: "Job", checkpoint: Checkpoint) -> None:
        state = checkpoint.state
        self._compare(state["config"], self.checkpoints)
        progress = Progress(**state["progress"])
        progress.check(self.config.epochs, job.n_steps)
        job.model.load_state_dict(checkpoint.model)
        restore_optimizer(job.optimizer, checkpoint.optimizer, state["groups"])
        self.progress = progress
        job.schedule.last_epoch = progress.step
        self._say_other_threads(state.get("threads"))

    def _say_other_threads(self, theirs: int | None) -> None:
        ours = torch.get_num_threads()
        if theirs not in (None, ours):
            print(
                f"{self.folder} was trained with {theirs} threads, and goes on with "
                f"{ours}: right, but not to the same last bits; those need "
                f"OMP_NUM_THREADS={theirs}",
                file=sys.stderr,
            )

    def is_time_to_save(self) -> bool:
        return time.monotonic() - self._saved >= 60 * self.save_minutes

    def _take_time(self) -> float:
        """Seconds of work in all attempts, up to now."""
        now = time.monotonic()
        self.progress.seconds += now - self._timed
        self._timed = now
        return round(self.progress.seconds, 1)

    def end_epoch(self, job: "Job", counted: dict[str, int]) -> None:
        """Close the epoch: mean losses, learning rate, errors, seconds so far."""
        lr = job.optimizer.param_groups[0]["lr"]
        self.progress.end_epoch(job.n, lr=lr, **counted, seconds=self._take_time())

    def save(self, job: "Job") -> None:
        """Write the log before the checkpoint, so the log is never behind it."""
        if not job.is_main:
            return
        self._take_time()
        progress = self.progress
        rows = "".join(json.dumps(row) + "\n" for row in progress.epochs)
        self._write("log.jsonl", rows.encode())
        state = {
            "config": asdict(self.config),
            "progress": asdict(progress),
            "groups": job.optimizer.state_dict()["param_groups"],
            "threads": torch.get_num_threads(),
        }
        tensors = model_tensors(job.model), optimizer_tensors(job.optimizer)
        save_checkpoint(self.checkpoints, Checkpoint(*tensors, state))
        self._saved = time.monotonic()

    def _write(self, name: str, content: bytes) -> None:
        try:
            write_atomically(self.folder / name, content)
        except OSError as error:
            raise CheckpointError(
                f"cannot write {self.folder / name} ({error.strerror}); make room, or "
                "make the folder writable, and start the same command again"
            ) from None

    def finish(self, job: "Job") -> None:
        """Write the weights in half precision, a picture, and last the record."""
        if job.is_main:
            model = job.model
            self._forget_shorter_run()
            halves = {key: x.half() for key, x in model_tensors(model).items()}
            self._refuse_infinite(halves)
            weights = safetensors.torch.save(halves)
            self._write("weights.safetensors", weights)
            if model.decoder is not None:
                self._write("reconstructions.png", self._picture(job))
            self._write("record.json", sealed(self._record(job, weights)))
        job.accelerator.wait_for_everyone()

    def _forget_shorter_run(self) -> None:
        """Its record does not belong to the weights that come; checkpoints stay."""
        try:
            (self.folder / "record.json").unlink(missing_ok=True)
        except OSError as error:
            raise CheckpointError(
                f"cannot remove {self.folder / 'record.json'} ({error.strerror}); make "
                "the folder writable, and start the same command again"
            ) from None

    def _refuse_infinite(self, weights: dict[str, torch.Tensor]) -> None:
        """Weights that are no numbers, or too large for half, finish no run."""
        if infinite := [name for name, x in weights.items() if not x.isfinite().all()]:
            raise Diverged(
                f"after the last step, {', '.join(infinite)} is not finite in half "
                "precision, in which weights are stored.  The checkpoints are there; "
                "start a new run with a lower learning rate or in float32"
            )

    def _picture(self, job: "Job") -> bytes:
        """Ten images above, what the network draws of them below."""
        images = as_numbers(job.to_look_at(10))
        with torch.no_grad():
            drawn = job.model(images).reconstruction
        channels = images.shape[1]  # of each drawing: a pair has two
        rows = torch.cat([images, *drawn.split(channels, dim=1)]).cpu()
        return plots.png(plots.digits(rows, columns=len(images)))

    def _record(self, job: "Job", weights: bytes) -> dict[str, Any]:
        progress = self.progress
        return {
            "schema": SCHEMA,
            "status": "finished",
            **job.provenance,
            "config": asdict(self.config),
            "network": asdict(job.model.config),
            "parameters": sum(p.numel() for p in job.model.parameters()),
            "learned_from": {
                "split": self.config.split,
                "n": job.n,
                **({} if job.data is None else {"images": job.data.about}),
            },
            "begun_with": job.begun_with,
            "epochs": progress.epochs,
            "steps": progress.step,
            "attempts": progress.attempts,
            "seconds": self._take_time(),
            "peak_memory_mb": peak_memory_mb(job.device),
            "weights": {"bytes": len(weights), "sha256": sha256(weights)},
        }

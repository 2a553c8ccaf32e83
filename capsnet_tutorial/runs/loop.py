"""`fit`: train a config to its end, on one device or on several, stopped and resumed.

    fit(TrainConfig(preset="small", data="mini", epochs=8), "runs/small")

Source: [S17] arXiv:1710.09829, section 5.
Book: chapter 7 (book/07_training.ipynb) shows `fit`.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from capsnet_tutorial.images import ImageSet
from capsnet_tutorial.runs.config import TrainConfig, draws_of
from capsnet_tutorial.runs.folder import RunFolder
from capsnet_tutorial.runs.signals import Stopped, StopRequest

if TYPE_CHECKING:
    from capsnet_tutorial.runs.job import Job


def fit(
    config: TrainConfig,
    folder: str | Path,
    *,
    cpu: bool = False,
    compile: bool = False,
    save_minutes: float = 5.0,
    max_minutes: float | None = None,
    quiet: bool = False,
    data: ImageSet | None = None,
) -> dict[str, Any]:
    """Train as the config says, in a folder, and return the record of the run.

    The same call again goes on from the newest checkpoint.  Once a run is finished, it
    returns the record and changes no byte; asked for more epochs, it goes on, as if
    they had been asked for from the start.  (A one-cycle schedule cannot: it says so.)

    Args:
        config: what to train, and how.
        folder: for all that the run writes.
        cpu: stay on the CPU; otherwise the fastest device here is taken.
        compile: make the network faster by torch.compile (on CPU, it needs a compiler).
        save_minutes: time between two checkpoints; there is one after each epoch, too.
        max_minutes: save and stop after so many minutes.
        quiet: no progress bar and no messages.
        data: your own images, from `load_images`, with a config from `own_config`.

    Raises:
        Stopped: after Ctrl-C, SIGTERM, SIGHUP or `max_minutes`.  The run is saved.
        Diverged: if the losses will not recover; the message says what to do.
        CheckpointError: if the folder holds another config or damaged checkpoints, is
            written by another process, or cannot be written.
        DataError: if digits are missing or damaged.
        ValueError: if config and data do not belong together, or minutes are below 0.
    """
    for name, minutes in (("save", save_minutes), ("max", max_minutes)):
        if minutes is not None and not minutes >= 0:  # not a number, too
            raise ValueError(f"fit: {name}_minutes is {minutes}; pass 0 or more")
    if data is not None and config.data_sha256 != data.sha256:
        raise ValueError(
            "fit: the config was made for other images; pass one from `own_config`"
        )
    run = RunFolder(config, Path(folder), save_minutes)
    if run.is_finished():
        run.open()  # refuses a config that is damaged, or another
        if not quiet:
            print(f"{folder} is finished already", file=sys.stderr)
        return run.record()
    from capsnet_tutorial.runs.job import Job  # here, because accelerate takes seconds

    job = Job(config, cpu, compile, data)  # first: a bad request writes nothing
    with run.writer():
        run.open()
        run.resume(job)
        with StopRequest(max_minutes) as stop, _bar(run, job, quiet) as bar:
            _train(run, job, stop, bar)
        run.finish(job)
    return run.record()


def _train(run: RunFolder, job: "Job", stop: StopRequest, bar: tqdm) -> None:
    """All steps that are left, in the order that the config gives."""
    config = run.config

    def stop_if_asked() -> None:
        if job.any_process(stop.exit_code is not None):
            run.save(job)
            raise Stopped(stop.exit_code or 0)

    for epoch in range(len(run.progress.epochs), config.epochs):
        draws = draws_of(config, epoch, job.labels)
        for position in range(run.progress.step - epoch * job.n_steps, job.n_steps):
            batch = draws.order[position * config.batch_size :][: config.batch_size]
            result = job.step(batch, draws)
            run.progress.add(result, len(batch))
            if not (config.variant or config.bug):  # those may stay dead
                run.progress.watch(result.margin, job.n_classes, 1 + config.pairs)
            bar.update(len(batch))
            bar.set_postfix(epoch=epoch + 1, loss=f"{result.total:.3f}")
            if run.is_time_to_save():
                run.save(job)
            stop_if_asked()
        run.end_epoch(job, job.validate(stop_if_asked))
        run.save(job)


def _bar(run: RunFolder, job: "Job", quiet: bool) -> tqdm:
    """Say what begins; then images seen, images a second, time left, epoch and loss."""
    hidden = quiet or not job.is_main
    if not hidden:
        print(job.describe(), file=sys.stderr)
        for note in job.data.notes if job.data else ():
            print(f"note: {note}", file=sys.stderr)
    total = run.config.epochs * job.n
    done = min(run.progress.step * run.config.batch_size, total)
    return tqdm(total=total, initial=done, unit=" images", disable=hidden)

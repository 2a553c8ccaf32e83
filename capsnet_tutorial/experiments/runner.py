"""Carry out a study: every run that is missing, several at a time.

Each run has a folder of its own, in which `fit` trains it; what was measured of it is
written beside its record, last.  So whatever kills the runner, the same call goes on.
"""

import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from capsnet_tutorial.experiments.measure import COUNT_ON, MEASURES
from capsnet_tutorial.experiments.study import Study, Trial
from capsnet_tutorial.records import read_sealed, sealed, write_atomically
from capsnet_tutorial.runs import Stopped, fit, load_run
from capsnet_tutorial.runs.evaluation import finished_record

MEASURED = "measured.json"


def run_study(
    study: Study,
    folder: str | Path,
    *,
    seeds: int | None = None,
    processes: int = 2,
    quiet: bool = False,
) -> None:
    """Train and measure all runs of a study that are missing in a folder.

    Args:
        seeds: how many, if not all.
        processes: runs at the same time, with one thread each on a CPU.
        quiet: no progress bar.

    Raises:
        ValueError: if `seeds` or `processes` is below 1.
        Whatever `fit` raises; other runs are then saved, and go on with the next call.
    """
    for name, value in (("seeds", seeds), ("processes", processes)):
        if value is not None and value < 1:
            raise ValueError(f"run_study: {name} is {value}; pass 1 or more")
    folder, trials = Path(folder), study.trials(seeds)
    missing = [trial for trial in trials if measured(folder, trial, study) is None]
    there = len(trials) - len(missing)
    if not quiet:
        print(f"{study.name}: {there} of {len(trials)} runs are there", file=sys.stderr)
    with tqdm(total=len(trials), initial=there, unit=" runs", disable=quiet) as bar:
        _in_processes([(study, trial, folder) for trial in missing], processes, bar)


def _in_processes(jobs: list[tuple], processes: int, bar: tqdm) -> None:
    """Carry out so many at a time; after a failure no new one begins.

    The workers hold one end of a pipe.  When the other end is gone, by an error or a
    death here, they save and end, too.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with ours, ProcessPoolExecutor(processes, context, _begin, (theirs,)) as pool:
        running = [pool.submit(_work, *job) for job in jobs]
        try:
            for future in as_completed(running):
                future.result()
                bar.update()
        except BaseException:
            ours.close()
            pool.shutdown(cancel_futures=True)
            raise


_parent_is_gone = threading.Event()  # in a worker


def _begin(parent: Connection) -> None:
    torch.set_num_threads(1)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Connection) -> None:
    wait([parent])
    _parent_is_gone.set()
    os.kill(os.getpid(), signal.SIGTERM)  # `fit` saves


def _work(study: Study, trial: Trial, folder: Path) -> None:
    try:
        carry_out(study, trial, folder)
    except Stopped as stop:
        if _parent_is_gone.is_set():
            os._exit(stop.exit_code)  # else a worker takes the next run from its queue
        raise


def carry_out(study: Study, trial: Trial, folder: Path) -> None:
    """One run: train it to its end, and measure it, on a GPU if there is one."""
    place = folder / trial.folder
    fit(trial.config, place, quiet=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    net = load_run(place).to(device)
    digits = tuple(x.to(device) for x in COUNT_ON[study.count_on]())
    found = {name: MEASURES[name](net, trial.config, digits) for name in study.measures}
    weights = finished_record(place)["weights"]["sha256"]
    content = {"weights": weights, "count_on": study.count_on, "measured": found}
    write_atomically(place / MEASURED, sealed(content))


def measured(folder: Path, trial: Trial, study: Study) -> dict[str, Any] | None:
    """What was measured of a run, or None if something is missing."""
    content = read_sealed(folder / trial.folder / MEASURED)
    if content is None:
        return None
    if content["count_on"] != study.count_on:
        return None
    return content if content["measured"].keys() >= set(study.measures) else None

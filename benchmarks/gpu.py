"""How fast, how large and how exact the network trains on one GPU; four records.

    python benchmarks/gpu.py epoch      seconds for an epoch of 60,000, peak memory
    python benchmarks/gpu.py profile    which kernels take the time of a step
    python benchmarks/gpu.py accuracy   seconds until 1 % and 0.5 % of 5,000 are wrong
    python benchmarks/gpu.py table      iterations and reconstruction: the paper's table

`benchmarks/gpu.sh` runs all four, in less than ten minutes.  Records go to
data/results/gpu-*.json.  No test digit is used.
"""

import argparse
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from gpu_step import DEVICE, ON_GPU, Stepper, now

from capsnet_tutorial import load_mnist, records
from capsnet_tutorial.overlaps import wrong_answers
from capsnet_tutorial.runs import TrainConfig

FOLDER = Path(__file__).parents[1] / "data" / "results"
ARMS = {  # iterations, weight of the reconstruction
    "r = 3, no reconstruction": (3, 0.0),
    "r = 3, reconstruction": (3, 0.0005),
    "r = 3, 20x": (3, 0.01),  # as in the authors' code
    "r = 1, no reconstruction": (1, 0.0),
    "r = 1, reconstruction": (1, 0.0005),
}
LEARNED = 0.5  # of the first epoch's loss, at most, in the last one
Save = Callable[[dict[str, Any]], None]


def digits(split: str, config: TrainConfig) -> tuple[torch.Tensor, torch.Tensor]:
    """Images and labels, on the GPU."""
    return tuple(x.to(DEVICE) for x in load_mnist(split, config.data).tensors)


def epoch(config: TrainConfig, save: Save) -> None:
    """Seconds for each of `config.epochs` epochs, shuffled and shifted on the GPU.

    Raises:
        ValueError: for one epoch: from the second one sees whether it learns.
        RuntimeError: if nothing was learned: seconds of a dead network are worth none.
    """
    if config.epochs < 2:
        raise ValueError(f"epoch: epochs is {config.epochs}; pass 2 or more")
    images, labels = digits("trainval", config)
    start = now()
    stepper = Stepper(config)
    times = [now()]
    losses = stepper.train(images, labels, config.seed, lambda: times.append(now()))
    if losses[-1] > LEARNED * losses[0]:
        raise RuntimeError(f"the losses hardly fell, {losses}: nothing was learned")
    save({
        "images": len(labels),
        "compile_seconds": times[0] - start,
        "epoch_seconds": [b - a for a, b in pairwise(times)],
        "losses": losses,
        "cuda_graph": ON_GPU,
        "peak_memory_mb": records.peak_memory_mb(DEVICE),
    })  # fmt: skip


def profile(config: TrainConfig, save: Save) -> None:
    """Share of the time of each kernel, over 20 steps that are not a CUDA graph."""
    stepper = Stepper(config)
    activities = [torch.profiler.ProfilerActivity.CPU]
    activities += [torch.profiler.ProfilerActivity.CUDA] if ON_GPU else []
    with torch.profiler.profile(activities=activities) as profiler:
        for _ in range(20):
            stepper._step()
        now()
    key = "self_device_time_total" if ON_GPU else "self_cpu_time_total"
    kernel = torch.autograd.DeviceType.CUDA if ON_GPU else torch.autograd.DeviceType.CPU
    events = [x for x in profiler.key_averages() if x.device_type == kernel]
    events.sort(key=lambda x: -getattr(x, key))
    total = sum(getattr(x, key) for x in events)
    shares = {x.key[:80]: round(getattr(x, key) / total, 4) for x in events[:15]}
    save({"milliseconds_per_step": total / 20 / 1000, "shares": shares})


def accuracy(config: TrainConfig, save: Save) -> None:
    """Seconds of training until so few of the digits held out are wrong."""
    (images, labels), val = digits("train", config), digits("val", config)
    stepper, epochs = Stepper(config), []
    start, counting = now(), 0.0

    def count() -> None:
        nonlocal counting
        seconds = now() - start - counting
        errors = int(wrong_answers(stepper.net, *val).sum())
        epochs.append({"seconds": seconds, "val_errors": errors, "val_n": len(val[1])})
        counting = now() - start - seconds

    stepper.train(images, labels, config.seed, count)
    save({**reached(epochs), "epochs": epochs})


def reached(epochs: list[dict[str, Any]]) -> dict[str, float | None]:
    """Seconds at the end of the first epoch that is good enough, else None."""
    return {
        f"seconds_to_{share:.1%}": next(
            (x["seconds"] for x in epochs if x["val_errors"] <= share * x["val_n"]),
            None,
        )
        for share in (0.01, 0.005)
    }


def table(config: TrainConfig, save: Save, seeds: int, seconds: float) -> None:
    """The paper's table: learned from every other digit, counted on those between.

    Fixed before the first run.  All arms of a seed begin with the same weights and see
    the same images.  Half of the digits to count on tells more than half to learn from
    would: counts of 150 of 30,000 are known better than counts of 25 of 5,000.

    Args:
        seeds: how many at most.
        seconds: no new seed begins that would not end within them.
    """
    start = time.monotonic()
    images, labels = digits("trainval", config)
    learned, counted = (images[::2], labels[::2]), (images[1::2], labels[1::2])
    steppers: dict[int, Stepper] = {}
    runs: list[dict[str, Any]] = []
    begun = time.monotonic()
    for seed in range(seeds):
        for arm, (n_iters, weight) in ARMS.items():
            if n_iters not in steppers:
                changed = {**vars(config), "n_iters": n_iters}
                steppers[n_iters] = Stepper(TrainConfig(**changed))
            stepper = steppers[n_iters]
            stepper.restart(seed, weight)
            before = now()
            losses = stepper.train(*learned, seed)
            seconds_used = now() - before
            wrong = wrong_answers(stepper.net, *counted).nonzero().flatten().tolist()
            result = {"n": len(counted[1]), "errors": len(wrong), "wrong": wrong}
            runs.append({"arm": arm, "seed": seed, "seconds": seconds_used,
                         "losses": losses, "errors": result})  # fmt: skip
            print(f"{arm}, seed {seed}: {len(wrong)} wrong, {seconds_used:.1f} s")
            save({"arms": ARMS, "runs": runs})
        one_more = (time.monotonic() - begun) / (seed + 1)
        if time.monotonic() - start + one_more > seconds:
            break


PARTS = {part.__name__: part for part in (epoch, profile, accuracy, table)}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=list(PARTS))
    parser.add_argument("--preset", default="paper")
    parser.add_argument("--data", choices=("full", "mini"), default="full")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=5, help="of the table, at most")
    parser.add_argument("--seconds", type=float, default=250.0, help="for the table")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)
    config = TrainConfig(
        preset=options.preset,
        data=options.data,
        epochs=options.epochs,
        lr=0.002,  # as the `paper` weights were trained
        schedule="one-cycle",
        precision="bfloat16",
    )
    path = options.folder / f"gpu-{options.part}.json"
    where = {**records.provenance(DEVICE), "config": vars(config)}

    def save(found: dict[str, Any]) -> None:
        record = {"schema": records.SCHEMA, **where, **found}
        records.write_atomically(path, records.to_json(record))

    more = (options.seeds, options.seconds) if options.part == "table" else ()
    PARTS[options.part](config, save, *more)
    print(f"record: {path}")


if __name__ == "__main__":
    main()

"""How fast, how large and how exact the network trains on one GPU; four records.

    python benchmarks/gpu.py epoch      seconds for an epoch of 60,000, peak memory
    python benchmarks/gpu.py profile    which kernels take the time of a step
    python benchmarks/gpu.py accuracy   seconds until 1 % and 0.5 % of 5,000 are wrong
    python benchmarks/gpu.py pilot      reconstruction weight 0.0005 and 0.01, 3 seeds

`benchmarks/gpu.sh` runs all four, in less than ten minutes.  It has NOT BEEN RUN ON A
GPU YET: its tests run it on a CPU with a very small network, without the CUDA graph.
Records go to data/results/gpu-*.json.  No test digit is used.
"""

import argparse
import dataclasses
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from gpu_step import DEVICE, ON_GPU, Stepper, now

from capsnet_tutorial import load_mnist, records
from capsnet_tutorial.digits import shift_images
from capsnet_tutorial.runs import TrainConfig, fit
from capsnet_tutorial.runs.config import order_of, shifts_of

FOLDER = Path(__file__).parents[1] / "data" / "results"
PILOT_WEIGHTS = 0.0005, 0.01  # of the paper, and of the authors' code
PILOT_SECONDS = 240  # no new seed after so many


def epoch(config: TrainConfig) -> dict[str, Any]:
    """Seconds for each of `config.epochs` epochs, shuffled and shifted on the GPU."""
    images, labels = (x.to(DEVICE) for x in load_mnist("trainval", config.data).tensors)
    start = now()
    stepper = Stepper(config)
    made, seconds, losses = now() - start, [], []
    for number in range(config.epochs):
        order = order_of(config, number, len(labels)).to(DEVICE)
        shifts = shifts_of(config, number, len(labels)).to(DEVICE)
        start = now()
        moved = shift_images(images[order], shifts)
        losses.append(stepper.epoch(moved, labels[order]).item())
        seconds.append(now() - start)
    return {
        "images": len(labels),
        "compile_seconds": made,
        "epoch_seconds": seconds,
        "losses": losses,
        "cuda_graph": ON_GPU,
        "peak_memory_mb": records.peak_memory_mb(DEVICE),
    }


def profile(config: TrainConfig) -> dict[str, Any]:
    """Share of the time of each kernel, over 20 steps that are not a CUDA graph."""
    stepper = Stepper(config)
    activities = [torch.profiler.ProfilerActivity.CPU]
    activities += [torch.profiler.ProfilerActivity.CUDA] if ON_GPU else []
    with torch.profiler.profile(activities=activities) as profiler:
        for _ in range(20):
            stepper._step()
        now()
    key = "self_device_time_total" if ON_GPU else "self_cpu_time_total"
    events = sorted(profiler.key_averages(), key=lambda x: -getattr(x, key))
    total = sum(getattr(x, key) for x in events)
    shares = {x.key[:80]: round(getattr(x, key) / total, 4) for x in events[:15]}
    return {"milliseconds_per_step": total / 20 / 1000, "shares": shares}


def train(config: TrainConfig) -> list[dict[str, Any]]:
    """A run by `fit`, in a folder that is thrown away; what it says of each epoch."""
    with tempfile.TemporaryDirectory() as folder:
        return fit(config, folder, compile=ON_GPU, quiet=True)["epochs"]


def accuracy(config: TrainConfig) -> dict[str, Any]:
    """Seconds of training until so few of the digits held out are wrong."""
    epochs = train(config)
    reached = {
        f"seconds_to_{share:.1%}": next(
            (x["seconds"] for x in epochs if x["val_errors"] <= share * x["val_n"]),
            None,
        )
        for share in (0.01, 0.005)
    }
    return {**reached, "epochs": epochs}


def pilot(config: TrainConfig) -> dict[str, Any]:
    """Errors on the digits held out, for each weight and seed, after the last epoch."""
    runs, start = [], time.monotonic()
    for seed in range(3):
        for weight in PILOT_WEIGHTS:
            changed = {"seed": seed, "reconstruction_weight": weight}
            last = train(dataclasses.replace(config, **changed))[-1]
            runs.append({**changed, **last})
        used = time.monotonic() - start
        if used * (seed + 2) / (seed + 1) > PILOT_SECONDS:
            break
    return {"runs": runs, "seeds_that_fitted": seed + 1}


PARTS = {part.__name__: part for part in (epoch, profile, accuracy, pilot)}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=list(PARTS))
    parser.add_argument("--preset", default="paper")
    parser.add_argument("--data", choices=("full", "mini"), default="full")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)
    config = TrainConfig(
        preset=options.preset,
        data=options.data,
        epochs=options.epochs,
        lr=0.003 if options.part in ("accuracy", "pilot") else 0.001,
        schedule="one-cycle",
        precision="bfloat16",
    )
    found = PARTS[options.part](config)
    where = records.provenance(DEVICE)
    record = {"schema": records.SCHEMA, **where, "config": vars(config), **found}
    path = options.folder / f"gpu-{options.part}.json"
    records.write_atomically(path, records.to_json(record))
    shown = {k: v for k, v in found.items() if k not in ("epochs", "runs", "losses")}
    print(f"{options.part}: {shown}\nrecord: {path}")


if __name__ == "__main__":
    main()

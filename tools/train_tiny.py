"""Train the weights `tiny` and write them with their record.

    python tools/train_tiny.py             learn from 60,000, count errors on 10,000
    python tools/train_tiny.py --validate  learn from 55,000, count errors on 5,000

The recipe was fixed before the first run and nothing was chosen with test digits:
24 epochs of Adam with a one-cycle learning rate, shifts of up to 2 pixels, the paper's
loss.  Needs the full MNIST (`capsnet data`).
"""

import argparse
import hashlib
import json
import os
import platform
import resource
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import safetensors.torch
import torch

from capsnet_tutorial import CapsNet, load_mnist, predict, random_shift, train_step
from capsnet_tutorial.pretrained import PRETRAINED

DATA = Path(__file__).parents[1] / "data"
EPOCHS, BATCH, MAX_LR, SEED = 24, 128, 0.003, 0
RECIPE = {
    "epochs": EPOCHS,
    "batch": BATCH,
    "max_lr": MAX_LR,
    "schedule": "one-cycle",
    "shift": 2,
    "reconstruction_weight": 0.0005,
    "precision": "bfloat16 autocast",
}


def git(*arguments: str) -> str:
    return subprocess.check_output(["git", *arguments], text=True).strip()


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(content)
    os.replace(part, path)


def train(model: CapsNet, images: torch.Tensor, labels: torch.Tensor) -> list[dict]:
    """Return one row of mean losses per epoch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=MAX_LR)
    batches_per_epoch = -(-len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, MAX_LR, total_steps=EPOCHS * batches_per_epoch
    )
    history, start = [], time.perf_counter()
    for epoch in range(1, EPOCHS + 1):
        results = []
        for batch in torch.randperm(len(images)).split(BATCH):
            shifted = random_shift(images[batch])
            with torch.autocast("cpu", torch.bfloat16):
                results.append(train_step(model, optimizer, shifted, labels[batch]))
            schedule.step()
        total, margin, reconstruction = torch.tensor(results).mean(dim=0).tolist()
        seconds = time.perf_counter() - start
        row = {
            "epoch": epoch,
            "total": total,
            "margin": margin,
            "reconstruction": reconstruction,
        }
        history.append({key: round(value, 5) for key, value in row.items()})
        print(
            *(f"{key} {value}" for key, value in history[-1].items()),
            f"{seconds:.0f} s",
            flush=True,
        )
    return history


def mistakes(model: CapsNet, split: str) -> dict:
    """Which digits of a split the model gets wrong."""
    images, labels = load_mnist(split, "full").tensors
    wrong = (predict(model, images) != labels).nonzero().flatten().tolist()
    return {"split": split, "n": len(labels), "errors": len(wrong), "wrong": wrong}


def circumstances(threads: int) -> dict:
    """What a record says about where and from what it was made."""
    return {
        "command": ["python", *sys.argv],
        "commit": git("rev-parse", "HEAD"),
        "dirty": bool(git("status", "--porcelain")),
        "device": {"processor": platform.machine(), "threads": threads},
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--validate", action="store_true", help="hold out 5,000 digits")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    learn, count = ("train", "val") if options.validate else ("trainval", "test")

    torch.manual_seed(SEED)
    torch.set_num_threads(options.threads)
    start, where = time.perf_counter(), circumstances(options.threads)
    model = CapsNet(PRETRAINED["tiny"].config).to(memory_format=torch.channels_last)
    images, labels = load_mnist(learn, "full").tensors
    history = train(model, images, labels)

    halves = {key: x.half().contiguous() for key, x in model.state_dict().items()}
    model.load_state_dict({key: x.float() for key, x in halves.items()})
    record = {
        "name": "tiny-val" if options.validate else "tiny",
        **where,
        "config": asdict(model.config),
        "recipe": RECIPE,
        "seed": SEED,
        "seconds": round(time.perf_counter() - start),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "epochs": history,
        "learned_from": {"split": learn, "n": len(labels)},
        "counted_on": mistakes(model, count),
    }
    if not options.validate:
        weights = safetensors.torch.save(halves)
        record["weights"] = {
            "file": "data/weights/tiny.safetensors",
            "bytes": len(weights),
            "sha256": hashlib.sha256(weights).hexdigest(),
        }
        write(DATA / "weights" / "tiny.safetensors", weights)
    text = json.dumps(record, indent=1) + "\n"
    write(DATA / "results" / f"{record['name']}.json", text.encode())
    print("{errors} errors in {n}".format(**record["counted_on"]))


if __name__ == "__main__":
    main()

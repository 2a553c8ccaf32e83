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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--validate", action="store_true", help="hold out 5,000 training digits"
    )
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    learn, count = ("train", "val") if options.validate else ("trainval", "test")

    torch.manual_seed(SEED)
    torch.set_num_threads(options.threads)
    start = time.perf_counter()
    commit, dirty = git("rev-parse", "HEAD"), bool(git("status", "--porcelain"))
    model = CapsNet(PRETRAINED["tiny"].config).to(memory_format=torch.channels_last)
    history = train(model, *load_mnist(learn, "full").tensors)

    halves = {
        key: value.half().contiguous() for key, value in model.state_dict().items()
    }
    model.load_state_dict({key: value.float() for key, value in halves.items()})
    images, labels = load_mnist(count, "full").tensors
    wrong = (predict(model, images) != labels).nonzero().flatten().tolist()
    weights = safetensors.torch.save(halves)
    record = {
        "name": "tiny-val" if options.validate else "tiny",
        "command": ["python", *sys.argv],
        "config": asdict(model.config),
        "recipe": {
            "epochs": EPOCHS,
            "batch": BATCH,
            "max_lr": MAX_LR,
            "schedule": "one-cycle",
            "shift": 2,
            "reconstruction_weight": 0.0005,
            "precision": "bfloat16 autocast",
        },
        "seed": SEED,
        "commit": commit,
        "dirty": dirty,
        "device": {"processor": platform.machine(), "threads": options.threads},
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "seconds": round(time.perf_counter() - start),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "epochs": history,
        "learned_from": {"split": learn, "n": len(load_mnist(learn, "full"))},
        "counted_on": {
            "split": count,
            "n": len(labels),
            "errors": len(wrong),
            "wrong": wrong,
        },
    }
    if not options.validate:
        record["weights"] = {
            "file": "data/weights/tiny.safetensors",
            "bytes": len(weights),
            "sha256": hashlib.sha256(weights).hexdigest(),
        }
        write(DATA / "weights" / "tiny.safetensors", weights)
    write(
        DATA / "results" / f"{record['name']}.json",
        (json.dumps(record, indent=1) + "\n").encode(),
    )
    print(f"{len(wrong)} errors in {len(labels)}")


if __name__ == "__main__":
    main()

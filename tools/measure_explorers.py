"""Measure what the explorers say about trained weights, and choose their digits.

    python tools/measure_explorers.py tiny

Writes data/results/explorers-tiny.json, with numbers about MNIST's 10,000 test digits,
on which nothing is chosen; and capsnet_tutorial/explorers/stored.js, with what is
chosen, from MNIST's training digits only.  `tiny` has learned from all of those.
Needs the full MNIST (`capsnet data`).
"""

import argparse
import base64
import json
import time
from pathlib import Path

import torch
from explorer_tables import (
    in_corners,
    lengths_of,
    paired,
    routed,
    scaled,
    turn,
    turned,
)
from measure_encoding import plain, to_json
from torch import Tensor

from capsnet_tutorial import CapsNet, load_mnist, load_pretrained
from capsnet_tutorial.pretrained import PRETRAINED
from capsnet_tutorial.results import circumstances, peak_memory_mb, write_atomically

ROOT = Path(__file__).parents[1]
STORED = ROOT / "capsnet_tutorial" / "explorers" / "stored.js"
SEED, PER_CLASS, STEP = 0, 2, 5
HEAD = """// Digits and poses for the first views; made by tools/measure_explorers.py.
//
// digits: the first two of each class among the 500 held-out mini digits, in the order
// of the file.  nearlyNine: of the 4s among MNIST's 5,000 held-out training digits whose
// two longest capsules are 4 and 9, the one with the smallest gap between them.
// poses: mean and standard deviation of each class's capsule over the 4,500 mini digits
// that are not held out.  `tiny` has learned from all of these digits.
// A digit is its box of ink: bytes, rows from the top, base64; see `unpackDigit`.

"""


def boxed(image: Tensor, label: int, index: int) -> dict:
    """The part of an image (h w) that has ink, small enough for a page."""
    pixels = (image * 255).round().byte()
    rows, columns = (pixels.any(dim).nonzero().flatten() for dim in (1, 0))
    (top, bottom), (left, right) = rows[[0, -1]].tolist(), columns[[0, -1]].tolist()
    box = pixels[top : bottom + 1, left : right + 1]
    return {
        "label": label,
        "index": index,
        "top": top,
        "left": left,
        "width": right - left + 1,
        "pixels": base64.b64encode(bytes(box.flatten().tolist())).decode(),
    }


def presets() -> tuple[Tensor, Tensor, list[int]]:
    """Two digits of each class, not chosen by looking at them."""
    images, labels = load_mnist("val", "mini").tensors
    picked = [(labels == c).nonzero()[:PER_CLASS].flatten() for c in range(10)]
    index = torch.cat(picked)
    return images[index], labels[index], index.tolist()


def nearly_nine(model: CapsNet) -> tuple[dict, dict]:
    """The digit for the page, and what the record says about it."""
    images, labels = load_mnist("val", "full").tensors
    longest = lengths_of(model, images).topk(2)
    pair = longest.indices.sort().values == torch.tensor([4, 9])
    gap = longest.values[:, 0] - longest.values[:, 1]
    gap[~(pair.all(dim=1) & (labels == 4))] = torch.inf
    n = int(gap.argmin())
    lengths = lengths_of(model, images[n : n + 1])[0]
    told = {"digit": n, "lengths": {"4": lengths[4], "9": lengths[9]}}
    return boxed(images[n, 0], 4, n), told | {"candidates": gap.isfinite().sum()}


def pose_spread(model: CapsNet) -> dict:
    """Mean and sd (10 16) of the capsule of each class, for digits of that class."""
    images, labels = load_mnist("train", "mini").tensors
    pose = torch.cat([model(batch).pose for batch in images.split(250)])
    own = [pose[labels == c, c] for c in range(10)]
    return {
        "mean": torch.stack([p.mean(dim=0) for p in own]),
        "sd": torch.stack([p.std(dim=0) for p in own]),
    }


def compass(model: CapsNet) -> list[dict]:
    """Each preset digit turned once around: what it is called, and where that ends."""
    angles = range(0, 360, STEP)
    rows = []
    for image, label, index in zip(*presets(), strict=True):
        turns = torch.cat([turn(image[None], angle) for angle in angles])
        named = lengths_of(model, turns).argmax(dim=1)
        other = (named != label).nonzero().flatten() * STEP
        row = {"label": label, "index": index, "named": named}
        if len(other):  # the first angle each way at which it is something else
            row |= {"left_until": other[0], "right_until": 360 - other[-1]}
        rows.append(row)
    return rows


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=list(PRETRAINED))
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    start = time.perf_counter()
    model = load_pretrained(options.name)
    digits = load_mnist("test", "full").tensors
    four, told = nearly_nine(model)
    found = {
        "routing": routed(model, *digits),
        "turned": turned(model, *digits),
        "scaled": scaled(model, *digits),
        "in_corners": in_corners(model, *digits),
        "paired": paired(model, *digits, SEED),
        "compass": {"step": STEP, "digits": compass(model)},
        "nearly_nine": told,
    }
    device = torch.device("cpu")
    record = {
        "name": f"explorers-{options.name}",
        **circumstances(device),
        "weights": {"name": options.name, "sha256": PRETRAINED[options.name].sha256},
        "measured_on": {"split": "test", "n": len(digits[1])},
        "chosen_from": {"digits": "mini val", "nearly_nine": "full val"},
        "seed": SEED,
        "seconds": round(time.perf_counter() - start),
        "peak_memory_mb": peak_memory_mb(device),
        **plain(found),
    }
    write_atomically(ROOT / f"data/results/{record['name']}.json", to_json(record))
    chosen = zip(*presets(), strict=True)
    stored = {
        "digits": [boxed(image[0], int(label), n) for image, label, n in chosen],
        "nearlyNine": four,
        "poses": plain(pose_spread(model)),
    }
    literal = to_json(stored).decode().rstrip()
    write_atomically(STORED, f"{HEAD}export const stored = {literal};\n".encode())
    print(f"{record['name']}: {record['seconds']} s")


if __name__ == "__main__":
    main()

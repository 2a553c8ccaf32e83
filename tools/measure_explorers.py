"""Measure what the explorers say about trained weights.

    python tools/measure_explorers.py tiny

Writes data/results/explorers-tiny.json.  Its tables are about MNIST's test digits, on
which nothing is chosen; `compass` and `nearly_nine` are about the few training digits
that store_digits.py chooses.  Needs the full MNIST (`capsnet data`).
"""

import argparse
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
from store_digits import nearly_nine, presets

from capsnet_tutorial import CapsNet, load_mnist, load_pretrained
from capsnet_tutorial.pretrained import PRETRAINED
from capsnet_tutorial.records import (
    peak_memory_mb,
    provenance,
    write_atomically,
)

ROOT = Path(__file__).parents[1]
SEED, STEP = 0, 5  # degrees
EVERY = 5  # of the test digits that are turned, scaled and moved to corners


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
    some = tuple(x[::EVERY] for x in digits)
    found = {
        "routing": routed(model, *digits),
        "turned": turned(model, *some),
        "scaled": scaled(model, *some),
        "in_corners": in_corners(model, *some),
        "paired": paired(model, *digits, SEED),
        "compass": {"step": STEP, "digits": compass(model)},
        "nearly_nine": nearly_nine(model)[1],
    }
    device = torch.device("cpu")
    record = {
        "name": f"explorers-{options.name}",
        **provenance(device),
        "weights": {"name": options.name, "sha256": PRETRAINED[options.name].sha256},
        "measured_on": {"split": "test", "n": len(digits[1])},
        "turned_and_moved": {"every": EVERY, "n": len(some[1])},
        "chosen_from": {"digits": "mini val", "nearly_nine": "full val"},
        "seed": SEED,
        "seconds": round(time.perf_counter() - start),
        "peak_memory_mb": peak_memory_mb(device),
        **plain(found),
    }
    write_atomically(ROOT / f"data/results/{record['name']}.json", to_json(record))
    print(f"{record['name']}: {record['seconds']} s")


if __name__ == "__main__":
    main()

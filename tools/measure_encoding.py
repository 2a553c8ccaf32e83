"""Measure what the class capsules of trained weights encode, and write the records.

    python tools/measure_encoding.py tiny    writes data/results/encoding-tiny.json

Takes any names that `load_pretrained` knows, one record each.  The digits are MNIST's
test digits, which no weights have seen, moved by up to 2 pixels as in training.  They
are described here; nothing is chosen with them.  Needs the full MNIST (`capsnet data`).
"""

import argparse
import base64
import json
import re
import time
from pathlib import Path

import torch
from encoding_tables import (
    N_PERTURBED,
    against_random,
    of_one_class,
    same_number,
    share_of_moves,
)
from torch import Tensor

from capsnet_tutorial import CapsNet, load_mnist, load_pretrained, random_shift
from capsnet_tutorial.encoding import PROPERTIES, REACH, draw, properties
from capsnet_tutorial.pretrained import PRETRAINED
from capsnet_tutorial.records import (
    peak_memory_mb,
    provenance,
    write_atomically,
)

RESULTS = Path(__file__).parents[1] / "data" / "results"
SEED, SHIFT, N_RANDOM = 0, 2, 100


def measure(model: CapsNet, images: Tensor, labels: Tensor) -> dict:
    """Everything that the chapter tells about a model, classes 0 to 9 in order."""
    moved = random_shift(images, SHIFT, torch.Generator().manual_seed(SEED))
    pose = torch.cat([model(batch).pose for batch in moved.split(250)])
    poses = [pose[labels == digit, digit] for digit in range(10)]
    real = properties(moved[:, 0])
    rows = [of_one_class(model, poses[d], real[labels == d], d) for d in range(10)]
    table = {key: [row[key] for row in rows] for key in rows[0]}
    few = [pose[:N_PERTURBED] for pose in poses]
    drawn = [draw(model, pose, digit) for digit, pose in enumerate(few)]
    of_next = [
        share_of_moves(model, few[digit], digit, of=drawn[(digit + 1) % 10]).mean()
        for digit in range(10)
    ]
    return {
        "classes": table,
        "explained_by_next_class": of_next,
        "largest_share": against_random(
            model, few, table["natural_sd"], N_RANDOM, SEED
        ),
        "same_number": same_number(torch.stack(table["effect"]), N_RANDOM, SEED),
        "confusions": confusions(model, images, labels),
    }


def confusions(model: CapsNet, images: Tensor, labels: Tensor) -> list[dict]:
    """Test digits 3 named 5 and 5 named 3, with their pixels (h w), bytes, base64."""
    asked = ((labels == 3) | (labels == 5)).nonzero().flatten()
    lengths = torch.cat([model(batch).lengths for batch in images[asked].split(250)])
    found = []
    for n, length in zip(asked.tolist(), lengths, strict=True):
        named, label = int(length.argmax()), int(labels[n])
        if {named, label} == {3, 5}:
            pixels = bytes((images[n] * 255).round().byte().flatten().tolist())
            row = {"digit": n, "label": label, "named": named}
            row["lengths"] = {"3": length[3], "5": length[5]}
            found.append(row | {"pixels": base64.b64encode(pixels).decode()})
    return found


def plain(value):
    """The same without tensors: lists, and numbers with three places."""
    if isinstance(value, Tensor):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return round(value, 3) if isinstance(value, float) else value


def to_json(record: dict) -> bytes:
    """JSON with a line for each innermost list."""
    text = json.dumps(record, indent=1)
    innermost = re.compile(r"\[[^][{}]*\]")
    text = innermost.sub(lambda found: json.dumps(json.loads(found[0])), text)
    return (text + "\n").encode()


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=list(PRETRAINED), metavar="NAME")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    images, labels = load_mnist("test", "full").tensors
    device = torch.device("cpu")
    for name in options.names:
        start = time.perf_counter()
        found = plain(measure(load_pretrained(name), images, labels))
        record = {
            "name": f"encoding-{name}",
            **provenance(device),
            "weights": {"name": name, "sha256": PRETRAINED[name].sha256},
            "measured_on": {"split": "test", "n": len(labels), "shift": SHIFT},
            "recipe": {"reach": REACH, "perturbed": N_PERTURBED, "random": N_RANDOM},
            "seed": SEED,
            "seconds": round(time.perf_counter() - start),
            "peak_memory_mb": peak_memory_mb(device),
            "properties": list(PROPERTIES),
            **found,
        }
        write_atomically(RESULTS / f"encoding-{name}.json", to_json(record))
        print(f"encoding-{name}: {record['seconds']} s")


if __name__ == "__main__":
    main()

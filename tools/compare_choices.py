"""What each choice of the recipe does: the same small network, one change at a time.

    python tools/compare_choices.py FOLDER     train (or go on), then write the record

The plan, fixed before the first run: `tiny` on the 4,500 mini digits, 8 epochs, seeds
0, 1, 2 for each change; errors counted on the 5,000 digits that MNIST's training set
holds out, none of which is among the mini digits.  Needs the full MNIST.
"""

import sys
from pathlib import Path

import torch

from capsnet_tutorial import load_mnist, predict
from capsnet_tutorial.records import (
    SCHEMA,
    provenance,
    to_json,
    write_atomically,
)
from capsnet_tutorial.runs import TrainConfig, fit, load_run

RECORD = Path(__file__).parents[1] / "data" / "results" / "choices.json"
SEEDS = (0, 1, 2)
BASE = {
    "preset": "tiny",
    "data": "mini",
    "epochs": 8,
    "lr": 0.003,
    "schedule": "one-cycle",
    "precision": "bfloat16",
}
AUTHORS = {"all_shifts": True, "primary_scale": True, "class_bias": True}
CHANGES = {
    "as it is": {},
    "no shifts": {"max_shift": 0},
    "no reconstruction": {"reconstruction_weight": 0.0},
    "20 times the reconstruction": {"reconstruction_weight": 0.01},
    "rate 0.001, falling slowly": {"schedule": "exponential", "lr": 0.001},
    "primary votes / 8": {"primary_scale": True},
    "class biases": {"class_bias": True},
    "all four of the authors' code": {"reconstruction_weight": 0.01, **AUTHORS},
}


def main() -> None:
    folder = Path(sys.argv[1])
    images, labels = load_mnist("val", "full").tensors
    rows = []
    for name, change in CHANGES.items():
        runs = []
        for seed in SEEDS:
            run = folder / f"{name.replace(' ', '-').replace('/', 'by')}-{seed}"
            record = fit(TrainConfig(**BASE | change, seed=seed), run, cpu=True)
            errors = (predict(load_run(run), images) != labels).sum().item()
            last = record["epochs"][-1]
            runs.append(
                {
                    "seed": seed,
                    "errors": errors,
                    "margin": last["margin"],
                    "reconstruction": last["reconstruction"],
                    "code": record["code"],
                    "weights": record["weights"]["sha256"],
                }
            )
        rows.append({"name": name, "change": change, "runs": runs})
    record = {
        "schema": SCHEMA,
        **provenance(torch.device("cpu")),
        "base": BASE,
        "counted_on": {"split": "val", "n": len(labels)},
        "rows": rows,
    }
    write_atomically(RECORD, to_json(record))


if __name__ == "__main__":
    main()

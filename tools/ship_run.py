"""Make the weights and the record of a finished run part of the package.

    python tools/ship_run.py FOLDER NAME

Of a run that learned from all digits, counts the mistakes on the 10,000 test digits,
once (`capsnet evaluate`); of another, those on the digits held out are in its record.
Prints the line for `PRETRAINED` in pretrained.py.
"""

import argparse
from pathlib import Path

from capsnet_tutorial.records import sha256, to_json, write_atomically
from capsnet_tutorial.runs import evaluate
from capsnet_tutorial.runs.evaluation import finished_record

ROOT = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="of a finished run")
    parser.add_argument("name", help="for load_pretrained and load_record")
    options = parser.parse_args()

    record = finished_record(options.folder)
    if any(attempt["dirty"] for attempt in record["attempts"]):
        parser.error("code differed from its commit; commit, and train again")
    if record["config"]["data"] != "full":
        parser.error("weights are shipped only if they learned from the full MNIST")
    weights = (options.folder / "weights.safetensors").read_bytes()
    file = f"data/weights/{options.name}.safetensors"
    record["weights"] = {
        "file": file,
        "bytes": len(weights),
        "sha256": sha256(weights),
    }
    record |= {"name": options.name, "counted_on": counted(options.folder, record)}
    write_atomically(ROOT / file, weights)
    path = ROOT / "data" / "results" / f"{options.name}.json"
    write_atomically(path, to_json(record))
    print(f'"{options.name}": Pretrained(PRESETS[...], "{sha256(weights)}"),')


def counted(folder: Path, record: dict) -> dict:
    """Mistakes on digits that it has not learned from."""
    if record["config"]["split"] == "trainval":
        return evaluate(folder)
    last = record["epochs"][-1]
    return {"split": "val", "n": last["val_n"], "errors": last["val_errors"]}


if __name__ == "__main__":
    main()

"""Time all formulations, one process after another, and compare them.

    python benchmarks/run.py             ours, the seeds, the convolutions: `make bench`
    python benchmarks/run.py levers      one lever at a time, and what did not help
    python benchmarks/run.py --quick     a small network, for trying it out; no record

Each round runs every formulation once, so that what disturbs the machine for a while
disturbs all of them.  The table and the ratios are of medians over all rounds.  The
record goes to data/results/bench-cpu.json, or bench-levers.json.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rows import BENCH, FORMULATIONS, LADDER, OTHERS
from table import compare, show, show_targets, summarise

ROOT = Path(__file__).parents[1]
SETS = {"cpu": BENCH, "levers": {**LADDER, **OTHERS}}
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
BUSY = 0.05  # share of the machine that others may take from us without a word
BATCH_SIZE = 128
QUICK = ["--preset", "tiny", "--batch-size", "16"]


def run_once(name: str, arguments: list[str]) -> dict[str, Any]:
    """One formulation in a fresh process.

    Raises:
        subprocess.CalledProcessError: if it fails; what it printed is on stderr.
    """
    more = LARGE_PAGES if FORMULATIONS[name].huge_pages else {}
    command = [sys.executable, str(ROOT / "benchmarks" / "step.py"), name, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def run_all(names: list[str], rounds: int, arguments: list[str]) -> dict[str, list]:
    """Everything once a round."""
    runs = {name: [] for name in names}
    for number in range(1, rounds + 1):
        for name in names:
            print(f"\rround {number} of {rounds}: {name:24}", end="", flush=True)
            runs[name].append(run_once(name, arguments))
    print(f"\r{'':48}\r", end="")
    return runs


def taken(runs: dict[str, list]) -> float | None:
    """The largest share of the machine that others took from what we wanted to use."""
    flat = [run for done in runs.values() for run in done]
    if None in [run["others"] for run in flat]:
        return None
    left = max(0, 1 - flat[0]["threads"] / os.cpu_count())
    return round(max(0, max(run["others"] for run in flat) - left), 3)


def save(name: str, threads: int, record: dict[str, Any]) -> Path:
    """Add where and from what the numbers were made, and write the record."""
    sys.path.insert(0, str(ROOT))
    import torch  # only now: the timed processes should have the machine

    from capsnet_tutorial import records

    torch.set_num_threads(threads)
    where = records.provenance(torch.device("cpu"))
    file = ROOT / "data" / "results" / f"bench-{name}.json"
    content = {"schema": records.SCHEMA, **where, **record}
    records.write_atomically(file, records.to_json(content))
    return file.relative_to(ROOT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("set", nargs="?", choices=list(SETS), default="cpu")
    add("--rounds", type=int, default=4)
    add("--repetitions", type=int, default=5, help="in each round")
    add("--threads", type=int, default=os.cpu_count())
    add("--quick", action="store_true", help="a small network, two repetitions")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.repetitions = 1, 2
    arguments = ["--repetitions", str(options.repetitions)]
    arguments += ["--threads", str(options.threads)]
    arguments += QUICK if options.quick else ["--batch-size", str(BATCH_SIZE)]

    start = time.monotonic()
    runs = run_all(list(SETS[options.set]), options.rounds, arguments)
    rows = {
        name: summarise(name, done, int(arguments[-1])) for name, done in runs.items()
    }
    show(rows)
    if options.quick:
        return  # the targets are for the full network
    record = {"rows": rows, "batch_size": BATCH_SIZE, "taken_by_others": taken(runs)}
    if options.set == "cpu":
        record["targets"] = compare(rows)
        show_targets(record["targets"])
    if record["taken_by_others"] is None or record["taken_by_others"] > BUSY:
        share = record["taken_by_others"]
        used = "an unknown part" if share is None else f"up to {share:.0%}"
        print(f"\nThe machine was not quiet: other programs took {used} of it.")
    record["total_seconds"] = round(time.monotonic() - start)
    print(f"\nrecord: {save(options.set, options.threads, record)}")


if __name__ == "__main__":
    main()

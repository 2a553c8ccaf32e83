"""Start toy runs, each in a process of its own, and compare what they leave."""

import json
import multiprocessing
import time

import torch
import toy_run

from capsnet_tutorial.runs.checkpoints import load_checkpoint

PROCESSES = multiprocessing.get_context("forkserver")


def start(folder, *more, **options):
    log = folder.with_name(f"{folder.name}.log")
    options = {"log": str(log), **options}
    process = PROCESSES.Process(target=toy_run.go, args=(folder, *more), kwargs=options)
    process.start()
    return process


def run(folder, *more, **options):
    """Exit code (minus the signal that ended it), and what was printed."""
    process = start(folder, *more, **options)
    process.join(60)
    assert process.exitcode is not None, "it hangs"
    return process.exitcode, folder.with_name(f"{folder.name}.log").read_text()


def announced(process, path):
    """Wait until the process has made this file."""
    end = time.monotonic() + 60
    while not path.exists():
        assert process.is_alive(), "it ended early"
        assert time.monotonic() < end, f"it never made {path.name}"
        time.sleep(0.01)


def timeless(value):
    """Without seconds, memory, and how often the run was started."""
    if isinstance(value, dict):
        gone = ("seconds", "attempts", "command", "code", "peak_memory_mb", "seal")
        return {key: timeless(x) for key, x in value.items() if key not in gone}
    return [timeless(x) for x in value] if isinstance(value, list) else value


def state_of(folder):
    """All that a finished run leaves: the last checkpoint, weights, record, log."""
    last = max((folder / "checkpoints").iterdir())
    checkpoint = load_checkpoint(folder / "checkpoints")
    tensors = {
        f"{name}/{key}": value
        for name in ("model", "optimizer")
        for key, value in getattr(checkpoint, name).items()
    }
    texts = [timeless(checkpoint.state)]
    texts += [timeless(json.loads((folder / "record.json").read_bytes()))]
    texts += [
        timeless(json.loads(line))
        for line in (folder / "log.jsonl").read_text().splitlines()
    ]
    step = last.name.rpartition("-")[0]
    return step, tensors, texts, (folder / "weights.safetensors").read_bytes()


def assert_same(folder, reference):
    name, tensors, texts, weights = state_of(folder)
    expected_name, expected_tensors, expected_texts, expected_weights = reference
    assert name == expected_name
    assert tensors.keys() == expected_tensors.keys()
    assert len(tensors) == 4 * 9  # weights, two moments and a count for 9 parameters
    for key, value in tensors.items():
        assert torch.equal(value, expected_tensors[key]), key
    assert texts == expected_texts  # losses as exact floats
    assert weights == expected_weights
    remains = [p.name for p in folder.rglob("*") if ".part" in p.name]
    assert not remains


def content(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}

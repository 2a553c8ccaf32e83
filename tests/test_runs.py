"""A run that was stopped, killed or starved of disk ends exactly like one that was not.

Every run here is a process of its own; only its folder tells how it went.
"""

import json
import multiprocessing
import multiprocessing.forkserver
import os
import random
import shutil
import signal
import sys
import time
from unittest import mock

import pytest
import safetensors.torch
import torch
import toy_run

PROCESSES = multiprocessing.get_context("forkserver")


@pytest.fixture(scope="module", autouse=True)
def warm_start():
    """Import torch once, in a process that never computes, and fork all runs from it."""
    PROCESSES.set_forkserver_preload(["toy_run"])
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}  # else the preload finds nothing
    with mock.patch.dict(os.environ, paths):
        multiprocessing.forkserver.ensure_running()


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


def timeless(value):
    """Without seconds, memory, and how often the run was started."""
    if isinstance(value, dict):
        gone = ("seconds", "attempts", "command", "code", "peak_memory_mb")
        return {key: timeless(x) for key, x in value.items() if key not in gone}
    return [timeless(x) for x in value] if isinstance(value, list) else value


def state_of(folder):
    """All that a finished run leaves: the last checkpoint, weights, record, log."""
    last = max((folder / "checkpoints").iterdir())
    tensors = {
        f"{name}/{key}": value
        for name in ("model", "optimizer")
        for key, value in safetensors.torch.load_file(
            last / f"{name}.safetensors"
        ).items()
    }
    texts = [timeless(json.loads((last / "state.json").read_bytes()))]
    texts += [timeless(json.loads((folder / "record.json").read_bytes()))]
    texts += [
        timeless(json.loads(line))
        for line in (folder / "log.jsonl").read_text().splitlines()
    ]
    return last.name, tensors, texts, (folder / "weights.safetensors").read_bytes()


def assert_same(folder, reference):
    name, tensors, texts, weights = state_of(folder)
    expected_name, expected_tensors, expected_texts, expected_weights = reference
    assert name == expected_name
    assert tensors.keys() == expected_tensors.keys()
    assert len(tensors) == 4 * 9  # weights, two moments and a count for 9 parameters
    for key, value in tensors.items():
        assert torch.equal(value, expected_tensors[key]), key
    assert texts == expected_texts  # losses as exact floats, the trail of examples
    assert weights == expected_weights
    remains = [p.name for p in folder.rglob("*") if ".part" in p.name]
    assert not remains


def content(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished") / "run"
    code, printed = run(folder)
    assert code == 0, printed
    return folder


@pytest.fixture(scope="module")
def reference(finished):
    return state_of(finished)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "run"


def test_a_run_leaves_what_it_promises(finished):
    record = json.loads((finished / "record.json").read_bytes())
    assert record["steps"] == toy_run.STEPS
    assert [row["epoch"] for row in record["epochs"]] == [1, 2]
    assert all(0 <= row["val_errors"] <= row["val_n"] == 20 for row in record["epochs"])
    assert record["config"]["preset"] == "toy"
    assert record["attempts"][0]["from_step"] == 0
    log = (finished / "log.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in log] == record["epochs"]
    assert (finished / "reconstructions.png").read_bytes() == b"a picture"
    weights = safetensors.torch.load_file(finished / "weights.safetensors")
    assert {x.dtype for x in weights.values()} == {torch.float16}


def test_the_same_command_twice_gives_the_same_run(folder, reference):
    assert run(folder)[0] == 0
    assert_same(folder, reference)


def test_another_seed_gives_another_run(folder, reference):
    assert run(folder, "--seed", "1")[0] == 0
    assert state_of(folder)[2] != reference[2]


@pytest.mark.parametrize("how", ["exception", "term", "int", "kill"])
@pytest.mark.parametrize("step", range(1, toy_run.STEPS))
def test_dying_after_any_step_changes_nothing(folder, reference, step, how):
    code, _ = run(folder, step=step, how=how)
    assert code == {"exception": 1, "term": 143, "int": 130, "kill": -9}[how]
    assert not (folder / "record.json").exists()
    assert run(folder)[0] == 0
    assert_same(folder, reference)
    record = json.loads((folder / "record.json").read_bytes())
    saved = step if how in ("term", "int") else 5 * (step > 5)
    attempts = [attempt["from_step"] for attempt in record["attempts"]]
    assert attempts == ([0, saved] if saved else [0])


def test_killed_at_every_call_of_the_file_system(folder, reference):
    """From the first file to the last, in every save: nothing is lost or half there."""
    call, code = 0, None
    while code != 0:
        call += 1
        shutil.rmtree(folder, ignore_errors=True)
        code, printed = run(folder, file_call=call)
        assert code in (0, -signal.SIGKILL), printed
        assert run(folder)[0] == 0
        assert_same(folder, reference)
    assert call > 50


def test_killed_at_fifty_random_moments(folder, reference):
    moments, kills = random.Random(0), 0
    while kills < 50:
        process = start(folder, "--save-minutes", "0")
        time.sleep(moments.uniform(0.0, 0.6))
        process.kill()
        process.join()
        kills += process.exitcode == -signal.SIGKILL
        if process.exitcode == 0:
            assert_same(folder, reference)
            shutil.rmtree(folder)
    assert run(folder)[0] == 0
    assert_same(folder, reference)


def test_running_a_finished_run_again_changes_no_byte(finished):
    before = content(finished)
    code, printed = run(finished)
    assert code == 0
    assert "finished already" in printed
    assert content(finished) == before

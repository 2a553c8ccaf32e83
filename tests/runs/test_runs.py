"""A run that was stopped, killed or starved of disk ends exactly like one that was not.

Every run here is a process of its own; only its folder tells how it went.
"""

import json
import random
import shutil
import signal
import time

import pytest
import safetensors.torch
import torch
from toy import assert_same, content, run, start, state_of
from toy_run import STEPS

FILE_CALLS = 70  # a run makes a few less


def test_a_run_leaves_what_it_promises(finished):
    record = json.loads((finished / "record.json").read_bytes())
    assert record["steps"] == STEPS
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


def some(numbers, first):
    """All of them, of which `make test` takes `first`, and `.ci/run` the others too."""
    return [
        n if n in first else pytest.param(n, marks=pytest.mark.long) for n in numbers
    ]


@pytest.mark.parametrize("how", ["exception", "term", "int", "kill"])
@pytest.mark.parametrize("step", some(range(1, STEPS), first=(4, 5, 6)))
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


@pytest.mark.parametrize("call", some(range(1, FILE_CALLS), first=range(20, 36, 3)))
def test_killed_at_any_call_of_the_file_system(folder, reference, call):
    """From the first file to the last: nothing is lost, nothing is left half done."""
    code, printed = run(folder, file_call=call)
    assert code == -signal.SIGKILL or (code == 0 and call > 50), printed
    assert run(folder)[0] == 0
    assert_same(folder, reference)


DISK = ["EIO", "EACCES", "ENOSPC", "EMFILE"]


@pytest.mark.parametrize("how", some(DISK, first=["EIO"]))
@pytest.mark.parametrize("call", some(range(1, FILE_CALLS), first=range(3, 60, 8)))
def test_a_disk_that_fails_at_any_call_is_named_and_costs_nothing(
    folder, reference, call, how
):
    """No traceback, no advice that would lose data; a healthy start goes on."""
    assert run(folder, step=7, how="term")[0] == 143
    code, printed = run(folder, file_call=call, how=how)
    swallowed = (0,) if call == 6 or call > 30 else ()  # who holds it; after the end
    assert code in (1, 2, *swallowed), printed
    assert "Traceback" not in printed
    assert "damaged" not in printed
    assert run(folder)[0] == 0
    assert_same(folder, reference)


@pytest.mark.long
def test_killed_at_random_moments(folder, reference, record_property):
    moments, kills = random.Random(0), 50
    record_property("trials", kills)
    while kills:
        process = start(folder, "--save-minutes", "0")
        time.sleep(moments.uniform(0.0, 0.6))
        process.kill()
        process.join()
        kills -= process.exitcode == -signal.SIGKILL
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

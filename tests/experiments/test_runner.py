"""A study that is killed goes on where it was, and trains nothing twice."""

import json
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest

from capsnet_tutorial.experiments import run_study, runner, study_record
from capsnet_tutorial.experiments.study import read_study
from capsnet_tutorial.runs import Stopped

TEXT = """
question = "Do shifts matter?"
seeds = 2
count_on = "mini-val"
measures = ["errors", "start"]
[base]
preset = "tiny"
data = "mini"
epochs = 1
batch_size = 900
[arms."with shifts"]
[arms."no shifts"]
max_shift = 0
"""


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "shifts.toml"
    path.write_text(TEXT)
    return read_study(path)


def timeless(record):
    return [
        {key: x for key, x in run.items() if key not in ("seconds", "code")}
        for run in record["runs"]
    ]


def files(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.json")}


@pytest.mark.long
def test_all_runs_are_there_once_and_in_the_record(study, tmp_path):
    folder = tmp_path / "runs"
    run_study(study, folder, seeds=1, quiet=True)
    before = files(folder)
    assert len([path for path in before if path.name == "record.json"]) == 2
    run_study(study, folder, quiet=True)
    assert before.items() <= files(folder).items()  # nothing was done again
    record = study_record(study, folder)
    assert [run["arm"] for run in record["runs"]] == 2 * [*study.arms]
    first, second = (run["errors"]["errors"] for run in record["runs"][:2])
    assert first != second
    for run in record["runs"]:
        assert run["errors"]["n"] == 500
        assert len(run["errors"]["wrong"]) == run["errors"]["errors"]
        assert 0.005 < run["start"]["mean_length"] < 0.05
    assert json.loads(json.dumps(record["study"]))["arms"] == study.arms


def test_a_record_of_less_than_the_study_is_refused(study, tmp_path):
    with pytest.raises(ValueError, match=r"seed-0 is missing; run `capsnet experiment"):
        study_record(study, tmp_path)


@pytest.mark.parametrize("wrong", [{"seeds": 0}, {"processes": 0}])
def test_nothing_to_do_is_refused(study, tmp_path, wrong):
    with pytest.raises(ValueError, match="is 0; pass 1 or more"):
        run_study(study, tmp_path, **wrong)


@pytest.mark.long
def test_a_failure_stops_the_others_and_loses_nothing(study, tmp_path):
    """One folder cannot be used; the other run is finished by the next call."""
    folder = tmp_path / "runs"
    (folder / "with-shifts").mkdir(parents=True)
    (folder / "with-shifts" / "seed-0").write_text("in the way")
    with pytest.raises(Exception, match="seed-0"):
        run_study(study, folder, quiet=True)
    (folder / "with-shifts" / "seed-0").unlink()
    run_study(study, folder, quiet=True)
    assert len(study_record(study, folder)["runs"]) == 4


def test_a_stop_in_another_process_keeps_its_code():
    import pickle

    assert pickle.loads(pickle.dumps(Stopped(143))).exit_code == 143


def go(study, folder):
    os.setpgid(0, 0)
    run_study(study, folder, quiet=True)


def members(group):
    """Processes of a group that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(path.parent.name)
    return found


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")
def test_killed_at_ten_random_moments_the_record_is_the_same(study, tmp_path):
    """The runner dies; its workers save and end by themselves."""
    whole, folder = tmp_path / "whole", tmp_path / "killed"
    start = time.monotonic()
    run_study(study, whole, quiet=True)
    seconds = time.monotonic() - start
    moments = random.Random(0)
    context = multiprocessing.get_context("spawn")
    for _ in range(10):
        process = context.Process(target=go, args=(study, folder))
        process.start()
        process.join(moments.uniform(0, seconds))
        process.kill()
        process.join()
        end = time.monotonic() + 60
        while members(process.pid):
            assert time.monotonic() < end, "its workers live on"
            time.sleep(0.05)
    run_study(study, folder, quiet=True)
    assert timeless(study_record(study, folder)) == timeless(study_record(study, whole))


def test_workers_end_with_their_parent():
    """An end of the pipe that is closed is a SIGTERM."""
    ours, theirs = multiprocessing.Pipe()
    seen = []
    before = signal.signal(signal.SIGTERM, lambda *_: seen.append("asked"))
    try:
        ours.close()
        runner._end_with(theirs)
    finally:
        signal.signal(signal.SIGTERM, before)
        runner._parent_is_gone.clear()
    assert seen == ["asked"]

"""What a run says, and keeps, when it is stopped, starved, damaged or misused."""

import contextlib
import hashlib
import io
import json
import os
import shlex
import shutil
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest
import safetensors.torch
import torch
from torch.utils.data import TensorDataset
from toy import announced, assert_same, content, run, start
from toy_run import COMMAND, TOY

from capsnet_tutorial import capsnet, cli
from capsnet_tutorial.records import DataError, read_sealed, sealed
from capsnet_tutorial.runs import (
    TrainConfig,
    checkpoints,
    evaluate,
    evaluation,
    fit,
    load_run,
)
from capsnet_tutorial.runs import folder as folders
from capsnet_tutorial.runs.checkpoints import Checkpoint, CheckpointError
from capsnet_tutorial.runs.folder import RunFolder
from capsnet_tutorial.runs.lock import one_writer
from capsnet_tutorial.training import Diverged


@pytest.mark.parametrize(("how", "code"), [("int", 130), ("term", 143), ("hup", 129)])
def test_a_stop_during_validation_repeats_only_the_validation(
    folder, reference, how, code
):
    assert run(folder, validation=1, how=how)[0] == code
    assert run(folder)[0] == 0
    assert_same(folder, reference)
    attempts = json.loads((folder / "record.json").read_bytes())["attempts"]
    assert [attempt["from_step"] for attempt in attempts] == [0, 5]


def test_a_stop_prints_the_command_that_goes_on(folder):
    code, printed = run(folder, step=3, how="int")
    assert code == 130
    last = printed.strip().splitlines()[-1]
    assert shlex.split(last) == ["capsnet", *COMMAND.split(), "--folder", str(folder)]


def test_a_second_signal_ends_at_once_and_nothing_is_lost(folder, reference):
    process = start(folder, slow=300.0)
    announced(process, folder.with_name("run.asleep"))  # in the middle of a step
    os.kill(process.pid, signal.SIGTERM)
    announced(process, folder.with_name("run.noted"))
    assert process.is_alive()
    os.kill(process.pid, signal.SIGTERM)
    process.join(60)
    assert process.exitcode == -signal.SIGTERM
    assert run(folder)[0] == 0
    assert_same(folder, reference)


def test_max_minutes_saves_and_ends_with_zero(folder, reference):
    code, printed = run(folder, "--max-minutes", "0.0001")
    assert code == 0
    assert "stopped and saved" in printed
    assert not (folder / "record.json").exists()
    assert run(folder)[0] == 0
    assert_same(folder, reference)


def test_a_full_disk_is_loud_and_leaves_the_older_checkpoint(folder, reference):
    assert run(folder, step=7, how="term")[0] == 143
    before = content(folder / "checkpoints")
    code, printed = run(folder, "--save-minutes", "0", file_size=20_000)
    assert code == 2
    assert "cannot save" in printed
    assert "File too large" in printed
    assert "Traceback" not in printed
    assert content(folder / "checkpoints") == before
    assert run(folder)[0] == 0
    assert_same(folder, reference)


def test_a_folder_that_cannot_be_made_is_named(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "run"
    assert cli.main(["train", "--preset", "tiny", "--folder", str(folder)]) == 2
    printed = capsys.readouterr().err
    assert f"{folder} cannot be used" in printed
    assert printed.count("\n") == 1


def test_another_recipe_in_the_same_folder_is_refused(finished):
    before = content(finished)
    code, printed = run(finished, "--lr", "0.1")
    assert code == 2
    assert "holds a run with lr 0.001" in printed
    assert content(finished) == before


def test_resume_never_refuses_a_folder_that_has_a_run(finished):
    code, printed = run(finished, "--resume", "never")
    assert code == 2
    assert "name another with --folder" in printed


def small(step):
    """A checkpoint of a step, without an epoch."""
    return Checkpoint(
        {"w": torch.arange(7.0) + step},
        {"0.step": torch.tensor(3.0)},
        {"progress": {"step": step, "epochs": []}},
    )


@pytest.fixture
def two(tmp_path):
    for step in (1, 2):
        checkpoints.save_checkpoint(tmp_path, small(step))
    return tmp_path


def of_step(folder, step):
    (path,) = folder.glob(f"step-{step:08}-*")
    return path


def test_a_checkpoint_comes_back_as_it_was(two):
    checkpoint = checkpoints.load_checkpoint(two)
    assert torch.equal(checkpoint.model["w"], small(2).model["w"])
    assert checkpoint.optimizer == small(2).optimizer
    assert checkpoint.state == small(2).state


DAMAGES = {
    "cut": lambda data: data[:-1],
    "empty": lambda data: b"",
    "page": lambda data: b"<html>",
    "longer": lambda data: data + b"x",
}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_checkpoint_is_passed_over(two, capsys, how):
    path = of_step(two, 2)
    path.write_bytes(DAMAGES[how](path.read_bytes()))
    checkpoint = checkpoints.load_checkpoint(two)
    assert torch.equal(checkpoint.model["w"], small(1).model["w"])
    assert checkpoint.state == small(1).state
    assert f"passing over a damaged checkpoint: {path}" in capsys.readouterr().err


def test_any_flipped_bit_is_seen(two, record_property):
    seen = 0
    path = of_step(two, 2)
    whole = path.read_bytes()
    for bit in range(0, 8 * len(whole), 13):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        found = checkpoints.load_checkpoint(two)
        assert found.state["progress"]["step"] == 1, bit
        seen += 1
    assert seen > 100
    record_property("trials", seen)
    path.write_bytes(whole)
    assert checkpoints.load_checkpoint(two).state["progress"]["step"] == 2


def test_only_damaged_checkpoints_stop_the_run_and_stay(two):
    for step in (1, 2):
        path = of_step(two, step)
        path.write_bytes(path.read_bytes()[:-1])
    before = content(two)
    with pytest.raises(CheckpointError, match="all 2 checkpoints in"):
        checkpoints.load_checkpoint(two)
    assert content(two) == before


def test_one_that_cannot_be_read_is_not_called_damaged(two, monkeypatch):
    before = content(two)
    with monkeypatch.context() as patched:
        error = OSError(5, "Input/output error")
        patched.setattr(type(two), "read_bytes", mock.Mock(side_effect=error))
        with pytest.raises(CheckpointError, match=r"cannot read .*Input/output error"):
            checkpoints.load_checkpoint(two)
    assert content(two) == before


def test_the_two_newest_are_kept_and_others_files_too(two):
    strays = ["best", "step-00000001", "step-00000009-epoch-0001.safetensors", ".dvc"]
    for name in strays:
        (two / name).mkdir()
    checkpoints.save_checkpoint(two, small(3))
    kept = {path.name[:13] for path in two.iterdir()} - {name[:13] for name in strays}
    assert kept == {"step-00000002", "step-00000003"}
    assert all((two / name).is_dir() for name in strays)
    assert checkpoints.load_checkpoint(two).state == small(3).state


def test_no_checkpoint_is_no_error(tmp_path):
    assert checkpoints.load_checkpoint(tmp_path / "new") is None


def test_a_run_that_saved_no_step_locks_nothing(folder, reference):
    code, printed = run(folder, "--lr", "0.5", step=2, how="exception")
    assert code == 1, printed
    assert (folder / "config.json").exists()
    assert run(folder)[0] == 0
    assert_same(folder, reference)


def config_of(folder):
    fields = json.loads((folder / "config.json").read_bytes())
    with mock.patch.dict(capsnet.PRESETS, {"toy": TOY}):
        return TrainConfig(**fields)


def test_a_folder_has_one_writer(folder, reference, monkeypatch):
    """The second is told who the first is, and changes nothing."""
    monkeypatch.setitem(capsnet.PRESETS, "toy", TOY)
    first = start(folder, slow=300.0)
    announced(first, folder.with_name("run.asleep"))
    before = content(folder)
    with pytest.raises(CheckpointError, match=f"written by process {first.pid} on"):
        fit(config_of(folder), folder)
    assert content(folder) == before
    first.kill()  # the lock dies with it
    first.join()
    assert run(folder)[0] == 0
    assert_same(folder, reference)


@pytest.mark.parametrize("n", [40, pytest.param(200, marks=pytest.mark.long)])
def test_of_many_that_start_at_once_one_writes(tmp_path, n, record_property):
    """Threads of one process: each opens the lock anew, as a process does."""
    record_property("trials", n)
    held, refused, inside = [], [], []

    def enter(_):
        try:
            with one_writer(tmp_path / "run"):
                inside.append(1)
                held.append(len(inside))
                all_came.wait(60)
                inside.pop()
        except CheckpointError as error:
            refused.append(str(error))
            if len(refused) == n - 1:
                all_came.set()

    all_came = threading.Event()
    with ThreadPoolExecutor(n) as pool:
        list(pool.map(enter, range(n)))
    assert held == [1]
    assert len(refused) == n - 1
    with one_writer(tmp_path / "run"):  # it is free again
        pass


def test_a_folder_is_free_even_while_the_error_is_kept(tmp_path):
    """Whoever looks at a traceback must not hold the folder by it."""
    with pytest.raises(ZeroDivisionError) as kept, one_writer(tmp_path):
        1 / 0  # noqa: B018
    with one_writer(tmp_path):
        assert kept.value


def test_weights_that_are_not_finite_finish_no_run(folder):
    code, printed = run(folder, step=9, how="term")
    assert code == 143, printed
    with mock.patch.object(folders, "model_tensors", infinite_tensors):
        config = config_of(folder)
        with pytest.raises(Diverged, match=r"conv.weight is not finite in half"):
            RunFolder(config, folder).finish(mock.MagicMock(is_main=True))
    assert not (folder / "weights.safetensors").exists()


def infinite_tensors(model):
    return {"conv.weight": torch.tensor([1.0, 1e9])}


def test_weights_that_are_not_finite_are_not_loaded(finished, tmp_path):
    copy = shutil.copytree(finished, tmp_path / "run")
    weights = safetensors.torch.load((copy / "weights.safetensors").read_bytes())
    weights["conv.bias"][0] = torch.inf
    damaged = safetensors.torch.save(weights)
    (copy / "weights.safetensors").write_bytes(damaged)
    record = read_sealed(copy / "record.json")
    record["weights"]["sha256"] = hashlib.sha256(damaged).hexdigest()
    record["config"]["preset"] = "tiny"
    (copy / "record.json").write_bytes(sealed(record))
    with pytest.raises(
        DataError, match=r"not finite, in conv.bias: the training diverged"
    ):
        load_run(copy)


def test_an_evaluation_belongs_to_its_weights(finished, tmp_path, monkeypatch):
    copy = shutil.copytree(finished, tmp_path / "run")
    digits = TensorDataset(torch.zeros(3, 1, 28, 28), torch.tensor([0, 0, 1]))
    monkeypatch.setattr(evaluation, "load_mnist", lambda *_: digits)
    monkeypatch.setattr(evaluation, "_network", lambda folder, record: None)
    monkeypatch.setattr(evaluation, "_worst", lambda *_: b"a picture")
    monkeypatch.setattr(evaluation, "predict", lambda net, x: torch.zeros(3).long())
    first = evaluate(copy)
    assert first["errors"] == 1
    monkeypatch.setattr(evaluation, "predict", lambda net, x: torch.ones(3).long())
    assert evaluate(copy) == first  # as it was stored
    record = read_sealed(copy / "record.json")
    record["weights"]["sha256"] = 64 * "0"
    (copy / "record.json").write_bytes(sealed(record))
    assert evaluate(copy)["errors"] == 2


def test_another_number_of_threads_is_said(folder):
    assert run(folder, step=6, how="term")[0] == 143
    config = config_of(folder)
    theirs = checkpoints.load_checkpoint(folder / "checkpoints").state["threads"]
    saying = io.StringIO()
    with contextlib.redirect_stderr(saying):
        for threads in (theirs, theirs + 1, None):
            with mock.patch("torch.get_num_threads", return_value=theirs):
                RunFolder(config, folder)._say_other_threads(threads)
    said = saying.getvalue().splitlines()
    assert len(said) == 1
    assert f"trained with {theirs + 1} threads, and goes on with {theirs}" in said[0]

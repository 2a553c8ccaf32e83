"""What a run says, and keeps, when it is stopped, starved, damaged or misused."""

import json
import os
import shlex
import signal
import time

import pytest
import torch
from toy import assert_same, content, run, start
from toy_run import COMMAND

from capsnet_tutorial import checkpoints, cli
from capsnet_tutorial.checkpoints import Checkpoint, CheckpointError


@pytest.mark.parametrize(("how", "code"), [("int", 130), ("term", 143)])
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
    process, log = start(folder, slow=5.0), folder.with_name("run.log")
    while "minutes for 2" not in (log.read_text() if log.exists() else ""):
        time.sleep(0.05)
    time.sleep(0.5)  # by now the first step sleeps
    begin = time.monotonic()
    os.kill(process.pid, signal.SIGTERM)
    time.sleep(0.3)
    assert process.is_alive()
    os.kill(process.pid, signal.SIGTERM)
    process.join(10)
    assert process.exitcode == -signal.SIGTERM
    assert time.monotonic() - begin < 4
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
    assert f"{folder}/config.json cannot be used" in printed
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


SMALL = Checkpoint(
    {"w": torch.arange(7.0)}, {"0.step": torch.tensor(3.0)}, {"progress": {"step": 3}}
)


@pytest.fixture
def two(tmp_path):
    for name in ("step-1", "step-2"):
        checkpoints.save_checkpoint(tmp_path, name, SMALL)
    return tmp_path


def damage(path, how):
    data = path.read_bytes()
    if how == "flip":
        middle = len(data) // 2
        data = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    path.write_bytes({"cut": data[:-1], "empty": b"", "page": b"<html>"}.get(how, data))


@pytest.mark.parametrize("how", ["cut", "empty", "flip", "page"])
@pytest.mark.parametrize(
    "file",
    ["model.safetensors", "optimizer.safetensors", "state.json", "manifest.json"],
)
def test_a_damaged_checkpoint_is_passed_over(two, capsys, file, how):
    damage(two / "step-2" / file, how)
    checkpoint = checkpoints.load_checkpoint(two)
    assert torch.equal(checkpoint.model["w"], SMALL.model["w"])
    assert checkpoint.state == SMALL.state
    assert "passing over a damaged checkpoint" in capsys.readouterr().err


def test_any_flipped_bit_is_seen(two):
    seen = 0
    path = two / "step-2"
    for file in path.iterdir():
        whole = file.read_bytes()
        for bit in range(0, 8 * len(whole), 37):
            flipped = bytearray(whole)
            flipped[bit // 8] ^= 1 << bit % 8
            file.write_bytes(flipped)
            with pytest.raises(CheckpointError):
                checkpoints._read(path)
            seen += 1
        file.write_bytes(whole)
    assert seen > 50
    checkpoints._read(path)


def test_only_damaged_checkpoints_stop_the_run_and_stay(two):
    for name in ("step-1", "step-2"):
        damage(two / name / "state.json", "cut")
    before = content(two)
    with pytest.raises(CheckpointError, match="all 2 checkpoints in"):
        checkpoints.load_checkpoint(two)
    assert content(two) == before


def test_the_two_newest_are_kept(two):
    checkpoints.save_checkpoint(two, "step-3", SMALL)
    assert sorted(path.name for path in two.iterdir()) == ["step-2", "step-3"]


def test_no_checkpoint_is_no_error(tmp_path):
    assert checkpoints.load_checkpoint(tmp_path / "new") is None

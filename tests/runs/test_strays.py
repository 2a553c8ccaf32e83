"""What lies in a folder and is not ours stays as it is, whatever we do there."""

import os
import random
from unittest import mock

import pytest
import toy_run
from toy import run
from toy_run import COMMAND, TOY

from capsnet_tutorial import capsnet, cli
from capsnet_tutorial.digits import files
from capsnet_tutorial.runs import folder as folders
from capsnet_tutorial.runs import job

NAMES = ["best", "backup", "tmp", ".dvc", ".git", "Thumbs.db", "a b", "é🙂", "-rf", "*"]
NAMES += ["epoch_1", "step-1", "step-00000009", "step-00000009-epoch-0001"]
NAMES += ["step-00000099-epoch-0009.safetensors", ".part-7", ".log.jsonl.part-x"]
NAMES += ["step-00000099-epoch-0009-0123456789ABCDEF.safetensors", "config.json~"]
NAMES += [".config.json.swp", "weights.safetensors.bak", "record.json.part-1"]
NAMES += ["step-00000099-epoch-0009-0123456789abcdef.safetensors.part-1", "log.jsonl.1"]
KINDS = ["file", "folder", "full folder", "link", "dead link", "empty"]
TIMES = [3, pytest.param(40, marks=pytest.mark.long)]


def plant(folder, chance):
    """Strays of every sort; returns what a walk must find again."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in chance.sample(NAMES, 8):
        path, kind = folder / name, chance.choice(KINDS)
        if kind.endswith("folder"):
            path.mkdir()
            if kind == "full folder":
                (path / "kept.txt").write_text("kept")
        elif kind.endswith("link"):
            path.symlink_to("nowhere" if kind == "dead link" else ".")
        else:
            path.write_text("kept" * (kind == "file"))
    return {path: seen(path) for path in planted(folder)}


def planted(folder):
    return [path for path in folder.rglob("*") if not ours(path)]


def ours(path):
    """Files that a run or an install writes, by their full names."""
    return bool(
        folders.OURS.fullmatch(path.name)
        or folders.NAME.fullmatch(path.name)
        or path.name in ("checkpoints", ".lock", ".holder", *files.FILES)
    )


def seen(path):
    if path.is_symlink():
        return "link", os.readlink(path)
    return ("folder",) if path.is_dir() else ("file", path.read_bytes())


@pytest.fixture
def here():
    """Toy runs in this process."""
    with (
        mock.patch.dict(capsnet.PRESETS, {"toy": TOY}),
        mock.patch.object(job, "load_mnist", toy_run.few_digits),
        mock.patch.object(folders.RunFolder, "_picture", return_value=b"a picture"),
    ):
        yield


@pytest.mark.parametrize("times", TIMES)
def test_a_run_touches_only_what_it_wrote(
    tmp_path, warm_start, here, times, record_property
):
    record_property("trials", 2 * times)
    chance = random.Random(times)
    for n in range(times):
        folder = tmp_path / f"run {n}"
        arguments = [*COMMAND.split(), "--folder", str(folder)]
        if n % 2:  # among checkpoints of a run that was stopped
            assert run(folder, step=7, how="term")[0] == 143
        before = plant(folder, chance) | plant(folder / "checkpoints", chance)
        assert cli.main(arguments) == 0
        assert {path: seen(path) for path in planted(folder)} == before
        assert (folder / "record.json").exists()
        assert cli.main(arguments) == 0  # finished already
        assert {path: seen(path) for path in planted(folder)} == before

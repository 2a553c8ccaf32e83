"""Files of a run that are damaged, forged or from another time: one sentence each.

`make test` tries some; `.ci/run` tries hundreds for each file.
"""

import json
import random
import shutil
from unittest import mock

import pytest
import toy_run
from toy import content, run
from toy_run import COMMAND, TOY

from capsnet_tutorial import capsnet, cli
from capsnet_tutorial.records.files import sha256
from capsnet_tutorial.runs import evaluation, job
from capsnet_tutorial.runs import folder as folders

ODD = [
    None,
    -1,
    0,
    1e308,
    10**40,
    True,
    "x",
    "",
    [],
    {},
    [1, "a"],
    {"a": {}},
    float("nan"),
]


def somewhere(value, chance):
    """A random place in a JSON value: its container, and the key or index there."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = chance.choice(keys)
    inner = value[key]
    if isinstance(inner, dict | list) and inner and chance.random() < 0.7:
        return somewhere(inner, chance)
    return value, key


def forged(text, chance):
    """JSON with one value replaced, left out or added."""
    value = json.loads(text)
    container, key = somewhere(value, chance)
    if chance.random() < 0.2:
        del container[key]
    else:
        container[key] = chance.choice(ODD)
    return json.dumps(value).encode()


def damaged(content, chance):
    """Cut, overwritten, empty, or something else altogether."""
    where = chance.randrange(len(content))
    noise = chance.randbytes(8)
    return chance.choice(
        [
            content[:where],
            content[:where] + noise + content[where + 8 :],
            content[:where] + noise + content[where:],
            b"",
            b"[" * 100_000,
            b"null",
            b"\xff\xfe{}",
        ]
    )


def spoiled(content, chance, is_json):
    return (forged if is_json and chance.random() < 0.7 else damaged)(content, chance)


@pytest.fixture
def here():
    """Toy runs in this process."""
    with (
        mock.patch.dict(capsnet.PRESETS, {"toy": TOY}),
        mock.patch.object(job, "load_mnist", toy_run.few_digits),
        mock.patch.object(evaluation, "load_mnist", toy_run.few_digits),
        mock.patch.object(folders.RunFolder, "_picture", return_value=b"a picture"),
    ):
        yield


@pytest.fixture(scope="module")
def stopped(tmp_path_factory, warm_start):
    """A run that was stopped after 7 of its 10 steps."""
    folder = tmp_path_factory.mktemp("stopped") / "run"
    assert run(folder, step=7, how="term")[0] == 143
    return folder


def survives(arguments, path, content_of, capsys):
    """One command over one spoiled file: it ends by itself, with a sentence."""
    path.write_bytes(content_of)
    code = cli.main(arguments)
    told = capsys.readouterr().err
    assert code in (0, 1, 2, 3), (content_of[:200], told)
    if code:
        assert told.count("capsnet ") == 1, told
        assert path.read_bytes() == content_of  # it is still there to be looked at
    return code


TIMES = [10, pytest.param(500, marks=pytest.mark.long)]


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize(
    "name", ["record.json", "weights.safetensors", "evaluation.json"]
)
def test_evaluate_over_a_spoiled_file(
    finished, here, tmp_path, capsys, name, times, record_property
):
    record_property("trials", times)
    folder, chance = tmp_path / "run", random.Random(times)
    shutil.copytree(finished, folder)
    arguments = ["evaluate", str(folder)]
    assert cli.main(arguments) == 0
    before = content(folder)
    refused = 0
    for _ in range(times):
        bad = spoiled(before[folder / name], chance, name.endswith("json"))
        refused += survives(arguments, folder / name, bad, capsys) > 0
        for path, whole in before.items():
            path.write_bytes(whole)
    assert refused > times // 4
    assert cli.main(arguments) == 0


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("name", ["config.json", "record.json"])
def test_train_over_a_spoiled_file(
    finished, here, tmp_path, capsys, name, times, record_property
):
    record_property("trials", times)
    folder, chance = tmp_path / "run", random.Random(times)
    shutil.copytree(finished, folder)
    arguments = [*COMMAND.split(), "--folder", str(folder)]
    before = content(folder)
    refused = 0
    for _ in range(times):
        bad = spoiled(before[folder / name], chance, True)
        refused += survives(arguments, folder / name, bad, capsys) > 0
        for path, whole in before.items():
            path.write_bytes(whole)
    assert refused > times // 8
    assert cli.main(arguments) == 0


@pytest.mark.parametrize("times", TIMES)
def test_a_checkpoint_of_another_time_is_refused(
    stopped, here, tmp_path, capsys, times, record_property
):
    """Whole, by its name, but with other contents: a newer version, or a forgery."""
    record_property("trials", times)
    folder, chance = tmp_path / "run", random.Random(times)
    shutil.copytree(stopped, folder)
    arguments = [*COMMAND.split(), "--folder", str(folder)]
    before = content(folder)
    newest = max((folder / "checkpoints").iterdir())
    whole = newest.read_bytes()
    refused = 0
    for _ in range(times):
        bad = forged_checkpoint(whole, chance)
        newest.unlink(missing_ok=True)
        name = newest.name.replace(newest.stem[-16:], sha256(bad)[:16])
        path = newest.with_name(name)
        refused += survives(arguments, path, bad, capsys) > 0
        shutil.rmtree(folder)
        for path, content_of in before.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content_of)
    assert refused > times // 4
    assert cli.main(arguments) == 0


def forged_checkpoint(whole, chance):
    """Another state in the metadata of its safetensors; or no safetensors at all."""
    if chance.random() < 0.3:
        return damaged(whole, chance)
    size = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8 : 8 + size])
    if chance.random() < 0.3:
        header = json.loads(forged(json.dumps(header), chance))
    else:
        metadata = header["__metadata__"]
        metadata["state"] = forged(metadata["state"], chance).decode()
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + whole[8 + size :]

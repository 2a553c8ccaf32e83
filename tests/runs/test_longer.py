"""A finished run goes on for more epochs, where its schedule allows."""

import json

import pytest
import toy_run

from capsnet_tutorial.runs import TrainConfig, fit, load_run
from capsnet_tutorial.runs.checkpoints import CheckpointError
from capsnet_tutorial.runs.evaluation import finished_record


class Death(Exception):
    pass


def die(*_):
    raise Death


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setitem(toy_run.capsnet.PRESETS, "toy", toy_run.TOY)
    monkeypatch.setattr("capsnet_tutorial.runs.job.load_mnist", toy_run.few_digits)


def recipe(epochs, **more):
    sizes = {"preset": "toy", "data": "mini", "batch_size": 8, "epochs": epochs}
    return TrainConfig(**sizes, **more)


def train(folder, epochs, **more):
    return fit(recipe(epochs, **more), folder, cpu=True, quiet=True)


def test_more_epochs_end_as_if_they_had_been_asked_for_at_once(tmp_path):
    train(tmp_path / "long", 2)
    record = train(tmp_path / "long", 4)
    at_once = train(tmp_path / "at once", 4)
    one, two = (
        (tmp_path / name / "weights.safetensors").read_bytes()
        for name in ("long", "at once")
    )
    assert one == two
    timeless = [
        [{k: x for k, x in row.items() if k != "seconds"} for row in one["epochs"]]
        for one in (record, at_once)
    ]
    assert timeless[0] == timeless[1]
    assert record["config"]["epochs"] == 4
    assert [attempt["from_step"] for attempt in record["attempts"]] == [0, 10]


def test_fewer_epochs_are_another_run(tmp_path):
    train(tmp_path, 2)
    with pytest.raises(CheckpointError, match="holds a run with epochs 2; pass the"):
        train(tmp_path, 1)


def test_a_one_cycle_schedule_ends_and_says_so(tmp_path):
    train(tmp_path, 2, schedule="one-cycle")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(CheckpointError, match="one-cycle schedule of 2 epochs"):
        train(tmp_path, 3, schedule="one-cycle")
    assert before == {
        path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("epochs", ["2", None, 1.5, True, [2], {}])
def test_epochs_that_are_no_number_are_another_run(tmp_path, epochs):
    train(tmp_path, 2)
    config = json.loads((tmp_path / "config.json").read_bytes())
    (tmp_path / "config.json").write_text(json.dumps(config | {"epochs": epochs}))
    with pytest.raises(CheckpointError, match="holds a run with epochs"):
        train(tmp_path, 2)


def test_a_config_without_epochs_has_the_default(tmp_path):
    train(tmp_path, 2)
    config = json.loads((tmp_path / "config.json").read_bytes())
    del config["epochs"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match="holds a run with epochs 50; pass"):
        train(tmp_path, 2)


def test_until_it_ends_the_shorter_run_can_be_used(tmp_path, monkeypatch):
    train(tmp_path, 2)
    weights = (tmp_path / "weights.safetensors").read_bytes()

    with monkeypatch.context() as patch:
        patch.setattr("capsnet_tutorial.runs.folder.RunFolder.end_epoch", die)
        with pytest.raises(Death):
            train(tmp_path, 3)
    assert finished_record(tmp_path)["config"]["epochs"] == 2
    assert (tmp_path / "weights.safetensors").read_bytes() == weights
    load_run(tmp_path)
    with pytest.raises(CheckpointError, match="holds a run with epochs 3"):
        train(tmp_path, 2)
    assert train(tmp_path, 3)["config"]["epochs"] == 3
    load_run(tmp_path)


def test_dying_between_new_weights_and_their_record_mixes_nothing(
    tmp_path, monkeypatch
):
    train(tmp_path, 2)

    with monkeypatch.context() as patch:
        patch.setattr("capsnet_tutorial.runs.folder.RunFolder._picture", die)
        with pytest.raises(Death):
            train(tmp_path, 3)
    with pytest.raises(CheckpointError, match="has no finished run"):
        load_run(tmp_path)
    train(tmp_path, 3)
    load_run(tmp_path)

"""`fit` from Python, divergence, two processes, and counting on digits never seen."""

import json
import os
import subprocess
import sys

import pytest
import torch
import toy_run

from capsnet_tutorial import capsnet, cli, train_step
from capsnet_tutorial.digits.files import DataError
from capsnet_tutorial.records import read_sealed
from capsnet_tutorial.runs import TrainConfig, evaluate, fit, job, load_run
from capsnet_tutorial.runs.progress import STUCK_STEPS, Progress
from capsnet_tutorial.training import Diverged


def recipe(**changes):
    """Of the toy; to be called where its preset is known."""
    known = {"preset": "toy", "data": "mini", "epochs": 1, "batch_size": 8}
    return TrainConfig(**{**known, **changes})


@pytest.fixture
def toy(monkeypatch, tmp_path):
    monkeypatch.setitem(capsnet.PRESETS, "toy", toy_run.TOY)
    monkeypatch.setattr(job, "load_mnist", toy_run.few_digits)
    return tmp_path / "run"


@pytest.fixture
def trained(toy):
    """A run of the toy on 40 digits, and its record."""
    return toy, fit(recipe(), toy, cpu=True, quiet=True)


def test_fit_draws_what_it_learned_and_returns_its_record(trained):
    folder, record = trained
    assert record == read_sealed(folder / "record.json")
    assert (folder / "reconstructions.png").read_bytes()[:4] == b"\x89PNG"
    assert record["parameters"] == sum(p.numel() for p in load_run(folder).parameters())


def test_one_epoch_is_the_plain_loop_over_its_batches(trained):
    """The same network, by hand: no folder, nothing but train_step."""
    from capsnet_tutorial.digits import shift_images
    from capsnet_tutorial.runs.config import learning_rates, order_of, shifts_of

    _, record = trained
    config = recipe()
    images, labels = toy_run.few_digits("train", "mini").tensors
    torch.manual_seed(config.seed)
    model = capsnet.CapsNet(config.model_config())
    optimizer = torch.optim.Adam(model.parameters(), lr=config.lr)
    schedule = learning_rates(config, optimizer, 5)
    order, shifts = order_of(config, 0, 40), shifts_of(config, 0, 40)
    margins = []
    for batch in order.split(8):
        moved = shift_images(images[batch], shifts[:, batch])
        margins.append(train_step(model, optimizer, moved, labels[batch]).margin)
        schedule.step()
    expected = sum(margins) / 5
    assert record["epochs"][0]["margin"] == pytest.approx(expected, rel=1e-5)


def test_trainval_learns_from_all_and_counts_nothing(toy):
    record = fit(recipe(split="trainval"), toy, cpu=True, quiet=True)
    assert "val_errors" not in record["epochs"][0]


def test_validation_counts_on_the_digits_held_out(trained):
    folder, record = trained
    images, labels = toy_run.few_digits("val", "mini").tensors
    with torch.no_grad():
        named = load_run(folder)(images).lengths.argmax(dim=1)
    assert record["epochs"][-1]["val_errors"] == (named != labels).sum().item()


def test_evaluate_counts_once_and_reads_the_answer_after(trained, monkeypatch):
    folder, _ = trained
    counted = evaluate(folder)
    assert counted["n"] == 500
    assert counted["split"] == "val"
    assert len(counted["wrong"]) == counted["errors"] <= 500
    monkeypatch.setattr("capsnet_tutorial.runs.evaluation.predict", None)
    assert evaluate(folder) == counted


def test_evaluate_prints_the_share(trained, capsys):
    folder, _ = trained
    assert cli.main(["evaluate", str(folder)]) == 0
    errors = evaluate(folder)["errors"]
    first, head, *rows, picture = capsys.readouterr().out.splitlines()
    assert picture.endswith("mistakes.png")
    assert first == f"{errors} of 500 digits are wrong ({errors / 500:.2%}), split val"
    assert head.split() == [row.split()[0] for row in rows] == list("0123456789")
    assert sum(int(n) for row in rows for n in row.split()[1:] if n != ".") == 500


def test_evaluate_refuses_a_run_that_is_not_finished(tmp_path, capsys):
    assert cli.main(["evaluate", str(tmp_path)]) == 2
    assert "has no finished run" in capsys.readouterr().err


def test_damaged_weights_are_refused(trained):
    folder, _ = trained
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"weights.safetensors is damaged"):
        load_run(folder)


def test_divergence_names_step_rate_layer_and_examples(toy, capsys):
    """The learning rate is so high that float32 overflows."""
    command = toy_run.COMMAND.replace("--epochs 2", "--epochs 20 --lr 1e30")
    assert cli.main([*command.split(), "--folder", str(toy)]) == 3
    message = capsys.readouterr().err
    assert "a gradient is not finite" in message
    for part in ("step ", "first seen in ", "learning rate is 1e+30", "examples are ["):
        assert part in message


@pytest.mark.parametrize(
    ("level", "n_classes", "word"), [(0.81, 10, "dead"), (3.645, 10, "saturated")]
)
def test_a_loss_that_stays_is_explained(level, n_classes, word):
    progress = Progress()
    for _ in range(STUCK_STEPS - 1):
        progress.watch(level, n_classes)
    with pytest.raises(Diverged, match=rf"stayed at {level}\d* for 200 steps.*{word}"):
        progress.watch(level, n_classes)


def test_a_loss_that_comes_back_is_left_alone():
    progress = Progress()
    for step in range(3 * STUCK_STEPS):
        margin = 0.7 if step % (STUCK_STEPS - 1) == 0 else 0.81
        progress.watch(margin, 10)
    assert progress.stuck < STUCK_STEPS


@pytest.mark.long
def test_two_processes_give_the_curve_of_one(toy):
    """`accelerate launch` (for it, several processes are --multi_gpu), on the CPU."""
    command = f"""{sys.executable} -m accelerate.commands.launch --multi_gpu
        --num_processes 2 --num_machines 1 --mixed_precision no --dynamo_backend no
        --main_process_port 0 {toy_run.__file__} {toy}-2"""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command.split(), capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    both = json.loads((toy.with_name("run-2") / "record.json").read_bytes())
    one = fit(TrainConfig(**both["config"]), f"{toy}-1", cpu=True, quiet=True)
    assert (both["processes"], one["processes"]) == (2, 1)
    assert len(both["epochs"]) == len(one["epochs"]) == 2
    for ours, theirs in zip(both["epochs"], one["epochs"], strict=True):
        for name in ("total", "margin", "reconstruction"):
            assert ours[name] == pytest.approx(theirs[name], rel=1e-5)


@pytest.mark.parametrize("minutes", [float("nan"), -1.0])
@pytest.mark.parametrize("name", ["max_minutes", "save_minutes"])
def test_minutes_that_are_none_are_refused_before_anything_is_written(
    tmp_path, name, minutes
):
    with pytest.raises(ValueError, match=f"{name} is .*; pass 0 or more"):
        fit(TrainConfig(data="mini"), tmp_path / "run", **{name: minutes})
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"step": 21},
        {"step": -1},
        {"step": 1.0},
        {"step": 5, "epochs": [{}, {}]},
        {"step": 7, "epochs": [{}]},
        {"step": 20, "epochs": [{}, {}, {}]},
        {"sums": [0.0, 0.0, float("nan")]},
        {"sums": [0.0, 0.0]},
        {"seconds": "1"},
    ],
)
def test_a_progress_that_no_run_can_have_is_refused(as_users_run_it, fields):
    """Of a run of 2 epochs with 8 steps each."""
    for step, epochs in ((0, 0), (3, 0), (8, 0), (8, 1), (16, 1), (16, 2)):
        Progress(step=step, epochs=[{}] * epochs).check(2, 8)
    with pytest.raises(ValueError, match="epochs of 8 steps"):
        Progress(**fields).check(2, 8)

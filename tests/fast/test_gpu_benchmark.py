"""What benchmarks/gpu.sh runs, on a CPU with a toy: it runs, learns and records."""

import json
import subprocess
import sys
from unittest import mock

import pytest
import torch
import toy_run
from built import ROOT

from capsnet_tutorial import CapsNet, capsnet, train_step
from capsnet_tutorial.runs import TrainConfig, job
from capsnet_tutorial.runs.config import learning_rates

sys.path.insert(0, str(ROOT / "benchmarks"))
import gpu
import gpu_step


@pytest.fixture(autouse=True)
def toy():
    with (
        mock.patch.dict(capsnet.PRESETS, {"toy": toy_run.TOY}),
        mock.patch.object(job, "load_mnist", toy_run.few_digits),
        mock.patch.object(gpu, "load_mnist", toy_run.few_digits),
    ):
        yield


def record_of(part, folder, epochs=2, *more):
    options = ["--preset", "toy", "--data", "mini", "--epochs", str(epochs), *more]
    gpu.main([part, *options, "--folder", str(folder)])
    return json.loads((folder / f"gpu-{part}.json").read_text())


def test_epoch(tmp_path):
    with mock.patch.object(gpu, "LEARNED", 1):  # 40 digits teach little
        record = record_of("epoch", tmp_path, epochs=3)
    assert len(record["epoch_seconds"]) == 3
    assert record["images"] == toy_run.N
    assert record["losses"][-1] < record["losses"][0]
    assert record["cuda_graph"] is False


def test_profile(tmp_path):
    shares = record_of("profile", tmp_path)["shares"]
    assert any("conv" in name for name in shares)
    assert 0.3 < sum(shares.values()) <= 1.001


def test_a_dead_network_has_no_seconds(tmp_path):
    with (
        mock.patch.object(gpu.Stepper, "train", return_value=[0.79, 0.78]),
        pytest.raises(RuntimeError, match="nothing was learned"),
    ):
        record_of("epoch", tmp_path)


def test_one_epoch_does_not_tell_whether_it_learns(tmp_path):
    with pytest.raises(ValueError, match="epochs is 1; pass 2 or more"):
        record_of("epoch", tmp_path, epochs=1)


def test_accuracy_counts_after_each_epoch(tmp_path):
    record = record_of("accuracy", tmp_path)
    seconds = [x["seconds"] for x in record["epochs"]]
    assert len(seconds) == 2
    assert 0 < seconds[0] < seconds[1]
    assert all(0 <= x["val_errors"] <= x["val_n"] for x in record["epochs"])


def test_reached_is_the_first_epoch_that_is_good_enough():
    log = [
        {"seconds": 5 * n, "val_errors": errors, "val_n": 1000}
        for n, errors in enumerate((30, 10, 6, 11))
    ]
    assert gpu.reached(log) == {"seconds_to_1.0%": 5, "seconds_to_0.5%": None}


def test_arms_of_the_table_are_paired(tmp_path):
    runs = record_of("table", tmp_path, 2, "--seeds", "2")["runs"]
    arms = [(run["seed"], run["arm"]) for run in runs]
    assert arms == [(seed, arm) for seed in range(2) for arm in gpu.ARMS]
    assert all(run["errors"]["errors"] <= run["errors"]["n"] for run in runs)
    three = [tuple(run["losses"]) for run in runs if "r = 3" in run["arm"]]
    assert len({*three}) == 6  # other seeds and other weights, other losses


def test_the_table_ends_with_a_whole_seed(tmp_path):
    runs = record_of("table", tmp_path, 1, "--seconds", "0")["runs"]
    assert [run["seed"] for run in runs] == [0] * len(gpu.ARMS)


def test_a_network_begins_anew_as_a_new_one():
    config = TrainConfig(preset="toy", batch_size=7, epochs=2)
    digits = torch.rand(17, 1, 28, 28), torch.arange(17) % 10
    used = gpu_step.Stepper(config)
    used.train(*digits, seed=5)
    used.restart(seed=0, reconstruction_weight=0.0005)
    new = gpu_step.Stepper(config)
    assert used.train(*digits, seed=1) == new.train(*digits, seed=1)


def test_the_learning_rate_follows_the_schedule():
    config = TrainConfig(preset="toy", batch_size=7, epochs=2, schedule="one-cycle")
    stepper, rates = gpu_step.Stepper(config), []

    def step():
        rates.append(stepper.rate.item())
        return torch.tensor(0.0)

    stepper.step = step
    stepper.train(torch.rand(17, 1, 28, 28), torch.arange(17) % 10, seed=0)
    adam = torch.optim.Adam([torch.zeros(1)], lr=config.lr)
    schedule = learning_rates(config, adam, 6)
    for rate in rates:
        assert rate == pytest.approx(schedule.get_last_lr()[0])
        adam.step()
        schedule.step()
    assert len(rates) == 6
    assert stepper.optimizer.param_groups[0]["lr"] is stepper.rate


def test_the_step_is_that_of_the_package():
    """It looks at nothing while it runs, and moves the weights to the same place."""
    config = TrainConfig(preset="toy", batch_size=7)
    stepper = gpu_step.Stepper(config)
    torch.manual_seed(config.seed)
    net = CapsNet(toy_run.TOY)
    optimizer = torch.optim.Adam(net.parameters())
    images, labels = torch.rand(7, 1, 28, 28), torch.arange(7)
    stepper.images.copy_(images)
    stepper.labels.copy_(labels)
    for _ in range(3):
        loss = stepper.step()
        with torch.autocast("cpu", torch.bfloat16):
            expected = train_step(net, optimizer, images, labels).total
        assert loss.item() == pytest.approx(expected, rel=1e-3)


def test_an_epoch_sees_every_image_and_fills_the_last_batch():
    stepper, seen = gpu_step.Stepper(TrainConfig(preset="toy", batch_size=7)), []

    def step():
        seen.extend(stepper.labels.tolist())
        return torch.tensor(float(len(seen)))

    stepper.step = step
    mean = stepper._epoch(torch.rand(17, 1, 28, 28), torch.arange(17), [0.001] * 3)
    assert seen == [*range(17), 0, 1, 2, 3]
    assert mean.item() == 14


def test_the_script_names_parts_that_exist():
    script = (ROOT / "benchmarks" / "gpu.sh").read_text()
    parts = [line.split()[1:3] for line in script.split("\n") if line[:5] == "part "]
    assert [name for name, _ in parts] == list(gpu.PARTS)
    assert sum(int(limit) for _, limit in parts) < 600
    subprocess.run(["bash", "-n", ROOT / "benchmarks" / "gpu.sh"], check=True)

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


def record_of(part, folder, epochs=2):
    options = ["--preset", "toy", "--data", "mini", "--epochs", str(epochs)]
    gpu.main([part, *options, "--folder", str(folder)])
    return json.loads((folder / f"gpu-{part}.json").read_text())


def test_epoch(tmp_path):
    record = record_of("epoch", tmp_path, epochs=3)
    assert len(record["epoch_seconds"]) == 3
    assert record["images"] == toy_run.N
    assert record["losses"][-1] < record["losses"][0]
    assert record["cuda_graph"] is False


def test_profile(tmp_path):
    shares = record_of("profile", tmp_path)["shares"]
    assert any("conv" in name for name in shares)
    assert 0.3 < sum(shares.values()) <= 1.001


def test_accuracy_takes_the_first_epoch_that_is_good_enough(tmp_path):
    log = [
        {"seconds": 5 * n, "val_errors": errors, "val_n": 1000}
        for n, errors in enumerate((30, 10, 6, 11))
    ]
    with mock.patch.object(gpu, "train", return_value=log):
        record = record_of("accuracy", tmp_path)
    assert (record["seconds_to_1.0%"], record["seconds_to_0.5%"]) == (5, None)


def test_pilot_is_paired(tmp_path):
    runs = record_of("pilot", tmp_path, epochs=3)["runs"]
    pairs = [(run["seed"], run["reconstruction_weight"]) for run in runs]
    assert pairs == [(seed, weight) for seed in range(3) for weight in (0.0005, 0.01)]
    assert all(0 <= run["val_errors"] <= run["val_n"] for run in runs)


def test_pilot_stops_after_a_whole_pair(tmp_path):
    with (
        mock.patch.object(gpu, "train", return_value=[{}]) as train,
        mock.patch.object(gpu, "PILOT_SECONDS", 0),
    ):
        record = record_of("pilot", tmp_path)
    assert record["seeds_that_fitted"] == 1
    assert train.call_count == 2


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
    mean = stepper.epoch(torch.rand(17, 1, 28, 28), torch.arange(17))
    assert seen == [*range(17), 0, 1, 2, 3]
    assert mean.item() == 14


def test_the_script_names_parts_that_exist():
    script = (ROOT / "benchmarks" / "gpu.sh").read_text()
    parts = [line.split()[1:3] for line in script.split("\n") if line[:5] == "part "]
    assert [name for name, _ in parts] == list(gpu.PARTS)
    assert sum(int(limit) for _, limit in parts) < 600
    subprocess.run(["bash", "-n", ROOT / "benchmarks" / "gpu.sh"], check=True)

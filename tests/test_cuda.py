"""On a GPU: the same answers, losses, gradients and counts as on the CPU."""

import copy
import dataclasses

import pytest
import torch
from torch import nn

from capsnet_tutorial import CapsNet, load_mnist, load_pretrained
from capsnet_tutorial.baselines import BASELINES
from capsnet_tutorial.capsnet import PRESETS
from capsnet_tutorial.experiments import load_study, run_study, study_record
from capsnet_tutorial.experiments.measure import MEASURES
from capsnet_tutorial.fast import speed_up
from capsnet_tutorial.losses import present_classes
from capsnet_tutorial.runs import Stopped, TrainConfig, evaluate, fit
from capsnet_tutorial.training import paper_losses

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA device here"
)


@pytest.fixture(autouse=True)
def exact():
    """Products in float32, not in TF32, so that a CPU can be compared with."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    yield
    torch.backends.cudnn.allow_tf32 = before


def digits(n=32):
    return tuple(x[:n] for x in load_mnist("val", "mini").tensors)


def gradients(net, images, labels):
    net.zero_grad()
    present = present_classes(labels, 10)
    paper_losses(net(images, present), images, present).total.backward()
    return {name: p.grad.cpu().clone() for name, p in net.named_parameters()}


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("preset", PRESETS)
def test_answers_and_gradients_are_those_of_the_cpu(preset, fast):
    net = CapsNet(PRESETS[preset])
    images, labels = digits()
    expected, gradient = net(images).lengths, gradients(net, images, labels)
    net.cuda()
    if fast:
        speed_up(net)
    found = net(images.cuda()).lengths
    torch.testing.assert_close(found.cpu(), expected, atol=1e-5, rtol=1e-3)
    there = gradients(net, images.cuda(), labels.cuda())
    for name, value in gradient.items():
        miss = (there[name] - value).norm() / value.norm()
        assert miss < 1e-3, (name, miss)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("fast", [False, True])
def test_half_precision_names_the_same_digits(fast, dtype):
    images, labels = digits(500)
    net = load_pretrained("tiny").cuda()
    if fast:
        speed_up(net)
    with torch.autocast("cuda", dtype):
        output = net(images.cuda())
    assert output.lengths.dtype == torch.float32
    right = output.lengths.argmax(dim=1).cpu() == labels
    assert right.sum() >= 495  # 498 in float32


def test_compiled_is_equal():
    images, labels = digits()
    net = speed_up(load_pretrained("tiny").requires_grad_(True)).cuda()
    expected = gradients(net, images.cuda(), labels.cuda())
    found = gradients(
        torch.compile(copy.deepcopy(net), fullgraph=True), images.cuda(), labels.cuda()
    )
    for name, value in found.items():
        wanted = expected[name.removeprefix("_orig_mod.")]
        torch.testing.assert_close(value, wanted, atol=1e-4, rtol=1e-2)


def test_a_wrong_device_is_an_error():
    with pytest.raises(RuntimeError, match=r"type|device"):
        CapsNet(PRESETS["tiny"]).cuda()(digits()[0])


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_run_learns_stops_goes_on_and_is_counted(tmp_path, precision):
    config = TrainConfig(
        preset="tiny", data="mini", epochs=2, lr=0.002, precision=precision
    )
    with pytest.raises(Stopped):
        fit(config, tmp_path, max_minutes=0, quiet=True)
    record = fit(config, tmp_path, quiet=True)
    assert record["device"]["type"] == "cuda"
    assert record["epochs"][-1]["val_errors"] < 60  # of 500
    counted = evaluate(tmp_path)
    assert counted["errors"] / counted["n"] < 0.12
    weights = (tmp_path / "weights.safetensors").read_bytes()
    fit(config, tmp_path, quiet=True)
    assert (tmp_path / "weights.safetensors").read_bytes() == weights


@pytest.mark.parametrize(
    "change",
    [
        {"pairs": True, "pad": 4},
        {"max_turn": 30.0},
        {"all_shifts": True},
        {"bug": "one-shift-a-batch"},
    ],
    ids=str,
)
def test_every_way_to_train_does(tmp_path, change):
    config = TrainConfig(preset="tiny", data="mini", epochs=2, batch_size=90, **change)
    record = fit(config, tmp_path, quiet=True)
    first, second = (row["margin"] for row in record["epochs"])
    assert record["device"]["type"] == "cuda"
    assert second < first


def close(found, expected, name=""):
    """Equal numbers, or nearly: a count may differ by what rounding decides."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), name
        for key, value in expected.items():
            close(found[key], value, f"{name} {key}")
    elif isinstance(expected, list) and name.split()[-1] != "wrong":
        assert len(found) == len(expected), name
        for k, value in enumerate(expected):
            close(found[k], value, f"{name} {k}")
    elif isinstance(expected, int):
        assert abs(found - expected) <= 1 + expected // 100, (name, found, expected)
    elif isinstance(expected, float):
        miss = abs(found - expected)
        assert miss <= 1e-3 + 0.02 * abs(expected), (name, found, expected)


@pytest.mark.parametrize("measure", MEASURES)
def test_what_is_measured_is_what_the_cpu_measures(measure):
    net: nn.Module = load_pretrained("tiny")
    config = TrainConfig(preset="tiny", data="mini")
    if measure == "pairs":
        config = TrainConfig(preset="tiny", data="mini", pairs=True, pad=4)
        net = load_pretrained("pairs")
    n = 500
    expected = MEASURES[measure](net, config, digits(n))
    there = tuple(x.cuda() for x in digits(n))
    close(MEASURES[measure](net.cuda(), config, there), expected, measure)


@pytest.mark.parametrize("measure", ["moved", "equivariance"])
def test_a_cnn_is_measured_too(measure):
    net = BASELINES["cnn"]().eval()
    config = TrainConfig(variant="cnn", data="mini")
    expected = MEASURES[measure](net, config, digits(500))
    there = tuple(x.cuda() for x in digits(500))
    close(MEASURES[measure](net.cuda(), config, there), expected, measure)


def test_a_study_runs_in_several_processes_on_one_gpu(tmp_path):
    study = load_study("ablation")
    base = {**study.base, "epochs": 1, "batch_size": 450}
    study = dataclasses.replace(study, seeds=1, count_on="mini-val", base=base)
    run_study(study, tmp_path, processes=4, quiet=True)
    runs = study_record(study, tmp_path)["runs"]
    assert [run["arm"] for run in runs] == list(study.arms)
    assert {run["device"]["type"] for run in runs} == {"cuda"}

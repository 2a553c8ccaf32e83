"""`capsnet train --variant` trains, resumes and evaluates other networks as ours."""

import json

import pytest
import torch
import toy_run
from toy import run

from capsnet_tutorial import capsnet, cli
from capsnet_tutorial.baselines import BASELINES
from capsnet_tutorial.runs import TrainConfig, fit, job, load_run
from capsnet_tutorial.variants import VARIANTS

DRAW = {  # those with a decoder
    "xifeng",
    "labml",
    "rotated",
    "capsule-cnn",
    "3-layers-scaled",
}


@pytest.fixture
def toy(monkeypatch, tmp_path):
    monkeypatch.setitem(capsnet.PRESETS, "toy", toy_run.TOY)
    monkeypatch.setattr(job, "load_mnist", toy_run.few_digits)
    return tmp_path / "run"


@pytest.mark.parametrize("variant", [*VARIANTS, *BASELINES, "3-layers-scaled"])
def test_each_trains_to_a_record_and_is_evaluated(toy, variant, capsys):
    size = {"lr": 0.003} if variant in BASELINES else {"lr": 0.01, "preset": "toy"}
    size |= {"pad": 4} if variant == "pair-cnn" else {}
    config = TrainConfig(variant=variant, data="mini", epochs=3, batch_size=8, **size)
    record = fit(config, toy, cpu=True, quiet=True)
    losses = [row["total"] for row in record["epochs"]]
    assert losses[-1] < losses[0]
    assert record["config"]["variant"] == variant
    net = load_run(toy)
    images, labels = toy_run.few_digits("val", "mini").tensors
    images = torch.nn.functional.pad(images, (config.pad,) * 4)
    wrong = (net(images).lengths.argmax(dim=1) != labels).sum()
    assert record["epochs"][-1]["val_errors"] == wrong
    assert cli.main(["evaluate", str(toy)]) == 0
    assert "of 500 digits are wrong" in capsys.readouterr().out
    assert (toy / "reconstructions.png").exists() == (variant in DRAW)


def test_a_variant_that_was_stopped_ends_with_the_same_weights(folder):
    options = ["--variant", "labml", "--repair", "axis", "start"]
    whole = folder.with_name("whole")
    assert run(whole, *options)[0] == 0
    assert run(folder, *options, step=6, how="term")[0] == 143
    assert run(folder, *options)[0] == 0
    files = [path / "weights.safetensors" for path in (whole, folder)]
    assert files[0].read_bytes() == files[1].read_bytes()
    config = json.loads((folder / "config.json").read_bytes())
    assert config["repair"] == ["axis", "start"]


def config_of(*arguments):
    return cli._config(cli._parser().parse_args(["train", "--cpu", *arguments]))


def test_a_document_says_how_it_trains_where_nothing_is_asked():
    assert config_of("--variant", "classifier").batch_size == 100
    assert config_of("--variant", "classifier").max_shift == 0
    asked = config_of("--variant", "classifier", "--max-shift", "2")
    assert (asked.max_shift, asked.batch_size) == (2, 100)
    assert config_of() == TrainConfig(
        data=config_of().data, precision=config_of().precision
    )


def test_all_repairs_can_be_asked_for_at_once():
    config = config_of("--variant", "xifeng", "--repair", "all")
    assert set(config.repair) == set(VARIANTS["xifeng"].repairs)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"variant": "keras"}, "variant is 'keras'; pass one of classifier"),
        ({"repair": ["axis"]}, "the network of the paper has no repair axis"),
        ({"variant": "lenet5", "repair": ["axis"]}, "lenet5 has no repair axis"),
        ({"variant": "labml", "repair": ["view"]}, "labml has no repair view"),
        ({"variant": "labml", "class_bias": True}, "labml has no class_bias"),
        ({"variant": "lenet5", "preset": "tiny"}, "lenet5 has no preset"),
        ({"variant": "xifeng", "reconstruction_weight": 0.01}, "no reconstruction_w"),
    ],
)
def test_what_a_variant_would_not_heed_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        TrainConfig(**fields)


def test_a_config_comes_back_from_json():
    config = TrainConfig(variant="labml", repair=["axis"])
    assert config == TrainConfig(**json.loads(json.dumps(vars(config))))
    assert torch.is_tensor(config.network().router.weight)

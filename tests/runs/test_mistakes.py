"""`capsnet evaluate` shows the worst mistakes."""

import pytest
import torch
import toy_run

from capsnet_tutorial import cli, plots
from capsnet_tutorial.runs import TrainConfig, evaluate, fit, load_run
from capsnet_tutorial.runs.evaluation import MISTAKES, N_WORST


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mistakes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(toy_run.capsnet.PRESETS, "toy", toy_run.TOY)
        patch.setattr("capsnet_tutorial.runs.job.load_mnist", toy_run.few_digits)
        config = TrainConfig(preset="toy", data="mini", epochs=1, batch_size=8)
        fit(config, folder, cpu=True, quiet=True)
    return folder


@pytest.fixture(autouse=True)
def few(monkeypatch, run):
    monkeypatch.setitem(toy_run.capsnet.PRESETS, "toy", toy_run.TOY)
    monkeypatch.setattr(
        "capsnet_tutorial.runs.evaluation.load_mnist", toy_run.few_digits
    )
    (run / "evaluation.json").unlink(missing_ok=True)


def test_the_worst_are_first_with_what_they_were_taken_for(run, monkeypatch):
    monkeypatch.setattr("capsnet_tutorial.runs.evaluation.N_WORST", 5)
    shown = {}

    def digits(images, titles, **options):
        shown.update(options, images=images, titles=titles)
        return plots.lengths([0.5], ["a figure"])

    monkeypatch.setattr("capsnet_tutorial.runs.evaluation.plots.digits", digits)
    counted = evaluate(run)
    images, labels = toy_run.few_digits("val", "mini").tensors
    lengths = load_run(run)(images).lengths
    answers = lengths.argmax(dim=1)
    ahead = lengths.max(dim=1).values - lengths[torch.arange(20), labels]
    assert counted["errors"] == (ahead > 0).sum() > 5
    worst = ahead.argsort(descending=True)[:5]
    assert torch.equal(shown["images"], images[worst])
    assert shown["titles"] == [f"{labels[k]}: {answers[k]}?" for k in worst.tolist()]
    assert shown["wrong"]


def test_evaluate_says_where_the_picture_is(run, capsys):
    assert N_WORST == 24
    assert cli.main(["evaluate", str(run)]) == 0
    assert f"the worst mistakes, as a picture: {run / MISTAKES}" in (
        capsys.readouterr().out
    )
    assert (run / MISTAKES).read_bytes()[:4] == b"\x89PNG"


def test_without_mistakes_there_is_no_picture(run, monkeypatch, capsys):
    (run / MISTAKES).write_bytes(b"of other weights")
    images, _ = toy_run.few_digits("val", "mini").tensors
    named = load_run(run)(images).lengths.argmax(dim=1)
    right = torch.utils.data.TensorDataset(images, named)
    monkeypatch.setattr("capsnet_tutorial.runs.evaluation.load_mnist", lambda *_: right)
    assert evaluate(run)["errors"] == 0
    assert not (run / MISTAKES).exists()

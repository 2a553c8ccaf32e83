"""Runs that learn from pairs: as real as those on single digits."""

import json
import re

import pytest
import torch
import toy_run

from capsnet_tutorial import cli
from capsnet_tutorial.digits import shift_images
from capsnet_tutorial.losses import margin_loss, reconstruction_loss
from capsnet_tutorial.overlaps import held_out_pairs, make_pairs, two_longest
from capsnet_tutorial.runs import TrainConfig, evaluate, fit, load_run
from capsnet_tutorial.runs.config import draws_of
from capsnet_tutorial.runs.job import Job


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setitem(toy_run.capsnet.PRESETS, "toy", toy_run.TOY)
    for module in ("job", "evaluation"):
        monkeypatch.setattr(
            f"capsnet_tutorial.runs.{module}.load_mnist", toy_run.few_digits
        )


def recipe(**more):
    sizes = {"preset": "toy", "data": "mini", "epochs": 2, "batch_size": 8}
    return TrainConfig(**{**sizes, "pairs": True, "pad": 4, "max_shift": 4, **more})


def test_a_run_of_pairs_counts_pairs(tmp_path):
    record = fit(recipe(), tmp_path, cpu=True, quiet=True)
    assert record["network"]["image_shape"] == [1, 36, 36]
    assert (tmp_path / "reconstructions.png").exists()
    images, labels = toy_run.few_digits("val", "mini").tensors
    made = held_out_pairs(images, labels)
    net = load_run(tmp_path)
    with torch.no_grad():
        wrong = (two_longest(net(made.images).lengths) != made.present).any(dim=1)
    last = record["epochs"][-1]
    assert (last["val_errors"], last["val_n"]) == (wrong.sum().item(), 10_000)
    counted = evaluate(tmp_path)
    assert counted["wrong"] == wrong.nonzero().flatten().tolist()
    assert counted["confusion"] is None


def test_a_step_learns_from_two_moved_digits_and_draws_both():
    config = recipe(max_turn=0.0)
    job = Job(config, cpu=True)
    draws = draws_of(config, 1, job.labels)
    batch = draws.order[:8]
    images, labels = job.images, job.labels
    padded = torch.nn.functional.pad(images, (4,) * 4)
    partner = draws.partners[batch]
    first = shift_images(padded[batch], draws.moves.shifts[:, batch])
    second = shift_images(padded[partner], draws.partner_moves.shifts[:, batch])
    made = make_pairs(first, labels[batch], second, labels[partner])
    with torch.no_grad():
        output = job.model(made.images, made.present)
        margin = margin_loss(output.lengths, made.present).item()
        drawn = reconstruction_loss(output.reconstruction, made.digits).item()
    result = job.step(batch, draws)
    assert result.margin == pytest.approx(margin, rel=1e-5)
    assert result.reconstruction == pytest.approx(drawn, rel=1e-5)


def test_every_epoch_has_partners_and_moves_of_its_own():
    config, labels = recipe(), torch.arange(200) % 10
    one, again, two = (draws_of(config, epoch, labels) for epoch in (1, 1, 2))
    assert torch.equal(one.partners, again.partners)
    assert torch.equal(one.partner_moves.shifts, again.partner_moves.shifts)
    assert not torch.equal(one.partners, two.partners)
    assert not torch.equal(one.moves.shifts, one.partner_moves.shifts)
    assert (labels[one.partners] != labels).all()
    assert draws_of(recipe(pairs=False), 1, labels).partners is None


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"variant": "cnn", "preset": "paper"}, "cnn takes images of (1, 28, 28)"),
        (
            {"variant": "pair-cnn", "preset": "paper", "pad": 0, "pairs": False},
            "takes images of (1, 36",
        ),
        ({"bug": "squash-wrong-axis"}, "names one digit in an image"),
        ({"variant": "xifeng"}, "xifeng names one digit in an image"),
        ({"data": "own", "data_sha256": "0"}, "pairs are made of MNIST's digits"),
        ({"pad": 0}, "pad is 0, and pairs are made on a canvas with 4 pixels"),
        ({"pad": -1}, "pad is -1; pass a whole number from 0"),
    ],
)
def test_what_cannot_be_is_refused(more, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        recipe(**more)


def test_single_digits_on_the_same_canvas(tmp_path):
    record = fit(recipe(pairs=False), tmp_path, cpu=True, quiet=True)
    assert record["network"]["image_shape"] == [1, 36, 36]
    assert record["epochs"][-1]["val_n"] == 20
    counted = evaluate(tmp_path)
    assert counted["n"] == 20
    assert sum(map(sum, counted["confusion"])) == 20


def test_capsules_that_stay_dead_on_pairs_are_told():
    from capsnet_tutorial.runs.progress import STUCK_STEPS, Progress
    from capsnet_tutorial.training import Diverged

    for level, word in ((2 * 0.81, "dead"), (8 * 0.405, "saturated")):
        progress = Progress()
        for _ in range(STUCK_STEPS - 1):
            progress.watch(level, 10, 2)
        with pytest.raises(Diverged, match=word):
            progress.watch(level, 10, 2)


def test_predict_names_both(tmp_path, capsys):
    from torchvision.utils import save_image

    run = tmp_path / "run"
    fit(recipe(), run, cpu=True, quiet=True)
    images, labels = toy_run.few_digits("val", "mini").tensors
    made = held_out_pairs(images, labels, 1)
    save_image(made.images[0], tmp_path / "pair.png")
    picture, drawn = str(tmp_path / "pair.png"), str(tmp_path / "drawn.png")
    command = ["predict", str(run), picture, "--json", "--reconstructions", drawn]
    assert cli.main(command) == 0
    found = json.loads(capsys.readouterr().out)[0]
    lengths = torch.tensor(list(found["lengths"].values()))
    longest = sorted(lengths.topk(2).indices.tolist())
    assert found["answer"] == " and ".join(map(str, longest))
    assert found["length"] == sorted(found["lengths"].values())[-2]
    assert (tmp_path / "drawn.png").read_bytes()[:4] == b"\x89PNG"


def test_a_padded_network_sees_a_photograph_with_its_margin(tmp_path):
    from PIL import Image

    from capsnet_tutorial.images.prepare import prepare

    picture = Image.new("L", (60, 60))
    picture.paste(255, (10, 10, 50, 50))
    inner, _ = prepare(picture, (1, 28, 28), digits=True)
    image, done = prepare(picture, (1, 36, 36), digits=True, pad=4)
    assert torch.equal(image, torch.nn.functional.pad(inner, (4,) * 4))
    assert any("20 pixels" in one for one in done)

"""A run on images of one's own, from a folder to predictions."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from capsnet_tutorial import load_mnist
from capsnet_tutorial.cli import main
from capsnet_tutorial.images import load_images
from capsnet_tutorial.runs import (
    CheckpointError,
    Stopped,
    TrainConfig,
    evaluate,
    fit,
    load_named,
    load_run,
    own_config,
    predict_files,
)

NAMES = ("Äpfel grün", "Öl", "drei")
TRAIN = "--preset tiny --epochs 8 --batch-size 16 --lr 0.003 --precision float32"


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Real digits of three classes, in colour and of many sizes."""
    folder = tmp_path_factory.mktemp("own") / "meine Bilder"
    images, labels = load_mnist("train", source="mini").tensors
    random = np.random.default_rng(0)
    for k, name in enumerate(NAMES):
        (folder / name).mkdir(parents=True)
        for n, image in enumerate(images[labels == k][:40, 0]):
            side = int(random.integers(24, 40))
            grey = Image.fromarray((image * 255).byte().numpy()).resize((side, side))
            colour = np.asarray(grey)[..., None] * random.uniform(0.6, 1, 3)
            path = folder / name / f"bild {n}.png"
            Image.fromarray(colour.astype(np.uint8)).save(path)
    return folder


@pytest.fixture(scope="module")
def run(photographs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "Läufe 1"
    command = [
        "train",
        "--data",
        str(photographs),
        "--image-size",
        "24",
        *TRAIN.split(),
    ]
    assert main([*command, "--folder", str(folder)]) == 0
    return folder


def test_the_record_says_what_was_learned_from(run, photographs):
    record = json.loads((run / "record.json").read_bytes())
    about = record["learned_from"]["images"]
    assert [one["name"] for one in about["classes"]] == ["drei", "Äpfel grün", "Öl"]
    assert all((one["train"], one["val"]) == (36, 4) for one in about["classes"])
    assert about["image_shape"] == [3, 24, 24]
    assert about["sha256"] == load_images(photographs, image_size=24).sha256
    assert record["network"]["n_classes"] == 3
    assert str(photographs) not in json.dumps({**record, "command": ""})
    assert (run / "reconstructions.png").stat().st_size > 1000


def test_it_learns_and_is_counted_with_names(run, photographs, capsys):
    again = ["--data", str(photographs), "--image-size", "24"]
    assert main(["evaluate", str(run), *again]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("split val")
    assert "of 12 images are wrong" in lines[0]
    assert [line.split()[0] for line in lines[2:5]] == ["drei", "Äpfel", "Öl"]
    counted = evaluate(run)
    assert counted["errors"] <= 3
    confusion = torch.tensor(counted["confusion"])
    assert confusion.sum() == 12
    assert confusion.sum() - confusion.trace() == counted["errors"]
    assert main(["evaluate", str(run)]) == 0  # what is stored needs no images
    assert "images are wrong" in capsys.readouterr().out


def test_counting_needs_the_same_images(run, photographs, tmp_path):
    stored = (run / "evaluation.json").rename(tmp_path / "evaluation.json")
    try:
        with pytest.raises(ValueError, match="and no data came; pass the same"):
            evaluate(run)
        with pytest.raises(ValueError, match="and other images came; pass the same"):
            evaluate(run, load_images(photographs, image_size=25))
        assert evaluate(run, load_images(photographs, image_size=24))["n"] == 12
    finally:
        stored.rename(run / "evaluation.json")


def test_pictures_get_an_answer_each(run, photographs, tmp_path, capsys):
    pictures = [str(photographs / name / "bild 0.png") for name in NAMES]
    drawn = tmp_path / "drawn.png"
    command = ["predict", str(run), *pictures, "--reconstructions", str(drawn)]
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["source"] for one in found] == pictures
    assert sum(one["answer"] == x for one, x in zip(found, NAMES, strict=True)) >= 2
    for one in found:
        assert one["lengths"].keys() == set(NAMES)
        assert one["length"] == max(one["lengths"].values())
    assert drawn.stat().st_size > 1000
    assert main(command) == 0
    for line, one in zip(capsys.readouterr().out.splitlines(), found, strict=True):
        assert line.startswith(f"{one['source']}  {one['answer']}  {one['length']:.2f}")
        assert line.endswith("brought to 24)")
    assert main(["predict", str(run), str(tmp_path / "none.png")]) == 1
    assert "none.png is missing" in capsys.readouterr().err


def test_digits_of_the_package_are_read_from_paper():
    network = load_named("tiny")
    assert network.digits
    assert network.classes == tuple("0123456789")


def test_tiny_reads_pictures_on_white_paper(tmp_path):
    images, labels = load_mnist("val", source="mini").tensors
    files = []
    for n in range(50):
        ink = 255 - (images[n, 0] * 255).byte().numpy()
        paper = Image.new("RGB", (200, 160), "white")
        paper.paste(Image.fromarray(ink).resize((112, 112)), (70, 20))
        paper.save(tmp_path / f"{n}.png")
        files.append(tmp_path / f"{n}.png")
    found = predict_files(load_named("tiny"), files)
    right = sum(
        one.answer == str(label)
        for one, label in zip(found, labels.tolist(), strict=False)
    )
    assert right >= 48


def test_a_run_stopped_and_resumed_ends_with_the_same_bits(photographs, tmp_path):
    images = load_images(photographs, image_size=20)
    config = own_config(images, preset="tiny", epochs=2, batch_size=32)
    fit(config, tmp_path / "whole", data=images, quiet=True)
    with pytest.raises(Stopped):
        fit(config, tmp_path / "cut", data=images, quiet=True, max_minutes=1e-6)
    fit(config, tmp_path / "cut", data=images, quiet=True)
    whole, cut = (
        (tmp_path / name / "weights.safetensors").read_bytes()
        for name in ("whole", "cut")
    )
    assert whole == cut
    assert load_run(tmp_path / "cut").config.image_shape == (3, 20, 20)


def test_a_folder_goes_on_with_the_same_images_only(run, photographs):
    images = load_images(photographs, image_size=24, val_fraction=0.2)
    settings = {"preset": "tiny", "epochs": 8, "batch_size": 16, "lr": 0.003}
    with pytest.raises(CheckpointError, match="holds a run with data_sha256"):
        fit(own_config(images, **settings), run, data=images, quiet=True)
    other = load_images(photographs, image_size=20)
    with pytest.raises(ValueError, match="made for other images"):
        fit(own_config(images, **settings), run, data=other, quiet=True)
    with pytest.raises(ValueError, match="pass own images as data="):
        fit(own_config(images), run.parent / "new", quiet=True)
    assert not (run.parent / "new").exists()


def test_what_does_not_belong_together_is_refused(photographs, capsys):
    with pytest.raises(ValueError, match=r"images of \(1, 28, 28\) and 10 classes"):
        TrainConfig(n_classes=3)
    with pytest.raises(ValueError, match="without data_sha256"):
        TrainConfig(data="own")
    with pytest.raises(ValueError, match=r"lenet5 takes images of \(1, 28, 28\)"):
        own_config(load_images(photographs, image_size=20), variant="lenet5")
    assert main(["train", "--data", "mini", "--image-size", "20"]) == 1
    assert "--image-size is for images of your own" in capsys.readouterr().err
    assert main(["train", "--data", "nowhere"]) == 1
    assert "nowhere is not there; pass a folder" in capsys.readouterr().err


def test_a_run_begins_with_the_weights_of_another(photographs, run, tmp_path, capsys):
    """Layers of another shape begin anew, and are listed."""
    images = load_images(photographs, image_size=24)
    settings = {"preset": "tiny", "batch_size": 16, "lr": 1e-9, "max_shift": 0}
    config = own_config(images, epochs=1, init=str(run), **settings)
    record = fit(config, tmp_path / "again", data=images)
    assert record["begun_with"]["anew"] == []
    assert len(record["begun_with"]["sha256"]) == 64
    before, after = (
        load_run(run).state_dict(),
        load_run(tmp_path / "again").state_dict(),
    )
    for key, value in before.items():
        torch.testing.assert_close(after[key], value, atol=1e-3, rtol=1e-2)
    grey = own_config(images, epochs=1, init="tiny", **settings)
    record = fit(grey, tmp_path / "from digits", data=images)
    anew = record["begun_with"]["anew"]
    assert "conv.weight" in anew  # three channels
    assert "class_caps.weight" in anew  # three classes
    assert "primary_caps.conv.weight" not in anew
    assert "begins with tiny, anew: conv.weight" in capsys.readouterr().err
    with pytest.raises(ValueError, match="no tensor of paper has the name and shape"):
        fit(
            own_config(images, init="paper", epochs=1, preset="tiny"),
            tmp_path / "other",
            data=images,
        )
    assert not (tmp_path / "other").exists()

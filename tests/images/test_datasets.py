"""Any data set of (image, label) becomes images to learn from."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import TensorDataset
from torchvision.datasets import FakeData, ImageFolder

from capsnet_tutorial.digits import load_mnist
from capsnet_tutorial.images import image_set, load_images
from capsnet_tutorial.records import DataError
from capsnet_tutorial.runs import fit, own_config

G = np.random.default_rng(0)


def test_digits_come_back_to_the_last_bit():
    digits = load_mnist("val", "mini")
    images = image_set(digits, val_fraction=0)
    pixels, labels = digits.tensors
    assert torch.equal(images.train.pixels.float() / 255, pixels)
    assert torch.equal(images.train.labels, labels)
    assert images.classes == tuple("0123456789")
    assert images.val is None


def test_torchvisions_pictures_with_their_classes(tmp_path):
    for name in ("apple", "pear"):
        (tmp_path / name).mkdir()
        for n in range(10):
            pixels = G.integers(0, 256, (20, 24, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{n}.png")
    ours, theirs = load_images(tmp_path), image_set(ImageFolder(tmp_path))
    assert ours.sha256 == theirs.sha256
    assert theirs.classes == ("apple", "pear")
    assert theirs.about["kind"] == "dataset"
    assert image_set(ImageFolder(tmp_path), image_size=18).image_shape == (3, 18, 18)


def test_numbers_are_brought_to_the_nearest_byte_and_stay_in_place():
    pixels = torch.rand(2, 3, 17, 18)
    images = image_set(TensorDataset(pixels, torch.tensor([0, 1])), val_fraction=0)
    assert torch.equal(images.train.pixels, (255 * pixels).round().byte())


def test_a_held_out_set_is_held_out():
    train, val = (
        FakeData(30, (3, 20, 20), 3),
        FakeData(9, (3, 20, 20), 3, random_offset=50),
    )
    images = image_set(train, val, classes=["a", "b", "c"])
    assert (len(images.train), len(images.val)) == (30, 9)
    assert images.classes == ("a", "b", "c")


def test_it_trains(tmp_path):
    images = image_set(
        load_mnist("val", "mini"), classes=[f"the {j}" for j in range(10)]
    )
    config = own_config(images, preset="tiny", epochs=1, batch_size=150)
    record = fit(config, tmp_path, cpu=True, quiet=True, data=images)
    assert record["learned_from"]["images"]["classes"][3]["name"] == "the 3"
    assert record["epochs"][0]["val_n"] == 50


def pair(image, label=0):
    return [(torch.zeros(1, 17, 17), 1), (image, label)]


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (pair("x"), "item 1 of the part train is no image"),
        (pair(torch.full((1, 17, 17), 2.0)), "pixels outside 0 to 1"),
        (pair(torch.full((1, 17, 17), torch.nan)), "pixels outside 0 to 1"),
        (pair(torch.zeros(4, 17, 17)), r"shape \(4, 17, 17\)"),
        (pair(torch.zeros(1, 17, 17, dtype=torch.int64)), "pixels are torch.int64"),
        (pair(torch.zeros(17, 17), 0.5), "item 1"),
        ([(torch.zeros(1, 17, 17), 0, 1)], "item 0"),
    ],
)
def test_what_is_no_image_with_a_label_is_named(items, message):
    with pytest.raises(DataError, match=message):
        image_set(items)


def test_labels_beyond_the_names_are_named():
    digits = TensorDataset(torch.zeros(3, 1, 17, 17), torch.tensor([0, 1, 2]))
    with pytest.raises(DataError, match="the part train has the label 2; with 2 names"):
        image_set(digits, classes=["a", "b"])
    with pytest.raises(ValueError, match="image_set: val_fraction is 1"):
        image_set(digits, val_fraction=1)

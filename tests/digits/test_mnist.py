"""Mini digits, full MNIST, shifts."""

import hashlib
import shutil

import pytest
import torch

from capsnet_tutorial import DataError, load_mnist, random_shift
from capsnet_tutorial.digits import files, mnist


@pytest.fixture
def no_mnist(tmp_path, monkeypatch):
    """A machine on which MNIST was never installed."""
    monkeypatch.setenv("CAPSNET_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def fake_mnist(no_mnist, monkeypatch):
    """IDX files of the real sizes: label = index % 10, first pixel = index % 251."""
    folder = no_mnist / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for kind, n in (("train", 60_000), ("t10k", 10_000)):
        pixels = torch.zeros(n, 28 * 28, dtype=torch.uint8)
        pixels[:, 0] = torch.arange(n) % 251
        labels = (torch.arange(n) % 10).to(torch.uint8)
        for name, magic, sizes, values in (
            (f"{kind}-images-idx3-ubyte", 2051, (n, 28, 28), pixels),
            (f"{kind}-labels-idx1-ubyte", 2049, (n,), labels),
        ):
            header = b"".join(number.to_bytes(4, "big") for number in (magic, *sizes))
            content = header + values.numpy().tobytes()
            (folder / name).write_bytes(content)
            known = files.Known(len(content), hashlib.sha256(content).hexdigest())
            assert known.size == files.FILES[name].size
            monkeypatch.setitem(files.FILES, name, known)
    return folder


def test_mini_is_real_stratified_and_split_without_overlap():
    train, val = load_mnist("train", "mini"), load_mnist("val", "mini")
    assert (len(train), len(val)) == (4500, 500)
    for part, each in ((train, 450), (val, 50)):
        images, labels = part.tensors
        assert images.shape[1:] == (1, 28, 28)
        assert images.dtype == torch.float32
        assert (images.min(), images.max()) == (0, 1)
        assert labels.dtype == torch.int64
        assert labels.bincount().tolist() == [each] * 10
    digits = {
        image.numpy().tobytes() for part in (train, val) for image in part.tensors[0]
    }
    assert len(digits) == 5000


def test_mini_trainval_is_both_in_order():
    parts = [load_mnist(split, "mini").tensors for split in ("train", "val")]
    images, labels = load_mnist("trainval", "mini").tensors
    assert torch.equal(images, torch.cat([parts[0][0], parts[1][0]]))
    assert torch.equal(labels, torch.cat([parts[0][1], parts[1][1]]))


def test_mini_has_no_test_digits():
    with pytest.raises(ValueError, match="no test split"):
        load_mnist("test", "mini")


@pytest.mark.usefixtures("no_mnist")
def test_auto_falls_back_to_mini_with_one_line(capsys):
    assert len(load_mnist("val")) == 500
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert "5,000 mini digits" in printed.err
    assert printed.out == ""


@pytest.mark.usefixtures("no_mnist")
def test_the_test_split_never_falls_back():
    with pytest.raises(
        DataError, match="t10k-images-idx3-ubyte is missing; run `capsnet data`"
    ):
        load_mnist("test")


@pytest.mark.usefixtures("fake_mnist")
def test_full_splits(capsys):
    splits = {
        split: load_mnist(split).tensors
        for split in ("train", "val", "trainval", "test")
    }
    assert capsys.readouterr().err == ""
    assert [len(labels) for _, labels in splits.values()] == [
        55_000,
        5_000,
        60_000,
        10_000,
    ]
    expected = torch.arange(60_000) % 251 / 255
    first_pixels = {name: images[:, 0, 0, 0] for name, (images, _) in splits.items()}
    torch.testing.assert_close(first_pixels["train"], expected[:55_000])
    torch.testing.assert_close(first_pixels["val"], expected[55_000:])
    torch.testing.assert_close(first_pixels["trainval"], expected)
    assert splits["test"][1][:3].tolist() == [0, 1, 2]


def test_a_truncated_file_is_named(fake_mnist):
    path = fake_mnist / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(
        DataError, match=r"is damaged \(47,040,015 bytes.*run `capsnet data`"
    ):
        load_mnist("val")


def test_a_changed_byte_is_named(fake_mnist):
    path = fake_mnist / "t10k-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    with pytest.raises(DataError, match="t10k-labels-idx1-ubyte is damaged"):
        load_mnist("test")


def test_a_folder_in_place_of_a_file_is_named(fake_mnist):
    (fake_mnist / "t10k-labels-idx1-ubyte").unlink()
    (fake_mnist / "t10k-labels-idx1-ubyte").mkdir()
    with pytest.raises(DataError, match="cannot be read"):
        load_mnist("test")


def test_damaged_mini_digits_are_named(tmp_path, monkeypatch):
    whole = mnist.shipped_file("mnist-mini.npz")
    (tmp_path / "mnist-mini.npz").write_bytes(whole.read_bytes()[:1000])
    monkeypatch.setattr(mnist, "shipped_file", lambda name: tmp_path / name)
    with pytest.raises(DataError, match=r"is damaged.*install the package again"):
        load_mnist("train", "mini")
    shutil.rmtree(tmp_path)
    with pytest.raises(DataError, match="is missing; install the package again"):
        load_mnist("train", "mini")


@pytest.mark.usefixtures("as_users_run_it")
def test_unknown_names_are_named():
    with pytest.raises(ValueError, match="split is 'valid'; pass one of train, val"):
        load_mnist("valid")
    with pytest.raises(
        ValueError, match="source is 'web'; pass one of auto, full, mini"
    ):
        load_mnist("train", "web")


def test_each_image_moves_by_its_own_amount_and_nothing_wraps():
    images = torch.zeros(200, 2, 7, 11)
    images[:, 1, 3, 5] = 1
    shifted = random_shift(images, 2)
    where = shifted.nonzero()
    assert torch.equal(where[:, 0], torch.arange(200))
    assert (where[:, 1] == 1).all()
    moves = {(h - 3, w - 5) for h, w in where[:, 2:].tolist()}
    assert moves == {(dy, dx) for dy in range(-2, 3) for dx in range(-2, 3)}


def test_what_leaves_the_image_is_gone_and_what_enters_is_zero():
    shifted = random_shift(torch.ones(100, 1, 5, 5), 2)
    sums = {round(x) for x in shifted.sum(dim=(1, 2, 3)).tolist()}
    assert sums == {25, 20, 15, 16, 12, 9}


def test_shifts_repeat_with_their_generator():
    images = torch.rand(20, 1, 7, 7)
    first, second = (
        random_shift(images, 2, torch.Generator().manual_seed(3)) for _ in range(2)
    )
    assert torch.equal(first, second)


def test_wrong_shift_is_named():
    with pytest.raises(ValueError, match="max_shift is -1; pass 0 or more"):
        random_shift(torch.zeros(1, 1, 5, 5), -1)

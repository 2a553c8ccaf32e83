"""Images on disk are read as they are, or refused with a sentence that helps."""

import gzip
import struct

import numpy as np
import pytest
from PIL import Image

from capsnet_tutorial.images import load_images, read_picture
from capsnet_tutorial.records import DataError

G = np.random.default_rng(0)


def noise(*shape):
    return G.integers(0, 256, shape, dtype=np.uint8)


def save(path, array, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path, **options)


@pytest.fixture
def fruit(tmp_path):
    """Three classes, with names as people give them."""
    folder = tmp_path / "meine Früchte"
    for k, name in enumerate(("Äpfel grün", "pears", "Öl 3")):
        for n in range(10):
            image = np.full((20, 20, 3), 80 * k + n, np.uint8)
            save(folder / name / f"bild {n}.png", image)
    return folder


def test_a_folder_a_class_with_any_name(fruit):
    images = load_images(fruit)
    assert images.classes == ("pears", "Äpfel grün", "Öl 3")
    assert images.image_shape == (3, 20, 20)
    assert (len(images.train), len(images.val), images.test) == (27, 3, None)
    for part in (images.train, images.val):
        for pixels, label in zip(part.pixels, part.labels, strict=True):
            k = ("Äpfel grün", "pears", "Öl 3").index(images.classes[label])
            assert pixels.float().mean() // 80 == k
    assert images.val.labels.tolist() == [0, 1, 2]
    assert images.about["classes"][0] == {"name": "pears", "train": 9, "val": 1}
    assert images.sha256 == load_images(fruit).sha256


def test_parts_in_folders_of_their_own(fruit, tmp_path):
    for n, part in enumerate(("train", "val", "test")):
        for name in ("a", "b"):
            save(tmp_path / "set" / part / name / "deep" / "1.PNG", noise(17, 17 + n))
    with pytest.raises(DataError, match=r"3 sizes, \(17, 17\) to \(17, 19\)"):
        load_images(tmp_path / "set")
    images = load_images(tmp_path / "set", image_size=17)
    assert [len(x) for x in (images.train, images.val, images.test)] == [2, 2, 2]
    save(tmp_path / "set" / "val" / "c" / "1.png", noise(17, 17))
    with pytest.raises(
        DataError, match=r"val has the classes c, which .*train has not"
    ):
        load_images(tmp_path / "set", image_size=17)


def test_resizing_is_smooth_and_keeps_the_middle(tmp_path):
    stripes = np.zeros((40, 80), np.uint8)
    stripes[:, ::2] = 255  # a step of 2 without antialiasing would see one colour only
    stripes[:, :10] = stripes[:, 70:] = 0
    for name in ("a", "b"):
        for n in range(2):
            save(tmp_path / name / f"{n}.png", stripes)
    images = load_images(tmp_path, image_size=20)
    assert images.image_shape == (1, 20, 20)
    assert (images.train.pixels[0, 0].float() - 127.5).abs().max() < 20
    assert images.about["resized"] == "shorter side, antialiased, middle cut out"
    assert images.about["sizes_found"] == [[40, 80], [40, 80]]


def test_one_pixel_more_or_less_is_another_set(tmp_path):
    for n in range(4):
        save(tmp_path / "ab"[n % 2] / f"{n}.png", noise(20, 20))
    before = load_images(tmp_path).sha256
    image = np.array(Image.open(tmp_path / "a" / "0.png"))
    image[3, 5] ^= 1
    save(tmp_path / "a" / "0.png", image)
    assert load_images(tmp_path).sha256 != before


def test_one_picture_in_colour_makes_all_of_them(tmp_path):
    save(tmp_path / "a" / "1.png", noise(20, 20))
    save(tmp_path / "a" / "2.png", noise(20, 20, 3))
    save(tmp_path / "b" / "1.png", noise(20, 20))
    save(tmp_path / "b" / "2.png", noise(20, 20))
    images = load_images(tmp_path)
    assert images.image_shape == (3, 20, 20)


def idx(path, array, packed=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(
        f">{array.ndim}I", *array.shape
    )
    content = head + array.tobytes()
    path.write_bytes(gzip.compress(content) if packed else content)


@pytest.mark.parametrize("packed", [False, True])
def test_files_as_fashion_mnist_has_them(tmp_path, packed):
    end = ".gz" if packed else ""
    pixels, labels = noise(30, 28, 28), np.arange(30, dtype=np.uint8) % 3 + 1
    for part, n in (("train", 30), ("t10k", 6)):
        idx(tmp_path / f"{part}-images-idx3-ubyte{end}", pixels[:n], packed)
        idx(tmp_path / f"{part}-labels-idx1-ubyte{end}", labels[:n], packed)
    images = load_images(tmp_path)
    assert images.classes == ("1", "2", "3")  # EMNIST's letters begin with 1
    assert [len(x) for x in (images.train, images.val, images.test)] == [27, 3, 6]
    assert (images.test.pixels[:, 0].numpy() == pixels[:6]).all()
    assert images.test.labels.tolist() == [0, 1, 2, 0, 1, 2]
    idx(tmp_path / f"t10k-labels-idx1-ubyte{end}", labels[:6] + 5, packed)
    with pytest.raises(DataError, match=r"labels of the part test are \[6, 7, 8\]"):
        load_images(tmp_path)


def test_idx_files_that_are_broken_or_too_many_are_refused(tmp_path):
    idx(tmp_path / "train-images-idx3-ubyte", noise(4, 20, 20))
    idx(tmp_path / "train-labels-idx1-ubyte", noise(5) % 2)
    with pytest.raises(DataError, match=r"holds \(4, 20, 20\) numbers and .* \(5,\)"):
        load_images(tmp_path)
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"\(4, 20, 20\) bytes, and holds 1,599"):
        load_images(tmp_path)
    path.with_name("emnist-train-images-idx3-ubyte").write_bytes(b"")
    with pytest.raises(DataError, match="several files for train-images"):
        load_images(tmp_path)


@pytest.mark.parametrize("shape", [(9, 20, 20), (9, 20, 20, 3), (9, 3, 20, 20)])
def test_an_npz_in_any_order_of_axes(tmp_path, shape):
    pixels = noise(*shape)
    np.savez(tmp_path / "a.npz", images=pixels, labels=np.arange(9) % 3)
    images = load_images(tmp_path / "a.npz", val_fraction=0)
    assert images.val is None
    expected = pixels.reshape(9, 1, 20, 20) if len(shape) == 3 else pixels
    if shape[-1] == 3:
        expected = pixels.transpose(0, 3, 1, 2)
    assert (images.train.pixels.numpy() == expected).all()
    numbers = pixels.astype(np.float32) / 255
    np.savez(tmp_path / "b.npz", images=numbers, labels=np.arange(9) % 3)
    again = load_images(tmp_path / "b.npz", val_fraction=0)
    assert again.sha256 == images.sha256


WRONG_NPZ = [
    ({"labels": np.arange(4)}, "needs the arrays images and labels"),
    ({"images": noise(4, 20, 20), "labels": np.arange(3)}, "as many labels"),
    ({"images": noise(4, 20, 20, 5), "labels": np.arange(4)}, "as many labels"),
    ({"images": noise(4, 20, 20) * 1.0, "labels": np.arange(4)}, "pixels go from"),
    ({"images": np.full((4, 20, 20), np.nan), "labels": np.arange(4)}, "nan to nan"),
    ({"images": noise(4, 20, 20), "labels": np.ones(4)}, "labels is float64"),
]


@pytest.mark.parametrize(("arrays", "message"), WRONG_NPZ)
def test_arrays_that_are_wrong_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=message):
        load_images(tmp_path / "a.npz")


def test_what_cannot_be_read_is_named_and_skipped_only_when_asked(fruit):
    bad = fruit / "pears" / "bild 3.png"
    bad.write_bytes(bad.read_bytes()[:60])
    with pytest.raises(DataError, match=r"bild 3.png cannot be read to its end"):
        load_images(fruit)
    bad.write_text("no picture")
    with pytest.raises(DataError, match=r"bild 3.png is no picture"):
        load_images(fruit)
    images = load_images(fruit, skip_unreadable=True)
    assert len(images.train) + len(images.val) == 29
    assert images.about["skipped"] == ["pears/bild 3.png"]
    assert images.notes == (
        "left out, as they could not be read (1): pears/bild 3.png",
    )


def test_a_set_that_cannot_be_learned_from_is_refused(tmp_path):
    with pytest.raises(DataError, match="is not there"):
        load_images(tmp_path / "nowhere")
    with pytest.raises(DataError, match="neither idx files nor folders"):
        load_images(tmp_path)
    (tmp_path / "a.txt").touch()
    with pytest.raises(DataError, match=r"is no .npz"):
        load_images(tmp_path / "a.txt")
    save(tmp_path / "a" / "1.png", noise(20, 20))
    save(tmp_path / "a" / "2.png", noise(20, 20))
    with pytest.raises(DataError, match="has one class, a"):
        load_images(tmp_path)
    save(tmp_path / "b" / "1.png", noise(20, 20))
    with pytest.raises(DataError, match="class b has 1 image; two are needed"):
        load_images(tmp_path)
    save(tmp_path / "b" / "2.png", noise(20, 20))
    assert len(load_images(tmp_path).train) == 2
    for path in tmp_path.rglob("*.png"):
        save(path, noise(16, 16))
    with pytest.raises(DataError, match=r"\(16, 16\) pixels .* need 17"):
        load_images(tmp_path)
    for wrong in ({"image_size": 16}, {"val_fraction": 1}, {"val_fraction": -0.1}):
        with pytest.raises(ValueError, match="pass"):
            load_images(tmp_path, **wrong)


def test_a_part_without_images_is_none(tmp_path):
    for name in ("a", "b"):
        for n in range(2):
            save(tmp_path / "set" / "train" / name / f"{n}.png", noise(17, 17))
    (tmp_path / "set" / "val").mkdir()
    images = load_images(tmp_path / "set")
    assert (len(images.train), len(images.val)) == (2, 2)  # held out by chance
    for path in (tmp_path / "set" / "train").rglob("*.png"):
        path.write_text("no picture")
    with pytest.raises(DataError, match="no image to learn from that can be read"):
        load_images(tmp_path / "set", skip_unreadable=True)
    np.savez(tmp_path / "a.npz", images=noise(0, 20, 20), labels=np.arange(0))
    with pytest.raises(DataError, match="no image to learn from"):
        load_images(tmp_path / "a.npz")


def test_images_that_stand_in_both_parts_are_told(tmp_path):
    same = noise(20, 20)
    for part in ("train", "val"):
        save(tmp_path / part / "a" / "1.png", same)
        save(tmp_path / part / "b" / "1.png", noise(20, 20))
    (note,) = load_images(tmp_path).notes
    assert note.startswith(
        "1 of 2 images of the part val are also among those to learn"
    )


def test_classes_of_very_different_size_are_told(tmp_path):
    for n in range(25):
        save(tmp_path / "many" / f"{n}.png", noise(17, 17))
        save(tmp_path / "few" / f"{n % 2}.png", noise(17, 17))
    assert "classes have 1 to 23 images" in load_images(tmp_path).notes[0]


def test_pictures_are_turned_up_and_transparency_is_white(tmp_path):
    high = noise(30, 20, 3)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    save(tmp_path / "a.jpg", high, exif=exif, quality=95)
    assert read_picture(tmp_path / "a.jpg").size == (30, 20)
    clear = np.zeros((20, 20, 4), np.uint8)
    save(tmp_path / "b.png", clear)
    assert np.asarray(read_picture(tmp_path / "b.png")).min() == 255
    deep = np.linspace(0, 65535, 400).reshape(20, 20).astype(np.uint16)
    save(tmp_path / "c.png", deep)
    grey = np.asarray(read_picture(tmp_path / "c.png"))
    assert grey.dtype == np.uint8
    assert np.abs(grey - deep / 257).max() <= 0.51

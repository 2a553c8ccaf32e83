"""Images on disk: pictures in folders, idx files as MNIST has them, .npz archives.

Each reader returns arrays of bytes and says nothing about training; sets.py does.

Axis key: n images, h w height and width, c channels (1 grey, 3 RGB).
"""

import gzip
import operator
import struct
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch.utils.data import Dataset

from capsnet_tutorial.records.files import DataError

ENDINGS = frozenset(Image.registered_extensions())
GREY = ("1", "L", "I", "I;16", "F")


class Raw(NamedTuple):
    """Images as they were found."""

    pixels: list[np.ndarray] | np.ndarray  # each (h w c), bytes
    labels: np.ndarray  # n, whole numbers
    names: Sequence[str]  # of the files, or positions in one


def read_picture(path: str | Path) -> Image.Image:
    """A picture the right way up, grey or RGB; what is transparent becomes white.

    Raises:
        DataError: if it cannot be read, or not to its end.
    """
    try:
        with (
            warnings.catch_warnings(
                action="error", category=Image.DecompressionBombWarning
            ),
            Image.open(path) as picture,
        ):
            picture.load()
            picture = ImageOps.exif_transpose(picture)
    except FileNotFoundError:
        raise DataError(f"{path} is missing") from None
    except UnidentifiedImageError:
        raise DataError(f"{path} is no picture that can be read") from None
    except (OSError, ValueError, Warning, Image.DecompressionBombError) as error:
        raise DataError(f"{path} cannot be read to its end ({error})") from None
    if picture.mode in GREY:
        return _eight_bits(picture)
    if "A" in picture.getbands() or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    return picture.convert("RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Grey of sixteen bits keeps its range; PIL alone would cut it off at 255."""
    if picture.mode in ("1", "L"):
        return picture.convert("L")
    values = np.asarray(picture, dtype=np.float64)
    most = 65535 if values.max(initial=0) > 255 else 255
    return Image.fromarray((values / most * 255).round().clip(0, 255).astype(np.uint8))


def class_folders(folder: Path) -> list[Path]:
    """Subfolders that hold pictures, in order of their names; not hidden ones."""
    found = (path for path in folder.iterdir() if not path.name.startswith("."))
    return sorted(path for path in found if path.is_dir() and pictures_in(path))


def pictures_in(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in ENDINGS and not path.name.startswith(".")
    )


def read_folders(
    folder: Path, classes: Sequence[str], skip: bool
) -> tuple[Raw, list[str]]:
    """A subfolder for each class.  Also returns what could not be read, if skipped."""
    pixels, labels, names, skipped = [], [], [], []
    for label, name in enumerate(classes):
        for path in pictures_in(folder / name):
            try:
                picture = read_picture(path)
            except DataError:
                if not skip:
                    raise
                skipped.append(str(path.relative_to(folder)))
                continue
            array = np.asarray(picture)
            pixels.append(array[..., None] if array.ndim == 2 else array)
            labels.append(label)
            names.append(str(path.relative_to(folder)))
    return Raw(pixels, np.array(labels, np.int64), names), skipped


def idx_files(folder: Path, part: str) -> tuple[Path, Path] | None:
    """Images and labels of a part ("train", "t10k"), packed or not; None if absent."""
    found = []
    for what in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        here = [
            p
            for p in folder.iterdir()
            if p.name.removesuffix(".gz").endswith(f"{part}-{what}")
        ]
        names = {p.name.removesuffix(".gz") for p in here}
        if len(names) > 1:
            raise DataError(
                f"{folder} has several files for {part}-{what}: "
                f"{', '.join(sorted(names))}; put each set into a folder of its own"
            )
        found += sorted(here)[:1]
    return tuple(found) if len(found) == 2 else None


def read_idx(paths: tuple[Path, Path]) -> Raw:
    images, labels = (_idx(path) for path in paths)
    if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
        raise DataError(
            f"{paths[0].name} holds {images.shape} numbers and {paths[1].name} "
            f"{labels.shape}; (n, height, width) and as many labels were expected"
        )
    return Raw(images[..., None], labels.astype(np.int64), range(len(labels)))


def _idx(path: Path) -> np.ndarray:
    """An array of bytes, as the format of MNIST's files has it."""
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        axes = struct.unpack(">HBB", content[:4])[2]
        shape = struct.unpack(f">{axes}I", content[4 : 4 + 4 * axes])
        kind = content[2]
    except (OSError, EOFError, struct.error) as error:
        raise DataError(f"{path} cannot be read ({error})") from None
    pixels = np.frombuffer(content, np.uint8, offset=4 + 4 * axes)
    if kind != 8 or len(pixels) != np.prod(shape):
        raise DataError(
            f"{path} says that it holds {shape} bytes, and holds {len(pixels):,}: it "
            "is truncated, or no idx file of bytes"
        )
    return pixels.reshape(shape)


def read_npz(path: Path, prefix: str = "") -> Raw | None:
    """`images` (n h w), (n h w c) or (n c h w), and `labels` (n); None if absent.

    Numbers from 0 to 255, or with a point from 0 to 1.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            if f"{prefix}images" not in arrays and prefix:
                return None
            images, labels = arrays[f"{prefix}images"], arrays[f"{prefix}labels"]
    except KeyError as error:
        raise DataError(f"{path} needs the arrays images and labels: {error}") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} cannot be read ({error})") from None
    if images.ndim == 4 and images.shape[1] in (1, 3) and images.shape[3] not in (1, 3):
        images = images.transpose(0, 2, 3, 1)
    images = images[..., None] if images.ndim == 3 else images
    if images.ndim != 4 or images.shape[3] not in (1, 3) or len(images) != len(labels):
        raise DataError(
            f"{path}: images is {images.shape} and labels {labels.shape}; pass "
            "(n, height, width), (n, height, width, 1 or 3) or (n, 1 or 3, height, "
            "width), and as many labels"
        )
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise DataError(f"{path}: labels is {labels.dtype}; pass whole numbers, (n,)")
    return Raw(_bytes(path, images), labels.astype(np.int64), range(len(labels)))


def _bytes(path: Path, images: np.ndarray) -> np.ndarray:
    """Pixels as bytes; another range is refused, as it is never guessed."""
    if images.dtype == np.uint8:
        return images
    whole = np.issubdtype(images.dtype, np.integer)
    most = 255 if whole else 1
    low, high = images.min(initial=0), images.max(initial=0)
    if not (low >= 0 and high <= most):  # NaN, too
        raise DataError(
            f"{path}: pixels go from {low} to {high}; pass bytes from 0 to 255, or "
            "numbers from 0 to 1"
        )
    return images.astype(np.uint8) if whole else (images * 255).round().astype(np.uint8)


def raw_of(dataset: Dataset | Sequence, name: str) -> Raw:
    """All items (image, label) of a data set, one after the other.

    Raises:
        DataError: if one is something else; the message says which.
    """
    pixels, labels = [], []
    for n in range(len(dataset)):
        try:
            image, label = dataset[n]
            pixels.append(_bytes_of(image))
            labels.append(operator.index(label))
        except (TypeError, ValueError) as error:
            raise DataError(
                f"item {n} of the part {name} is no image with the number of its class "
                f"({error})"
            ) from None
    return Raw(pixels, np.array(labels, dtype=np.int64), range(len(labels)))


def _bytes_of(image: Any) -> np.ndarray:
    """(h w c), from a picture, or from a tensor (c h w) or (h w)."""
    if isinstance(image, Image.Image):
        array = np.asarray(
            image if image.mode in ("L", "RGB") else image.convert("RGB")
        )
        return array.reshape(*array.shape[:2], -1)
    array = torch.as_tensor(image)
    array = array[None] if array.ndim == 2 else array
    if array.ndim != 3 or array.shape[0] not in (1, 3):
        raise ValueError(
            f"a tensor of shape {tuple(array.shape)}; pass (height, width), or 1 or 3 "
            "channels before them"
        )
    if array.is_floating_point():
        if not (array.min() >= 0 and array.max() <= 1):
            raise ValueError("pixels outside 0 to 1; pass them as they were read")
        array = (255 * array).round().to(torch.uint8)
    if array.dtype != torch.uint8:
        raise ValueError(
            f"pixels are {array.dtype}; pass bytes, or numbers from 0 to 1"
        )
    return array.permute(1, 2, 0).numpy()

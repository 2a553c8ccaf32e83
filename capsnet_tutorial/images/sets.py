"""What a run learns from: images of one size in parts, with the names of their classes.

All images are held in memory, as bytes.

Axis key: n images, c channels, h w height and width.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from capsnet_tutorial.images.files import (
    Raw,
    class_folders,
    idx_files,
    raw_of,
    read_folders,
    read_idx,
    read_npz,
)
from capsnet_tutorial.records.files import DataError


@dataclass(frozen=True)
class Part:
    """Some images, and the number of the class of each."""

    pixels: UInt8[Tensor, "n c h w"]
    labels: Int64[Tensor, " n"]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class ImageSet:
    """Images of your own; `load_images` reads them.

    Attributes:
        train: to learn from.
        val: held out, to choose by; may be None.
        test: to count mistakes on, once; may be None.
        classes: their names, in the order of the labels.
        about: what was read, and what was done to it, for the record of a run.
        notes: sentences for whoever trains on them.
    """

    train: Part
    val: Part | None
    test: Part | None
    classes: tuple[str, ...]
    about: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        return tuple(self.train.pixels.shape[1:])

    @property
    def sha256(self) -> str:
        """Of all that a run depends on: pixels, labels, parts, names of classes."""
        digest = hashlib.sha256(repr((self.classes, self.image_shape)).encode())
        for part in (self.train, self.val, self.test):
            digest.update(b"part")
            if part is not None:
                digest.update(part.pixels.numpy().tobytes())
                digest.update(part.labels.numpy().tobytes())
        return digest.hexdigest()


def as_numbers(pixels: Tensor) -> Tensor:
    """Pixels from 0 to 1; bytes take a quarter of the memory until then."""
    return pixels if pixels.is_floating_point() else pixels.float() / 255


def load_images(
    source: str | Path,
    *,
    image_size: int | None = None,
    val_fraction: float = 0.1,
    skip_unreadable: bool = False,
) -> ImageSet:
    """Images from a folder or a file.

    ==============================  ==================================================
    source                          what is read
    ==============================  ==================================================
    a folder with a folder a class  pictures (PNG, JPEG, ...), however deep
    with train/ and val/ or test/   the same, in parts
    a folder of idx files           `train-images-idx3-ubyte`, ... packed (.gz) or not;
                                    `t10k-...`, if there, are for the test
    an .npz                         `images`, `labels`; `val_images`, `val_labels` and
                                    `test_images`, `test_labels`, if there
    ==============================  ==================================================

    Args:
        source: see above.
        image_size: height and width; the shorter side is brought to it (with
            antialiasing), and the middle is cut out.  None: as they are.
        val_fraction: of each class, held out by chance (the same at each call), unless
            the source has a part for it; 0 holds nothing out.
        skip_unreadable: leave out pictures that cannot be read; otherwise refuse.

    Raises:
        ValueError: if an argument is out of range.
        DataError: if there is nothing to learn from; the message says what was found.
    """
    source = Path(source)
    _check_settings("load_images", image_size, val_fraction)
    kind, raw, classes, skipped = _read(source, skip_unreadable)
    return _assembled(source, kind, raw, classes, skipped, image_size, val_fraction)


def image_set(
    train: Dataset | Sequence,
    val: Dataset | Sequence | None = None,
    test: Dataset | Sequence | None = None,
    *,
    classes: Sequence[str] | None = None,
    image_size: int | None = None,
    val_fraction: float = 0.1,
) -> ImageSet:
    """Images from any data sets of (image, label), such as torchvision's.

    Args:
        train: to learn from; images are PIL's, or tensors (c h w) or (h w): bytes, or
            numbers from 0 to 1, which are brought to the nearest of 256 steps.
        val: held out; if None, `val_fraction` of each class is.
        test: to count mistakes on, once.
        classes: their names; if None, those of `train.classes`, or the labels.
        image_size, val_fraction: as for `load_images`.

    Raises:
        ValueError: if an argument is out of range.
        DataError: if an item is no image with a label; the message says which.
    """
    _check_settings("image_set", image_size, val_fraction)
    given = {"train": train, "val": val, "test": test}
    raw = {name: raw_of(x, name) for name, x in given.items() if x is not None}
    if classes is None:
        classes = getattr(train, "classes", None)
    if classes is not None:
        _check_labels(raw, classes)
        classes = [str(name) for name in classes]
    return _assembled(
        "the data set", "dataset", raw, classes, [], image_size, val_fraction
    )


def _check_settings(who: str, image_size: int | None, val_fraction: float) -> None:
    if image_size is not None and image_size < 17:
        raise ValueError(f"{who}: image_size is {image_size}; pass 17 or more")
    if not 0 <= val_fraction < 1:
        raise ValueError(
            f"{who}: val_fraction is {val_fraction}; pass 0 or more, below 1"
        )


def _check_labels(raw: dict[str, Raw], classes: Sequence[str]) -> None:
    for name, part in raw.items():
        wrong = part.labels[(part.labels < 0) | (part.labels >= len(classes))]
        if len(wrong):
            raise DataError(
                f"the part {name} has the label {wrong[0]}; with {len(classes)} names "
                f"of classes, labels run from 0 to {len(classes) - 1}"
            )


def _assembled(
    source: Path | str,
    kind: str,
    raw: dict[str, Raw],
    classes: Sequence[str] | None,
    skipped: Sequence[str],
    image_size: int | None,
    val_fraction: float,
) -> ImageSet:
    """What was read, brought to one size, in parts, and checked."""
    raw = {name: part for name, part in raw.items() if len(part.labels)}
    if "train" not in raw:
        raise DataError(f"{source} has no image to learn from that can be read")
    raw, classes = _numbered(source, raw, classes)
    sizes = _sizes(raw)
    channels = max(image.shape[2] for one in raw.values() for image in one.pixels)
    if image_size is None and len(sizes) > 1:
        raise DataError(
            f"{source} has images of {len(sizes)} sizes, {sizes[0]} to {sizes[-1]} "
            "(height, width); pass an image size to bring them to one"
        )
    parts = {name: _part(one, image_size, channels) for name, one in raw.items()}
    if "val" not in parts and val_fraction:
        parts |= _held_out(source, parts["train"], classes, val_fraction)
    whole = ImageSet(
        parts["train"], parts.get("val"), parts.get("test"), tuple(classes)
    )
    _check(source, whole)
    about = {
        "kind": kind,
        "sizes_found": [list(size) for size in (sizes[0], sizes[-1])],
        "image_shape": list(whole.image_shape),
        "resized": "shorter side, antialiased, middle cut out" if image_size else None,
        "classes": _counted(parts, classes),
        "skipped": skipped,
        "sha256": whole.sha256,
    }
    return replace(whole, about=about, notes=tuple(_notes(whole, skipped)))


def _counted(parts: dict[str, Part], classes: Sequence[str]) -> list[dict[str, Any]]:
    """How many images of each class each part has."""
    return [
        {"name": name} | {part: int((x.labels == k).sum()) for part, x in parts.items()}
        for k, name in enumerate(classes)
    ]


def _read(
    source: Path, skip: bool
) -> tuple[str, dict[str, Raw], list[str] | None, list]:
    """Kind, parts, names of classes if they have any, and what was skipped."""
    if not source.exists():
        raise DataError(f"{source} is not there; pass a folder of images or an .npz")
    if source.is_file():
        if source.suffix != ".npz":
            raise DataError(f"{source} is no .npz; pass one, or a folder of images")
        parts = {"train": read_npz(source)}
        for name in ("val", "test"):
            if (part := read_npz(source, f"{name}_")) is not None:
                parts[name] = part
        return "npz", parts, None, []
    if files := idx_files(source, "train"):
        parts = {"train": read_idx(files)}
        if files := idx_files(source, "t10k") or idx_files(source, "test"):
            parts["test"] = read_idx(files)
        return "idx", parts, None, []
    roots = {name: source / name for name in ("train", "val", "test")}
    roots = {name: path for name, path in roots.items() if path.is_dir()}
    if "train" not in roots or not class_folders(roots["train"]):
        roots = {"train": source}
    classes = [path.name for path in class_folders(roots["train"])]
    if not classes:
        raise DataError(
            f"{source} has neither idx files nor folders with pictures; make a folder "
            "for each class"
        )
    parts, skipped = {}, []
    for name, root in roots.items():
        if more := {path.name for path in class_folders(root)} - set(classes):
            raise DataError(
                f"{root} has the classes {', '.join(sorted(more))}, which "
                f"{roots['train']} has not"
            )
        parts[name], missed = read_folders(root, classes, skip)
        skipped += [f"{name}/{path}" if len(roots) > 1 else path for path in missed]
    return "folders", parts, classes, skipped


def _numbered(
    source: Path | str, raw: dict[str, Raw], classes: Sequence[str] | None
) -> tuple[dict[str, Raw], Sequence[str]]:
    """Labels from 0 on; names of the classes are the numbers that were found."""
    if classes is not None:
        return raw, classes
    known = np.unique(raw["train"].labels)
    for name, part in raw.items():
        if outside := sorted(set(part.labels.tolist()) - set(known.tolist())):
            raise DataError(
                f"{source}: labels of the part {name} are {outside[:5]}, which the "
                "training images never have"
            )
    raw = {
        name: part._replace(labels=np.searchsorted(known, part.labels))
        for name, part in raw.items()
    }
    return raw, [str(label) for label in known]


def _sizes(raw: dict[str, Raw]) -> list[tuple[int, int]]:
    """Heights and widths that occur, from the smallest to the largest."""
    sizes = {image.shape[:2] for part in raw.values() for image in part.pixels}
    return sorted(sizes, key=lambda size: (size[0] * size[1], size))


def _part(raw: Raw, image_size: int | None, channels: int) -> Part:
    pixels = [
        image if image_size is None else _fitted(image, image_size)
        for image in raw.pixels
    ]
    pixels = [np.broadcast_to(x, (*x.shape[:2], channels)) for x in pixels]
    stacked = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).contiguous()
    return Part(stacked, torch.from_numpy(np.ascontiguousarray(raw.labels)))


def _fitted(image: np.ndarray, size: int) -> np.ndarray:
    """The shorter side becomes `size`, and the middle is cut out."""
    return np.asarray(fit_picture(_picture(image), size)).reshape(size, size, -1)


def fit_picture(picture: Image.Image, size: int) -> Image.Image:
    """The same for a picture of PIL; smaller ones are enlarged."""
    scale = size / min(picture.size)
    width, height = (max(size, round(scale * side)) for side in picture.size)
    picture = picture.resize((width, height), Image.Resampling.BICUBIC)
    left, top = (width - size) // 2, (height - size) // 2
    return picture.crop((left, top, left + size, top + size))


def _picture(image: np.ndarray) -> Image.Image:
    return Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)


def _held_out(
    source: Path | str, train: Part, classes: Sequence[str], fraction: float
) -> dict[str, Part]:
    """From each class its share, one image at least; the same at each call."""
    generator = torch.Generator().manual_seed(0)
    held = torch.zeros(len(train), dtype=torch.bool)
    for k, name in enumerate(classes):
        members = (train.labels == k).nonzero().flatten()
        if len(members) < 2:
            raise DataError(
                f"{source}: the class {name} has {len(members)} image; two are needed, "
                "one to learn from and one to hold out"
            )
        n = min(max(1, round(fraction * len(members))), len(members) - 1)
        chosen = torch.randperm(len(members), generator=generator)[:n]
        held[members[chosen]] = True
    return {
        "train": Part(train.pixels[~held], train.labels[~held]),
        "val": Part(train.pixels[held], train.labels[held]),
    }


def _check(source: Path | str, images: ImageSet) -> None:
    if len(images.classes) < 2:
        raise DataError(
            f"{source} has one class, {images.classes[0]}; two or more are needed"
        )
    counts = images.train.labels.bincount(minlength=len(images.classes)).tolist()
    if empty := [name for name, n in zip(images.classes, counts, strict=True) if not n]:
        raise DataError(f"{source}: no image to learn from in {', '.join(empty)}")
    if min(images.image_shape[1:]) < 17:
        raise DataError(
            f"{source}: images are {images.image_shape[1:]} pixels high and wide; the "
            "two convolutions need 17 at least: pass a larger image size"
        )


def _notes(images: ImageSet, skipped: Sequence[str]) -> list[str]:
    notes = []
    if skipped:
        notes.append(
            f"left out, as they could not be read ({len(skipped)}): "
            f"{', '.join(skipped[:5])}{', ...' * (len(skipped) > 5)}"
        )
    known = {x.numpy().tobytes() for x in images.train.pixels}
    for name in ("val", "test"):
        part = getattr(images, name)
        if part is not None:
            twice = sum(x.numpy().tobytes() in known for x in part.pixels)
            if twice:
                notes.append(
                    f"{twice} of {len(part)} images of the part {name} are also among "
                    "those to learn from: what is counted there is too good"
                )
    counts = images.train.labels.bincount(minlength=len(images.classes))
    if counts.max() > 10 * counts.min():
        notes.append(
            f"classes have {counts.min()} to {counts.max()} images: the rare ones will "
            "hardly be learned"
        )
    return notes

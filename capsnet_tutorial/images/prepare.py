"""One picture for one network: size, channels, polarity; and what was done, in words.

Axis key: c channels, h w height and width.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from capsnet_tutorial.images.sets import fit_picture

BOX, SIDE = 20, 28  # MNIST: the longer side of a digit, in a picture of 28 x 28


class Prepared(NamedTuple):
    image: Float[Tensor, "c h w"]  # pixels from 0 to 1
    done: list[str]  # to the picture


def prepare(
    picture: Image.Image,
    shape: tuple[int, int, int],
    *,
    digits: bool = False,
    pair: bool = False,
    pad: int = 0,
    invert: bool | None = None,
) -> Prepared:
    """A picture as a network wants it.

    Args:
        picture: from `read_picture`.
        shape: channels, height and width that the network takes.
        digits: the network has learned from MNIST: bright on dark, 20 pixels high or
            wide, its middle in the middle.
        pair: two digits in each image: only brought to the size.
        pad: pixels of 0 around each image that is not of the shape yet.
        invert: turn bright and dark round; None: for digits, if the border is bright.

    Raises:
        ValueError: if the network takes images that are not square.
    """
    channels, height, width = shape
    done = []
    wanted = "L" if channels == 1 else "RGB"
    if picture.mode != wanted:
        done.append("made grey" if channels == 1 else "grey in three channels")
        picture = picture.convert(wanted)
    if invert is None:
        invert = digits and _border(picture) > 127
    if invert:
        picture = Image.fromarray(255 - np.asarray(picture))
        done.append("bright and dark turned round")
    if picture.size != (width, height):
        if height != width:
            raise ValueError(
                f"prepare: the network takes images of {height} x {width}; only square "
                f"ones are made from other sizes, and this one is {picture.height} x "
                f"{picture.width}"
            )
        if pad and not pair:
            inner = (channels, height - 2 * pad, width - 2 * pad)
            image, more = prepare(picture, inner, digits=digits, invert=False)
            return Prepared(F.pad(image, (pad,) * 4), done + more)
        if digits and not pair:
            picture = as_mnist(picture)
            done.append("ink brought to 20 pixels, its middle to the middle")
        else:
            done.append(f"{picture.height} x {picture.width} brought to {height}")
            picture = fit_picture(picture, height)
    array = np.array(picture, dtype=np.float32) / 255
    image = torch.from_numpy(array).reshape(height, width, channels)
    return Prepared(image.permute(2, 0, 1).contiguous(), done)


def as_mnist(picture: Image.Image) -> Image.Image:
    """A digit, bright on dark, as MNIST has its own: a box of 20 in a picture of 28.

    Source: LeCun, Cortes & Burges: scaled to 20 x 20 with its proportions, and moved so
    that the centre of mass of the pixels is in the middle.
    """
    array = np.asarray(picture)
    ink = array > 0.2 * array.max(initial=0)
    if not ink.any():
        return Image.new("L", (SIDE, SIDE))
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    digit = picture.crop(tuple(int(x) for x in box))
    scale = BOX / max(digit.size)
    size = tuple(max(1, round(scale * side)) for side in digit.size)
    small = np.asarray(digit.resize(size, Image.Resampling.BICUBIC), dtype=np.float64)
    total = small.sum()
    middles = [
        (
            (small.sum(axis=1 - axis) * (np.arange(small.shape[axis]) + 0.5)).sum()
            / total
        )
        for axis in (0, 1)
    ]
    corner = [
        int(np.clip(round(SIDE / 2 - middle), 0, SIDE - side))
        for middle, side in zip(middles, small.shape, strict=True)
    ]
    whole = np.zeros((SIDE, SIDE), np.uint8)
    y, x = corner
    whole[y : y + small.shape[0], x : x + small.shape[1]] = small.round()
    return Image.fromarray(whole)


def _border(picture: Image.Image) -> float:
    array = np.asarray(picture.convert("L"))
    edges = (array[0], array[-1], array[:, 0], array[:, -1])
    return float(np.median(np.concatenate(edges)))

"""Digits that the explorers show without being given any: those of stored.js."""

import base64
import json
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

STORED = Path(__file__).with_name("stored.js")


def _unpacked(box: dict) -> Tensor:
    """The image (1 28 28) of a box of ink, as unpackDigit in pad.js."""
    image = torch.zeros(1, 28, 28)
    ink = torch.tensor(list(base64.b64decode(box["pixels"]))) / 255
    ink = ink.view(-1, box["width"])
    rows, columns = ink.shape
    image[0, box["top"] :, box["left"] :][:rows, :columns] = ink
    return image


@cache
def preset_digits() -> Tensor:
    """Two of each class, then the 4 that is nearly a 9: (21 1 28 28), from 0 to 1.

    >>> preset_digits().shape
    torch.Size([21, 1, 28, 28])
    """
    text = STORED.read_text(encoding="utf-8")
    stored = json.loads(text.partition("export const stored = ")[2].rstrip("\n;"))
    boxes = [*stored["digits"], stored["nearlyNine"]]
    return torch.stack([_unpacked(box) for box in boxes])

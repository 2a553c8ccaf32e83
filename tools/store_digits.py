"""Choose the digits that the explorers show at first, and write them for the page.

    python tools/store_digits.py

Writes capsnet_tutorial/explorers/model/stored.js.  All digits are from MNIST's training
set, from which `tiny` has learned.  Needs the full MNIST (`capsnet data`).
"""

import base64
import json
from pathlib import Path

import torch
from explorer_tables import lengths_of
from measure_encoding import plain
from torch import Tensor

from capsnet_tutorial import CapsNet, load_mnist, load_pretrained
from capsnet_tutorial.records import write_atomically

STORED = Path(__file__).parents[1] / "capsnet_tutorial" / "explorers/model/stored.js"
PER_CLASS = 2
HEAD = """// Digits and poses for the first views; made by tools/store_digits.py.
//
// digits: the first two of each class among the 500 held-out mini digits, in the order
// of the file.  nearlyNine: among MNIST's 5,000 held-out training digits, of the 4s
// whose two longest capsules are 4 and 9, the one with the smallest gap between them.
// poseMean, poseSd: of the capsule of each class, over its digits among the 4,500 mini
// digits that are not held out.  `tiny` has learned from all of these digits.
// A digit is its box of ink: bytes, rows from the top, base64; see unpackDigit.

"""


def boxed(image: Tensor, label: int, index: int) -> dict:
    """The part of an image (h w) that has ink, small enough for a page."""
    pixels = (image * 255).round().byte()
    rows, columns = (pixels.any(dim).nonzero().flatten() for dim in (1, 0))
    (top, bottom), (left, right) = rows[[0, -1]].tolist(), columns[[0, -1]].tolist()
    box = pixels[top : bottom + 1, left : right + 1]
    return {
        "label": label,
        "index": index,
        "top": top,
        "left": left,
        "width": right - left + 1,
        "pixels": base64.b64encode(bytes(box.flatten().tolist())).decode(),
    }


def presets() -> tuple[Tensor, Tensor, list[int]]:
    """Two digits of each class, not chosen by looking at them."""
    images, labels = load_mnist("val", "mini").tensors
    picked = [(labels == c).nonzero()[:PER_CLASS].flatten() for c in range(10)]
    index = torch.cat(picked)
    return images[index], labels[index], index.tolist()


def nearly_nine(model: CapsNet) -> tuple[dict, dict]:
    """The digit for the page, and what a record can say about it."""
    images, labels = load_mnist("val", "full").tensors
    longest = lengths_of(model, images).topk(2)
    pair = longest.indices.sort().values == torch.tensor([4, 9])
    gap = longest.values[:, 0] - longest.values[:, 1]
    gap[~(pair.all(dim=1) & (labels == 4))] = torch.inf
    n = int(gap.argmin())
    lengths = lengths_of(model, images[n : n + 1])[0]
    told = {"digit": n, "lengths": {"4": lengths[4], "9": lengths[9]}}
    return boxed(images[n, 0], 4, n), told | {"candidates": gap.isfinite().sum()}


def pose_spread(model: CapsNet) -> dict:
    """Mean and sd (10 16) of the capsule of each class, for digits of that class."""
    images, labels = load_mnist("train", "mini").tensors
    pose = torch.cat([model(batch).pose for batch in images.split(250)])
    own = [pose[labels == c, c] for c in range(10)]
    return {
        "poseMean": torch.stack([p.mean(dim=0) for p in own]),
        "poseSd": torch.stack([p.std(dim=0) for p in own]),
    }


@torch.no_grad()
def main() -> None:
    model = load_pretrained("tiny")
    chosen = zip(*presets(), strict=True)
    stored = {
        "digits": [boxed(image[0], int(label), n) for image, label, n in chosen],
        "nearlyNine": nearly_nine(model)[0],
        **plain(pose_spread(model)),
    }
    text = json.dumps(stored).replace("[{", "[\n{").replace("}, ", "},\n")
    text = text.replace("[[", "[\n[").replace("], ", "],\n")
    write_atomically(STORED, f"{HEAD}export const stored = {text};\n".encode())
    print(f"{STORED.name}: {STORED.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

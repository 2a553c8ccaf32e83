"""What a trained CapsNet does with digits that are routed, turned, moved or mixed.

Axis key: b examples, i capsules below, j classes, e pose size, c h w image.
"""

import math

import torch
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as V

from capsnet_tutorial import CapsNet
from capsnet_tutorial.digits import shift_images
from capsnet_tutorial.routing import DynamicRouter

ITERATIONS = (1, 2, 3, 5, 10)
ANGLES = range(0, 360, 15)
SCALES = (0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.2, 1.4)
CORNER_SHIFTS = range(0, 9)  # pixels, down or up and to the left or right
PAIR_SHIFTS = (0, 2, 4)


def lengths_of(model: CapsNet, images: Tensor) -> Tensor:
    """(b j)."""
    return torch.cat([model(batch).lengths for batch in images.split(250)])


def routed(model: CapsNet, images: Tensor, labels: Tensor) -> dict:
    """The same votes, routed for 1 to 10 iterations; the model was trained with 3.

    Entropy is that of the couplings used in an iteration, in bits, over all children of
    all images: each child alike, and weighted by how long it is.
    """
    parts = [_routed(model, batch) for batch in images.split(250)]
    lengths = torch.cat([part[0] for part in parts], dim=1)  # (r b j)
    sums = torch.stack([part[1] for part in parts]).sum(dim=0)  # (r 4)
    found = lengths.argmax(dim=-1)  # (r b)
    right = found == labels
    picked = [n - 1 for n in ITERATIONS]
    return {
        "iterations": list(ITERATIONS),
        "correct": right.sum(dim=1)[picked],
        "changed_from_1_iteration": (found != found[0]).sum(dim=1)[picked],
        "changed_from_3_iterations": (found != found[2]).sum(dim=1)[picked],
        "wrong_with_1_right_with_3": (
            (found[0] != labels) & (found[2] == labels)
        ).sum(),
        "right_with_1_wrong_with_3": (
            (found[0] == labels) & (found[2] != labels)
        ).sum(),
        "longest_length": lengths.amax(dim=-1).mean(dim=1)[picked],
        "second_length": lengths.topk(2).values[..., 1].mean(dim=1)[picked],
        "entropy": (sums[:, 0] / sums[:, 1])[picked],
        "entropy_weighted_by_length": (sums[:, 2] / sums[:, 3])[picked],
    }


def _routed(model: CapsNet, images: Tensor) -> tuple[Tensor, Tensor]:
    poses = model.primary_caps(torch.relu(model.conv(images)))
    length = torch.linalg.vector_norm(poses, dim=-1)  # (b i)
    votes = model.class_caps.votes(poses)
    lengths, sums = [], []
    for step in DynamicRouter(max(ITERATIONS)).steps(votes):
        bits = -torch.xlogy(step.coupling, step.coupling).sum(dim=-1) / math.log(2)
        weighed = (bits.sum(), bits.numel(), (bits * length).sum(), length.sum())
        sums.append(torch.tensor([float(x) for x in weighed], dtype=torch.float64))
        lengths.append(torch.linalg.vector_norm(step.pose, dim=-1))
    return torch.stack(lengths), torch.stack(sums)


def turn(images: Tensor, angle: float = 0.0, scale: float = 1.0) -> Tensor:
    """Counter-clockwise around pixel (14, 14), as pad.js does it."""
    around = {"center": [14.5, 14.5], "interpolation": InterpolationMode.BILINEAR}
    return V.affine(images, -angle, [0, 0], scale, 0.0, **around)


def turned(model: CapsNet, images: Tensor, labels: Tensor) -> dict:
    """Digits at every angle: named as before, and how sure of another class."""
    rows = []
    for angle in ANGLES:
        length, found = lengths_of(model, turn(images, angle)).max(dim=1)
        wrong = found != labels
        rows.append(
            {
                "angle": angle,
                "correct": (~wrong).sum(),
                "wrong_and_longer_than_half": (wrong & (length > 0.5)).sum(),
                "wrong_and_longer_than_0.9": (wrong & (length > 0.9)).sum(),
                "six_named_nine": (found[labels == 6] == 9).sum(),
                "nine_named_six": (found[labels == 9] == 6).sum(),
            }
        )
    counts = {"sixes": (labels == 6).sum(), "nines": (labels == 9).sum()}
    return counts | {key: [row[key] for row in rows] for key in rows[0]}


def scaled(model: CapsNet, images: Tensor, labels: Tensor) -> dict:
    """Digits that are smaller or larger than those of MNIST."""
    found = [lengths_of(model, turn(images, 0, s)).argmax(dim=1) for s in SCALES]
    correct = [(named == labels).sum() for named in found]
    return {"scale": list(SCALES), "correct": correct}


def in_corners(model: CapsNet, images: Tensor, labels: Tensor) -> dict:
    """Digits towards the four corners of the frame; mean number that is right."""
    correct = []
    for pixels in CORNER_SHIFTS:
        found = [
            lengths_of(model, _moved(images, down, right)).argmax(dim=1)
            for down in {pixels, -pixels}
            for right in {pixels, -pixels}
        ]
        correct.append((torch.stack(found) == labels).sum(dim=1).double().mean())
    return {"pixels": list(CORNER_SHIFTS), "correct": correct}


def _moved(images: Tensor, down: int, right: int) -> Tensor:
    return shift_images(images, torch.tensor([[down], [right]]).expand(2, len(images)))


def paired(model: CapsNet, images: Tensor, labels: Tensor, seed: int) -> dict:
    """Every digit with another of another class on top, each shifted at random.

    Pixels are added and clipped at 1, as in [S17].  The model has only seen one digit
    at a time.  `both_half`: two capsules are longer than 0.5, and they are the right.
    """
    generator = torch.Generator().manual_seed(seed)
    other = torch.randperm(len(labels), generator=generator)
    while (same := labels[other] == labels).any():
        other[same] = torch.randint(
            len(labels), (int(same.sum()),), generator=generator
        )
    rows = []
    for most in PAIR_SHIFTS:
        shifts = torch.randint(
            -most, most + 1, (2, 2, len(labels)), generator=generator
        )
        both = shift_images(images, shifts[0]) + shift_images(images[other], shifts[1])
        lengths = lengths_of(model, both.clamp(max=1))
        pair = torch.stack([labels, labels[other]], dim=1)
        longest = lengths.topk(2)
        right = (longest.indices.sort().values == pair.sort().values).all(dim=1)
        rows.append(
            {
                "shift": most,
                "longest_is_one_of_both": (longest.indices[:, :1] == pair).any(1).sum(),
                "both_are_the_two_longest": right.sum(),
                "both_half": (right & (longest.values[:, 1] > 0.5)).sum(),
                "longest_length": longest.values[:, 0].mean(),
                "second_length": longest.values[:, 1].mean(),
            }
        )
    return {key: [row[key] for row in rows] for key in rows[0]}

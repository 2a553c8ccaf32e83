"""Turned, sheared, scaled and moved digits: what is still named, and what poses do.

Source of the question: seed document 004 (see variants/rotated.py).  The moves are one
at a time, bilinear, filled with 0; where nothing is moved, nothing is resampled.
Book: chapter 10 (book/10_turning.ipynb).

Axis key: b examples, c h w channels, height, width, e numbers of a pose.
"""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float, Integer
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as V

from capsnet_tutorial.digits import shift_images
from capsnet_tutorial.encoding import linear_probe_r2
from capsnet_tutorial.training import predict

ANGLES = tuple(range(-60, 61, 5))  # degrees; at 180 a 6 is a 9
SHEARS = tuple(n / 10 for n in range(-6, 7))  # to the right, for each pixel upwards
SCALES = tuple(n / 10 for n in range(5, 15))
SHIFTS = tuple(range(-8, 9, 2))  # whole pixels, down and to the right
FAR = (5, 10, 20, 40)  # degrees each way, for what poses do
N_MOVED = 2000  # digits: 57 moves of 5,000 would take longer than to learn
N_NUMBERS = 16  # of a pose; a CNN's features are reduced to as many


def turn(images: Float[Tensor, "b c h w"], degrees: float) -> Tensor:
    """Counter-clockwise around the middle of the image."""
    return _affine(images, angle=-degrees) if degrees else images


def shear(images: Float[Tensor, "b c h w"], by: float) -> Tensor:
    """Slanted: rows above the middle go to the right, rows below to the left."""
    degrees = torch.tensor(by).atan().rad2deg().item()
    return _affine(images, shear=[degrees, 0.0]) if by else images


def scale(images: Float[Tensor, "b c h w"], by: float) -> Tensor:
    """Larger or smaller, around the middle of the image."""
    return _affine(images, scale=by) if by != 1 else images


def shift(images: Float[Tensor, "b c h w"], by: int) -> Tensor:
    """Down and to the right, by whole pixels."""
    return shift_images(images, torch.full((2, len(images)), by).to(images.device))


def _affine(images: Tensor, angle=0.0, scale=1.0, shear=(0.0, 0.0)) -> Tensor:
    moved = V.affine(
        images, angle, [0, 0], scale, list(shear), InterpolationMode.BILINEAR
    )
    return moved.clamp(0, 1)  # rounding


MOVES: dict[str, tuple[Callable[..., Tensor], tuple[float, ...]]] = {
    "turn": (turn, ANGLES),
    "shear": (shear, SHEARS),
    "scale": (scale, SCALES),
    "shift": (shift, SHIFTS),
}


def moved_digits(net: nn.Module, config: Any, digits: tuple) -> dict[str, Any]:
    """How many of the first 2,000 digits are named correctly after each move."""
    images, labels = (x[:N_MOVED] for x in digits)
    found: dict[str, Any] = {"n": len(labels)}
    for name, (move, amounts) in MOVES.items():
        right = [
            int((predict(net, move(images, by)) == labels).sum()) for by in amounts
        ]
        found[name] = {"by": list(amounts), "right": right}
    return found


# ------------------------------------------------------------------ equivariance


@torch.no_grad()
def equivariance(net: nn.Module, config: Any, digits: tuple) -> dict[str, Any]:
    """What turning does to poses: R2, fitted on every other digit of each class.

    linear    of v(t), from a linear map of v(0): 1 if to turn the digit is to turn v
    identity  of v(t), from v(0) itself: 1 if the pose does not change at all
    angle     of t, from a linear map of v(t)
    twice     of v(20), from the map of 10 degrees made twice: 1 if the maps add up

    The mean over classes; `linear` and `identity` are means of both directions.
    """
    images, labels = digits
    degrees = [0, *(sign * t for t in FAR for sign in (1, -1))]
    poses = {t: _poses(net, turn(images, t), images, labels) for t in degrees}
    classes = [
        _of_class({t: v[labels == k] for t, v in poses.items()}) for k in range(10)
    ]
    return {key: _mean([one[key] for one in classes]) for key in classes[0]}


def _poses(
    net: nn.Module,
    images: Float[Tensor, "b c h w"],
    upright: Float[Tensor, "b c h w"],
    labels: Integer[Tensor, " b"],
) -> Float[Tensor, "b e"]:
    """Of the true class; of a network without poses, its main features."""
    if net(images[:1]).pose is not None:
        poses = torch.cat([net(part).pose for part in images.split(250)])
        return poses[torch.arange(len(labels)).to(labels), labels]
    features, known = (
        torch.cat([net.hidden(part) for part in x.split(250)])
        for x in (images, upright)
    )
    main = torch.linalg.svd(known - known.mean(dim=0), full_matrices=False).Vh
    return (features - known.mean(dim=0)) @ main[:N_NUMBERS].T


def _of_class(poses: dict[int, Float[Tensor, "b e"]]) -> dict[str, Any]:
    fit = {t: v[::2] for t, v in poses.items()}
    new = {t: v[1::2] for t, v in poses.items()}
    maps = {t: torch.linalg.lstsq(_one(fit[0]), fit[t]).solution for t in poses}
    angles = {t: v.new_full((len(v), 1), t) for t, v in poses.items()}
    probe = (
        torch.cat(list(x.values()))
        for x in (fit, {t: a[::2] for t, a in angles.items()}, new,
                  {t: a[1::2] for t, a in angles.items()})
    )  # fmt: skip
    ways = [[t, -t] for t in FAR]
    twice = _one(_one(new[0]) @ maps[10]) @ maps[10]
    return {
        "linear": [
            _mean([_r2(_one(new[0]) @ maps[t], new[t]) for t in w]) for w in ways
        ],
        "identity": [_mean([_r2(new[0], new[t]) for t in w]) for w in ways],
        "angle": linear_probe_r2(*probe).item(),
        "twice": _r2(twice, new[20]),
    }


def _one(v: Float[Tensor, "b e"]) -> Tensor:
    return F.pad(v, (0, 1), value=1.0)


def _r2(predicted: Float[Tensor, "b e"], true: Float[Tensor, "b e"]) -> float:
    """Over all numbers of the pose together."""
    missed = (true - predicted).square().sum()
    return (1 - missed / (true - true.mean(dim=0)).square().sum()).item()


def _mean(values: list) -> Any:
    return torch.tensor(values, dtype=torch.float64).mean(dim=0).tolist()

"""The tables of a record `encoding-NAME`: one per question of chapter 8.

Axis key: that of capsnet_tutorial/encoding/perturb.py, and j classes.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from capsnet_tutorial import CapsNet
from capsnet_tutorial.encoding import (
    REACH,
    STEPS,
    draw,
    effects,
    explained,
    linear_probe_r2,
    moves,
    perturbed,
    properties,
    random_directions,
    shares,
    sliders,
)

N_PERTURBED = 100  # digits of each class whose poses are changed


def of_one_class(model: CapsNet, pose: Tensor, real: Tensor, digit: int) -> dict:
    """All tables of one class.

    Args:
        pose: (b e), of the capsule of this class.
        real: (b p), properties of the real digits.
    """
    few, next_few = pose[: 2 * N_PERTURBED].split(N_PERTURBED)
    natural = real.std(dim=0)
    change = effects(model, few, digit) / natural
    mean = change.mean(dim=0)
    slid = effects(model, next_few, digit, sliders(mean), reach=1) / natural / 2
    halves = pose[::2], real[::2], pose[1::2], real[1::2]  # the first 5,000 are neater
    return {
        "n": len(pose),
        "pose_sd": pose.std(dim=0),  # (e)
        "natural_sd": natural,  # (p)
        "kept": correlation(properties(draw(model, pose, digit)), real) ** 2,  # (p)
        "effect": mean,  # (k p), in natural sd, from -REACH to REACH
        "effect_sd": change.std(dim=0),  # (k p), over digits
        "same_sign": (change.sign() == mean.sign()).double().mean(dim=0),  # (k p)
        "share": shares(mean),  # (k p)
        "slid": slid.mean(dim=0),  # (p p), what each slider does to new digits
        "straightness": straightness(model, few, digit),  # (k p)
        "explained": share_of_moves(model, few, digit).mean(dim=0),  # (k)
        "read_all": linear_probe_r2(*halves),  # (p)
        "read_best": read_best(*halves),  # (p)
    }


def correlation(first: Tensor, second: Tensor) -> Tensor:
    """(p): of each column of (b p) with the same column of the other."""
    a, b = ((x - x.mean(dim=0)) / x.std(dim=0, correction=0) for x in (first, second))
    return (a * b).mean(dim=0)


def straightness(model: CapsNet, pose: Tensor, digit: int) -> Tensor:
    """(k p): share of a property's variance along a row that a straight line makes."""
    row = properties(draw(model, perturbed(pose), digit))  # (b k s p)
    row = row - row.mean(dim=2, keepdim=True)
    step = F.normalize(torch.tensor(STEPS), dim=0)[:, None]  # its mean is 0
    line = (row * step).sum(dim=2).square().sum(dim=0)
    return line / row.square().sum(dim=(0, 2))


def share_of_moves(
    model: CapsNet, pose: Tensor, digit: int, of: Tensor | None = None
) -> Tensor:
    """(b k): share of the change along a row that small moves of a drawing make.

    Args:
        of: (b h w), the drawings that are moved; those of `pose` if None.
    """
    low, high = draw(model, perturbed(pose, (-REACH, REACH)), digit).unbind(dim=2)
    return explained(high - low, moves(draw(model, pose, digit) if of is None else of))


def read_best(pose: Tensor, real: Tensor, new_pose: Tensor, new_real: Tensor) -> Tensor:
    """(p): the same from one number, the one that is best on the first digits."""
    singles = pose.split(1, dim=1)
    old = torch.stack([linear_probe_r2(one, real, one, real) for one in singles])
    new = torch.stack(
        [
            linear_probe_r2(one, real, new_one, new_real)
            for one, new_one in zip(singles, new_pose.split(1, dim=1), strict=True)
        ]
    )
    return new.gather(0, old.argmax(dim=0, keepdim=True))[0]


def largest_shares(
    model: CapsNet, poses: list[Tensor], natural: list[Tensor], directions: list[Tensor]
) -> Tensor:
    """(p): the largest share of one direction, mean over classes."""
    found = [
        shares((effects(model, pose, digit, turned) / sd).mean(dim=0)).amax(dim=0)
        for digit, (pose, sd, turned) in enumerate(
            zip(poses, natural, directions, strict=True)
        )
    ]
    return torch.stack(found).mean(dim=0)


def against_random(
    model: CapsNet, poses: list[Tensor], natural: list[Tensor], n: int, seed: int
) -> dict:
    """`largest_shares` of the axes (p), and of `n` draws of random directions (n p)."""
    generator, size = torch.Generator().manual_seed(seed), poses[0].shape[1]
    draws = [[random_directions(size, generator) for _ in poses] for _ in range(n)]
    axes = [torch.eye(size)] * len(poses)
    return {
        "axes": largest_shares(model, poses, natural, axes),
        "random": torch.stack(
            [largest_shares(model, poses, natural, turned) for turned in draws]
        ),
    }


def same_number(effect: Tensor, n: int, seed: int) -> dict:
    """Does number k of one class do what number k of another does?

    Args:
        effect: (j k p), for each class and number.
        n: how often the numbers of each class are shuffled, to see what chance gives.

    A number is described by what it does to each property; two are compared by the
    cosine of their descriptions, without its sign: it may grow here and shrink there.
    """
    unit, generator = F.normalize(effect, dim=-1), torch.Generator().manual_seed(seed)

    def alike(unit: Tensor) -> Tensor:
        """Mean over all pairs of classes and all k."""
        first, second = torch.triu_indices(len(unit), len(unit), offset=1)
        return (unit[first] * unit[second]).sum(dim=-1).abs().mean()

    def shuffled() -> Tensor:
        order = [torch.randperm(effect.shape[1], generator=generator) for _ in unit]
        return torch.stack([row[k] for row, k in zip(unit, order, strict=True)])

    random = torch.stack([alike(shuffled()) for _ in range(n)])
    return {"found": alike(unit), "random": random}

"""Does routing route?  What couplings decide, and what they depend on.

The same votes are routed for more and fewer iterations, and weighted by couplings that
belong to other images.  Digits are none that the networks have learned from.
Book: chapter 17 (book/17_routes.ipynb).

Axis key: b examples, i capsules below, j classes, e pose size, c h w channels, height,
width (of the grid of capsules, too), t types of capsules below.
"""

import math
from typing import Any

import torch
from einops import einsum, rearrange
from jaxtyping import Float, Integer
from torch import Tensor

from capsnet_tutorial.capsnet import CapsNet
from capsnet_tutorial.digits import shift_images
from capsnet_tutorial.routing import DynamicRouter
from capsnet_tutorial.squash import squash

MOST = 10  # iterations
BATCH = 250
PLACE = 2  # pixels from one place of the grid to the next
ROUNDING = 1e-6  # couplings that differ by less are equal


@torch.no_grad()
def routes(net: CapsNet, config: Any, digits: tuple) -> dict[str, Any]:
    """All that this file measures, with the couplings of the network's own routing."""
    images, labels = digits
    coupling = torch.cat([couplings(net, part) for part in images.split(BATCH)])
    return {
        "n": len(labels),
        "iterations": by_iterations(net, images, labels),
        "replaced": replaced(net, images, labels, coupling),
        "explained_by_class": explained_by_class(coupling, labels),
        "moved": moved(net, images, coupling),
    }


def votes_of(net: CapsNet, images: Float[Tensor, "b c h w"]) -> Tensor:
    """(b i j e)."""
    return net.class_caps.votes(net.primary_caps(net.conv(images).relu()))


def couplings(net: CapsNet, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b i j"]:
    """Those of the last iteration."""
    *_, last = net.class_caps.router.steps(votes_of(net, images))
    return last.coupling


def by_iterations(
    net: CapsNet, images: Float[Tensor, "b c h w"], labels: Integer[Tensor, " b"]
) -> dict[str, Any]:
    """After 1, 2, ... 10 iterations of the same votes.

    Entropy is in bits, of the ten couplings of a child: log2(10) = 3.32 if even.
    """
    found = []
    for part, truth in zip(images.split(BATCH), labels.split(BATCH), strict=True):
        steps = list(DynamicRouter(MOST).steps(votes_of(net, part)))
        found.append([_of_step(step, truth) for step in steps])
    columns = {
        name: torch.stack(
            [torch.cat([part[r][name] for part in found]) for r in range(MOST)]
        )
        for name in found[0][0]
    }  # (r b)
    named = columns.pop("named")
    return {
        "right": (named == labels).sum(dim=1).tolist(),
        "other_than_3": (named != named[2]).sum(dim=1).tolist(),
        **{name: x.mean(dim=1).tolist() for name, x in columns.items()},
    }


def _of_step(step, labels: Integer[Tensor, " b"]) -> dict[str, Tensor]:
    coupling, lengths = step.coupling, step.pose.norm(dim=-1)
    entropy = -torch.xlogy(coupling, coupling).sum(dim=-1) / math.log(2)
    true = torch.arange(len(labels)).to(labels), labels
    return {
        "named": lengths.argmax(dim=1),
        "true_length": lengths[true],
        "sum_of_lengths": lengths.sum(dim=1),
        "entropy": entropy.mean(dim=1),
        "largest_coupling": coupling.amax(dim=-1).mean(dim=1),
        "true_coupling": coupling.mean(dim=1)[true],
    }


def replaced(
    net: CapsNet,
    images: Float[Tensor, "b c h w"],
    labels: Integer[Tensor, " b"],
    coupling: Float[Tensor, "b i j"],
) -> dict[str, Any]:
    """Answers with other couplings in place of a digit's own, in one weighted sum.

    own           its own: the answer of the network
    even          1 / 10 each
    mean          the mean over all digits
    same class    those of another digit of the class
    other digit   those of any other digit
    next class    the mean of a wrong class (the next one)
    random        shares drawn once, the same for all digits
    """
    generator = torch.Generator().manual_seed(0)
    n, shape = len(labels), coupling.shape[1:]
    of_class = torch.stack([coupling[labels == k].mean(dim=0) for k in range(10)])
    kinds = {
        "own": lambda at: coupling[at],
        "even": lambda at: coupling.new_full((1, *shape), 1 / shape[1]),
        "mean": lambda at: coupling.mean(dim=0, keepdim=True),
        "same class": lambda at: coupling[partner[at]],
        "other digit": lambda at: coupling[(at + n // 2) % n],
        "next class": lambda at: of_class[(labels[at] + 1) % 10],
        "random": lambda at: shares,
    }
    partner = _partners(labels)
    shares = torch.rand((1, *shape), generator=generator).to(coupling)
    shares /= shares.sum(dim=-1, keepdim=True)
    named: dict[str, list[Tensor]] = {kind: [] for kind in kinds}
    for at in torch.arange(n).to(labels).split(BATCH):
        votes = votes_of(net, images[at])
        for kind, pick in kinds.items():
            c = pick(at).expand(len(at), -1, -1)
            total = einsum(c, votes, "b i j, b i j e -> b j e")
            named[kind].append(squash(total).norm(dim=-1).argmax(dim=1))
    answers = {kind: torch.cat(parts) for kind, parts in named.items()}
    return {
        kind: {
            "right": int((x == labels).sum()),
            "other_than_own": int((x != answers["own"]).sum()),
        }
        for kind, x in answers.items()
    }


def _partners(labels: Integer[Tensor, " b"]) -> Integer[Tensor, " b"]:
    """For each digit the next one of its class."""
    partner = torch.empty_like(labels)
    for k in labels.unique():
        members = (labels == k).nonzero().flatten()
        partner[members] = members.roll(-1)
    return partner


def explained_by_class(
    coupling: Float[Tensor, "b i j"], labels: Integer[Tensor, " b"]
) -> float:
    """Share of the couplings' variance over digits that their class explains (eta^2).

    1 if couplings depend on the class alone, 0 if they do not depend on it.
    """
    mean = coupling.mean(dim=0)
    total = (coupling - mean).square().sum()
    between = sum(
        (labels == k).sum() * (coupling[labels == k].mean(dim=0) - mean).square().sum()
        for k in labels.unique()
    )
    varies = total.sqrt() > ROUNDING * coupling.norm()
    return (between / total).item() if varies else 0.0


def moved(
    net: CapsNet, images: Float[Tensor, "b c h w"], coupling: Float[Tensor, "b i j"]
) -> dict[str, float]:
    """Do couplings move along, if a digit moves to the right by one place of the grid?

    Correlations, over all capsules and digits, of what is special about a digit's
    couplings (its difference from their mean over digits) with the same of the moved
    digit: at the same place, and one place further.
    """
    right = torch.tensor([[0], [PLACE]]).to(images.device).expand(2, len(images))
    parts = zip(images.split(BATCH), right.split(BATCH, dim=1), strict=True)
    after = torch.cat([couplings(net, shift_images(part, by)) for part, by in parts])
    before, after = (_special(x, net.config.grid) for x in (coupling, after))
    return {
        "same_place": _correlation(before, after),
        "one_place_further": _correlation(before[..., :-1, :], after[..., 1:, :]),
    }


def _special(coupling: Float[Tensor, "b i j"], grid: tuple[int, int]) -> Tensor:
    """(b t h w j), without the mean over digits."""
    height, width = grid
    maps = rearrange(coupling, "b (t h w) j -> b t h w j", h=height, w=width)
    return maps - maps.mean(dim=0)


def _correlation(first: Tensor, second: Tensor) -> float:
    a, b = (x.flatten() - x.mean() for x in (first, second))
    if min(a.abs().max(), b.abs().max()) < ROUNDING:
        return 0.0
    return ((a * b).sum() / (a.norm() * b.norm())).item()

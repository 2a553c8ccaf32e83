"""What a network answers, seen from outside: to neighbours, strong weights, a blank."""

import copy

import torch
from torch import nn

from capsnet_tutorial.checks.checkup import Checkup
from capsnet_tutorial.checks.outputs import Said, noise, read, tensors_of

DEAD, FULL = 0.003, 0.6  # lengths at which squash has hardly a slope


def batch(one: Checkup) -> None:
    """Does an image see its neighbours?"""
    other = noise(*one.images.shape, seed=1).to(one.images)
    other[0] = one.images[0]
    said = read(one.net, other)
    exact = one.images.dtype == torch.float64
    worst = max(
        ((a[0] - b[0]).abs().max() / a.abs().max().clamp(min=1e-12)).item()
        for a, b in zip(one.said.both(), said.both(), strict=True)
    )
    if worst < (1e-9 if exact else 1e-4):
        one.right("an image does not see the others of its batch")
        return
    where, bug = "", "shared-logits"
    for name, module in one.net.named_modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and (
            module.training or not module.track_running_stats
        ):
            where, bug = name, "batchnorm-train-mode"
    steps = one.routing.steps if one.routing and one.routing.whole else []
    if bug == "shared-logits" and len(steps) > 1:
        where = steps[1][1].place
    one.found(
        bug,
        "the same answer for an image, whatever is beside it",
        f"it changes by {worst:.2g} of the largest number",
        f"an image among {one.n - 1} others, and among {one.n - 1} of noise",
        where,
    )


def lengths(one: Checkup) -> None:
    said = one.said
    if said.lengths is not None and one.routing:
        sums = said.lengths.sum(dim=1)
        if (sums - 1).abs().max() < 1e-5 and (said.lengths >= 0).all():
            soft = [s for _, s in one.trace.named("_softmax")]
            last = soft[-1] if soft else None
            one.found(
                "softmax-on-lengths",
                "lengths from 0 to 1, each for itself",
                f"they add up to 1; the longest is {said.lengths.max():.3f}",
                "any image",
                last.place if last else "",
            )
            return
    _bounded(one)
    _start(one)


def _bounded(one: Checkup) -> None:
    strong = copy.deepcopy(one.net)
    with torch.no_grad():
        for p in strong.parameters():
            if p.ndim > 1:
                p.mul_(4)
    longest = _longest(one, read(strong, one.images))
    if longest is None:
        return
    if longest > 1.001:
        one.found(
            "squash-per-number",
            "no capsule is longer than 1",
            f"one is {longest:.2f} long",
            "weights four times as large",
        )
    else:
        one.right(f"no capsule is longer than 1 (the longest: {longest:.3f})")


def _longest(one: Checkup, said: Said) -> float | None:
    lengths = one.lengths_of(said)
    return None if lengths is None else lengths.nan_to_num().max().item()


def _start(one: Checkup) -> None:
    """Saturated, or dead?"""
    lengths = one.lengths_of(one.said)
    if lengths is None or "softmax-over-children" in one.report.exhibits:
        return
    middle, longest = lengths.median().item(), lengths.max().item()
    if middle > FULL:
        bug, came = (
            "weights-too-large",
            f"half of them are longer than {middle:.2f}",
        )
    elif longest < DEAD:
        bug, came = "weights-too-small", f"the longest is {longest:.2g} long"
    else:
        one.right(
            f"class capsules are neither dead nor full (median {middle:.3f}, "
            f"longest {longest:.3f})"
        )
        return
    one.found(bug, f"most lengths between {DEAD} and {FULL}", came, f"{one.n} images")


def blank(one: Checkup) -> None:
    """A blank image through a network without biases: every vector is zero."""
    bare = copy.deepcopy(one.net)
    with torch.no_grad():
        for name, p in bare.named_parameters():
            if "bias" in name:
                p.zero_()
    blank = torch.zeros_like(one.images[:2])
    parameters = [p.requires_grad_() for p in bare.parameters()]
    try:
        with torch.enable_grad():
            said = list(tensors_of(bare(blank)))
            total = sum(x.sum() for x in said if x.requires_grad)
            slopes = torch.autograd.grad(total, parameters, allow_unused=True)
    except Exception as error:
        one.unseen("a blank image", f"its slope cannot be had: {error}")
        return
    bad_value = any(x.isnan().any() for x in said)
    bad_slope = any(g.isnan().any() for g in slopes if g is not None)
    if bad_value or bad_slope:
        one.found(
            "norm-nan",
            "a blank image gives zeros, and slopes that are numbers",
            f"the {'value' if bad_value else 'slope'} is NaN",
            "torch.zeros in the shape of an image; biases 0",
        )
    else:
        one.right("a blank image gives finite values and slopes")

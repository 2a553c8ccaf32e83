"""A network as a whole, watched from below while it looks at a few images.

Axis key: b examples, i capsules below, j above, d and e their pose sizes.
"""

import torch
from torch import Tensor, nn

from capsnet_tutorial.checks import answers, decoder, routing
from capsnet_tutorial.checks.axes import in_order, squeezed
from capsnet_tutorial.checks.capsules import (
    capsules_report,
    squash_between,
    tell_squash,
)
from capsnet_tutorial.checks.checkup import Checkup
from capsnet_tutorial.checks.report import Report

BATCHES = (5, 7, 11, 13)  # a batch size that no other axis has is taken


def check_network(net: nn.Module, images: Tensor, n_classes: int | None) -> Report:
    """All looks at a network that may be changed; `check` makes the copy.

    Args:
        images: a few of its inputs.
        n_classes: found, if None.
    """
    one = Checkup(net, _batch_unlike_other_axes(net, images, n_classes), n_classes)
    for look in (
        capsules,
        routing.couplings,
        routing.logits,
        class_squash,
        answers.batch,
        answers.lengths,
        answers.blank,
        decoder.decoder,
        choices,
    ):
        look(one)
    return one.report


def _batch_unlike_other_axes(
    net: nn.Module, images: Tensor, n_classes: int | None
) -> Tensor:
    """Images again, so many that no other axis has their number."""
    one = Checkup(net, images, n_classes)
    taken = {size for step in one.trace.steps for size in step.output.shape}
    taken -= {len(images)}
    for said in one.said.both():
        taken |= set(said.shape[1:])
    for p in net.parameters():
        taken |= set(p.shape)
    n = next((n for n in BATCHES if n not in taken), len(images))
    return images[torch.arange(n) % len(images)]


def capsules(one: Checkup) -> None:
    routing = one.routing
    if routing is None or routing.n_children < 1:
        one.unseen("primary capsules", "the number of capsules below is not known")
        return
    one.report.add(
        capsules_report(one.run, one.trace, one.n, routing.n_children, routing.start)
    )


def class_squash(one: Checkup) -> None:
    """Between the sum of a parent and its pose."""
    start = one.routing.start if one.routing else 0
    j = one.n_classes
    seen = []
    for step in one.trace.steps[start:]:
        x = squeezed(step.output)
        rest = [size for size in x.shape if size not in (one.n, j)]
        if x.ndim == 3 and len(rest) == 1 and one.n in x.shape and j in x.shape:
            seen.append((step, in_order(x, (one.n, j, rest[0]))))
    told, step = squash_between(seen, {"parents": 1})
    tell_squash(one.report, "parents", told, step)


def choices(one: Checkup) -> None:
    choices = one.report.choices
    for name, p in one.net.named_parameters():
        if "bias" in name and squeezed(p).ndim == 2 and one.n_classes in p.shape:
            choices["bias"] = (
                f"{name} is added to every parent's sum, as the authors do"
            )
    if one.routing and any(
        step.name == "detach" and one.routing.n_children in step.output.shape
        for step in one.trace.steps[: one.routing.start + 1]
    ):
        choices["gradient"] = (
            "votes are detached for the early iterations; the authors' program "
            "lets gradients through all of them"
        )

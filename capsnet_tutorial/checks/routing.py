"""The routing of a network: its couplings, and how its logits grow."""

import copy

import torch

from capsnet_tutorial.checks.axes import squeezed
from capsnet_tutorial.checks.checkup import Checkup
from capsnet_tutorial.checks.couplings import find_routing


def couplings(one: Checkup) -> None:
    routing = one.routing
    if routing is None:
        one.unseen("couplings", "no softmax was seen that begins with equal couplings")
        return
    _, first = routing.steps[0]
    if routing.over == "parents":
        one.right("couplings of a child add up to 1 over the parents")
    elif routing.over == "children":
        one.found(
            "softmax-over-children",
            f"couplings of a child add up to 1 over {routing.n_classes} parents",
            f"the softmax runs over the {max(first.output.shape)} children: axis "
            f"{first.inputs[1]} of {tuple(first.output.shape)}",
            "any image: the first softmax",
            first.place,
        )
    else:
        one.unseen("couplings", f"the softmax runs over axis {first.inputs[1]}")
    if routing.whole:
        n = len(routing.steps)
        one.right(f"{n} routing iterations were seen")
        if n != 3:
            one.report.choices["iterations"] = f"{n} (the paper: 3)"


def logits(one: Checkup) -> None:
    """Are they one number for each pair, and do agreements add up?"""
    routing = one.routing
    if routing is None or not routing.whole:
        one.unseen("logits", "couplings were not seen as a whole")
        return
    if len(routing.steps) < 2:
        one.unseen("logits", "there is one iteration only")
        return
    second = routing.steps[1][1]
    logits = squeezed(second.inputs[0])
    known = {one.n, routing.n_children, routing.n_classes}
    extra = [a for a, size in enumerate(logits.shape) if size not in known]
    if extra:
        spread = (logits - logits.mean(dim=extra[0], keepdim=True)).abs().max()
        if spread > 1e-6 * logits.abs().max():
            one.found(
                "logits-per-feature",
                "one logit for each child and parent",
                f"{logits.shape[extra[0]]} different ones: logits are "
                f"{tuple(second.inputs[0].shape)}",
                "any image: the second softmax",
                second.place,
            )
            return
        one.report.choices["logits"] = f"{logits.shape[extra[0]]} equal copies of each"
    one.right("one logit for each child and parent")
    _accumulation(one)


def _accumulation(one: Checkup) -> None:
    """While couplings are nearly equal, two agreements are twice one agreement."""
    weak = copy.deepcopy(one.net)
    for _ in range(12):
        routing = find_routing(one.run(net=weak), one.n, one.options)
        steps = routing.steps if routing else []
        if len(steps) < 3:
            one.unseen("adding agreements", "it shows from the third iteration on")
            return
        second, third = (step.inputs[0] for _, step in steps[1:3])
        if second.abs().max() < 1e-3 and second.shape == third.shape:
            break
        with torch.no_grad():
            for p in weak.parameters():
                p.mul_(0.5)
    ratio = ((second * third).sum() / (second**2).sum()).item()
    if abs(ratio - 2) < 0.1:
        one.right("agreements add up over the iterations")
    elif abs(ratio - 1) < 0.1:
        one.found(
            "logits-replaced",
            "the logits of the third iteration are the sum of two agreements",
            f"they are {ratio:.2f} times the first one: the sum is overwritten",
            "any image, weights made small: the third softmax",
            steps[2][1].place,
        )
    else:
        one.unseen("adding agreements", f"logits grew {ratio:.2f} times")

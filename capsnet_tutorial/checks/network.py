"""A network as a whole, watched from below while it looks at a few images.

Axis key: b examples, i capsules below, j above, d and e their pose sizes, c h w
channels, height, width.
"""

import copy
import inspect

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from capsnet_tutorial.checks.axes import in_order, squeezed
from capsnet_tutorial.checks.capsules import (
    capsules_report,
    squash_between,
    tell_squash,
)
from capsnet_tutorial.checks.couplings import find_routing
from capsnet_tutorial.checks.outputs import Said, noise, read, tensors_of
from capsnet_tutorial.checks.report import Finding, Report
from capsnet_tutorial.checks.trace import Trace

DEAD, FULL = 0.003, 0.6  # lengths at which squash has hardly a slope


class Checkup:
    """One check of a network; `report` is what it leads to."""

    def __init__(self, net: nn.Module, images: Tensor, n_classes: int | None):
        self.net, self.images, self.report = net, images, Report()
        self.said = read(net, images)
        self.n = len(images)
        self.options = self._options(n_classes)
        self.trace = self.run()
        self.routing = find_routing(self.trace, self.n, self.options)
        self.n_classes = self.routing.n_classes if self.routing else self.options[0]

    def _options(self, n_classes: int | None) -> list[int]:
        """How many classes there may be, most likely first."""
        if n_classes:
            return [n_classes]
        if self.said.lengths is not None:
            return [self.said.lengths.shape[1]]
        if self.said.poses is not None:
            return list(self.said.poses.shape[1:])
        raise ValueError(
            "check: the network says neither lengths (examples, classes) nor poses "
            "(examples, classes, pose size); pass one that does, and n_classes= if its "
            "axes are unusual"
        )

    def run(self, change=None, net: nn.Module | None = None) -> Trace:
        with torch.no_grad(), Trace(change) as trace:
            (net or self.net)(self.images)
        return trace

    def found(self, exhibit, expected, came, example, where="") -> None:
        if exhibit not in self.report.exhibits:
            found = Finding(exhibit, expected, came, example, where)
            self.report.findings.append(found)

    def right(self, what: str) -> None:
        self.report.right.append(what)

    def unseen(self, what: str, why: str) -> None:
        self.report.unchecked[what] = why

    # -------------------------------------------------------------- routing

    def couplings(self) -> None:
        routing = self.routing
        if routing is None:
            self.unseen(
                "couplings", "no softmax was seen that begins with equal couplings"
            )
            return
        _, first = routing.steps[0]
        if routing.over == "parents":
            self.right("couplings of a child add up to 1 over the parents")
        elif routing.over == "children":
            self.found(
                "softmax-over-children",
                f"couplings of a child add up to 1 over {routing.n_classes} parents",
                f"the softmax runs over the {max(first.output.shape)} children: axis "
                f"{first.inputs[1]} of {tuple(first.output.shape)}",
                "any image: the first softmax",
                first.place,
            )
        else:
            self.unseen("couplings", f"the softmax runs over axis {first.inputs[1]}")
        if routing.whole:
            n = len(routing.steps)
            self.right(f"{n} routing iterations were seen")
            if n != 3:
                self.report.choices["iterations"] = f"{n} (the paper: 3)"

    def logits(self) -> None:
        """Are they one number for each pair, and do agreements add up?"""
        routing = self.routing
        if routing is None or not routing.whole:
            self.unseen("logits", "couplings were not seen as a whole")
            return
        if len(routing.steps) < 2:
            self.unseen("logits", "there is one iteration only")
            return
        second = routing.steps[1][1]
        logits = squeezed(second.inputs[0])
        known = {self.n, routing.n_children, routing.n_classes}
        extra = [a for a, size in enumerate(logits.shape) if size not in known]
        if extra:
            spread = (logits - logits.mean(dim=extra[0], keepdim=True)).abs().max()
            if spread > 1e-6 * logits.abs().max():
                self.found(
                    "logits-per-feature",
                    "one logit for each child and parent",
                    f"{logits.shape[extra[0]]} different ones: logits are "
                    f"{tuple(second.inputs[0].shape)}",
                    "any image: the second softmax",
                    second.place,
                )
                return
            self.report.choices["logits"] = (
                f"{logits.shape[extra[0]]} equal copies of each"
            )
        self.right("one logit for each child and parent")
        self._accumulation()

    def _accumulation(self) -> None:
        """While couplings are nearly equal, two agreements are twice one agreement."""
        weak = copy.deepcopy(self.net)
        for _ in range(12):
            routing = find_routing(self.run(net=weak), self.n, self.options)
            steps = routing.steps if routing else []
            if len(steps) < 3:
                self.unseen("adding agreements", "it shows from the third iteration on")
                return
            second, third = (step.inputs[0] for _, step in steps[1:3])
            if second.abs().max() < 1e-3 and second.shape == third.shape:
                break
            with torch.no_grad():
                for p in weak.parameters():
                    p.mul_(0.5)
        ratio = ((second * third).sum() / (second**2).sum()).item()
        if abs(ratio - 2) < 0.1:
            self.right("agreements add up over the iterations")
        elif abs(ratio - 1) < 0.1:
            self.found(
                "logits-replaced",
                "the logits of the third iteration are the sum of two agreements",
                f"they are {ratio:.2f} times the first one: the sum is overwritten",
                "any image, weights made small: the third softmax",
                steps[2][1].place,
            )
        else:
            self.unseen("adding agreements", f"logits grew {ratio:.2f} times")

    # -------------------------------------------------------------- capsules below

    def capsules(self) -> None:
        routing = self.routing
        if routing is None or routing.n_children < 1:
            self.unseen("primary capsules", "the number of capsules below is not known")
            return
        self.report.add(
            capsules_report(
                self.run, self.trace, self.n, routing.n_children, routing.start
            )
        )

    def class_squash(self) -> None:
        """Between the sum of a parent and its pose."""
        start = self.routing.start if self.routing else 0
        j = self.n_classes
        seen = []
        for step in self.trace.steps[start:]:
            x = squeezed(step.output)
            rest = [size for size in x.shape if size not in (self.n, j)]
            if x.ndim == 3 and len(rest) == 1 and self.n in x.shape and j in x.shape:
                seen.append((step, in_order(x, (self.n, j, rest[0]))))
        told, step = squash_between(seen, {"parents": 1})
        tell_squash(self.report, "parents", told, step)

    # -------------------------------------------------------------- from outside

    def batch(self) -> None:
        """Does an image see its neighbours?"""
        other = noise(*self.images.shape, seed=1).to(self.images)
        other[0] = self.images[0]
        said = read(self.net, other)
        exact = self.images.dtype == torch.float64
        worst = max(
            ((a[0] - b[0]).abs().max() / a.abs().max().clamp(min=1e-12)).item()
            for a, b in zip(self.said.both(), said.both(), strict=True)
        )
        if worst < (1e-9 if exact else 1e-4):
            self.right("an image does not see the others of its batch")
            return
        where, bug = "", "shared-logits"
        for name, module in self.net.named_modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm) and (
                module.training or not module.track_running_stats
            ):
                where, bug = name, "batchnorm-train-mode"
        steps = self.routing.steps if self.routing and self.routing.whole else []
        if bug == "shared-logits" and len(steps) > 1:
            where = steps[1][1].place
        self.found(
            bug,
            "the same answer for an image, whatever is beside it",
            f"it changes by {worst:.2g} of the largest number",
            f"an image among {self.n - 1} others, and among {self.n - 1} of noise",
            where,
        )

    def lengths(self) -> None:
        said = self.said
        if said.lengths is not None and self.routing:
            sums = said.lengths.sum(dim=1)
            if (sums - 1).abs().max() < 1e-5 and (said.lengths >= 0).all():
                soft = [s for _, s in self.trace.named("_softmax")]
                last = soft[-1] if soft else None
                self.found(
                    "softmax-on-lengths",
                    "lengths from 0 to 1, each for itself",
                    f"they add up to 1; the longest is {said.lengths.max():.3f}",
                    "any image",
                    last.place if last else "",
                )
                return
        self._bounded()
        self._start()

    def _bounded(self) -> None:
        strong = copy.deepcopy(self.net)
        with torch.no_grad():
            for p in strong.parameters():
                if p.ndim > 1:
                    p.mul_(4)
        longest = self._longest(read(strong, self.images))
        if longest is None:
            return
        if longest > 1.001:
            self.found(
                "squash-per-number",
                "no capsule is longer than 1",
                f"one is {longest:.2f} long",
                "weights four times as large",
            )
        else:
            self.right(f"no capsule is longer than 1 (the longest: {longest:.3f})")

    def _poses_of(self, said: Said) -> Tensor | None:
        if said.poses is None:
            return None
        axis = [n for n in (1, 2) if said.poses.shape[n] == self.n_classes][:1]
        return said.poses.movedim(axis[0], 1) if axis else said.poses

    def _lengths_of(self, said: Said) -> Tensor | None:
        if said.lengths is not None:
            return said.lengths
        poses = self._poses_of(said)
        return None if poses is None else poses.norm(dim=-1)

    def _longest(self, said: Said) -> float | None:
        lengths = self._lengths_of(said)
        return None if lengths is None else lengths.nan_to_num().max().item()

    def _start(self) -> None:
        """Saturated, or dead?"""
        lengths = self._lengths_of(self.said)
        if lengths is None or "softmax-over-children" in self.report.exhibits:
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
            self.right(
                f"class capsules are neither dead nor full (median {middle:.3f}, "
                f"longest {longest:.3f})"
            )
            return
        self.found(
            bug, f"most lengths between {DEAD} and {FULL}", came, f"{self.n} images"
        )

    def blank(self) -> None:
        """A blank image through a network without biases: every vector is zero."""
        bare = copy.deepcopy(self.net)
        with torch.no_grad():
            for name, p in bare.named_parameters():
                if "bias" in name:
                    p.zero_()
        blank = torch.zeros_like(self.images[:2])
        parameters = [p.requires_grad_() for p in bare.parameters()]
        try:
            with torch.enable_grad():
                said = list(tensors_of(bare(blank)))
                total = sum(x.sum() for x in said if x.requires_grad)
                slopes = torch.autograd.grad(total, parameters, allow_unused=True)
        except Exception as error:
            self.unseen("a blank image", f"its slope cannot be had: {error}")
            return
        bad_value = any(x.isnan().any() for x in said)
        bad_slope = any(g.isnan().any() for g in slopes if g is not None)
        if bad_value or bad_slope:
            self.found(
                "norm-nan",
                "a blank image gives zeros, and slopes that are numbers",
                f"the {'value' if bad_value else 'slope'} is NaN",
                "torch.zeros in the shape of an image; biases 0",
            )
        else:
            self.right("a blank image gives finite values and slopes")

    # -------------------------------------------------------------- decoder

    def decoder(self) -> None:
        if self.said.reconstruction is None:
            self.unseen("decoder", "no output is as large as an image")
            return
        net = copy.deepcopy(self.net).train()
        a = torch.arange(self.n) % self.n_classes
        b = (a + 1) % self.n_classes
        for form in (_float_flags, _bool_flags, _labels, _long_flags):
            try:
                drawn = [
                    self._drawn(net, form(y, self.n_classes).to(self.images.device))
                    for y in (a, b)
                ]
            except Exception:
                continue
            if all(x is not None for x in drawn):
                break
        else:
            if _takes_one(self.net):
                self.found(
                    "masked-by-prediction",
                    "in training, the decoder sees the capsule of the true class",
                    "the network takes images alone: it cannot know the class",
                    "its signature",
                )
            else:
                self.unseen("decoder", "it takes no labels that were tried")
            return
        if torch.equal(*drawn):
            self.found(
                "masked-by-prediction",
                "in training, other labels give other reconstructions",
                "they are the same, whatever the label",
                "two labels for one image, in training mode",
            )
        else:
            self.right("in training, the decoder sees the true class")

    def _drawn(self, net: nn.Module, given: Tensor) -> Tensor | None:
        if given.is_floating_point():
            given = given.to(self.images)
        with torch.no_grad():
            said = tensors_of(net(self.images, given))
            same = [x for x in said if x[0].numel() == self.images[0].numel()]
        return same[0] if same else None

    # -------------------------------------------------------------- no bugs

    def choices(self) -> None:
        choices = self.report.choices
        for name, p in self.net.named_parameters():
            if "bias" in name and squeezed(p).ndim == 2 and self.n_classes in p.shape:
                choices["bias"] = (
                    f"{name} is added to every parent's sum, as the authors do"
                )
        if self.routing and any(
            step.name == "detach" and self.routing.n_children in step.output.shape
            for step in self.trace.steps[: self.routing.start + 1]
        ):
            choices["gradient"] = (
                "votes are detached for the early iterations; the authors' program "
                "lets gradients through all of them"
            )


def _float_flags(y: Tensor, j: int) -> Tensor:
    return F.one_hot(y, j).float()


def _bool_flags(y: Tensor, j: int) -> Tensor:
    return F.one_hot(y, j).bool()


def _long_flags(y: Tensor, j: int) -> Tensor:
    return F.one_hot(y, j)


def _labels(y: Tensor, j: int) -> Tensor:
    return y


def _takes_one(net: nn.Module) -> bool:
    try:
        return len(inspect.signature(net.forward).parameters) == 1
    except (TypeError, ValueError):
        return False

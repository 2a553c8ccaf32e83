"""`check`: a network as a whole, watched from below while it looks at a few images.

Axis key: b examples, i capsules below, j above, d and e their pose sizes, c h w
channels, height, width.
"""

import copy
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from capsnet_tutorial.checks.axes import close, in_order, squashed, squeezed
from capsnet_tutorial.checks.report import Finding, Report
from capsnet_tutorial.checks.trace import Step, Trace

BATCHES = (5, 7, 11, 13)  # a batch size that no other axis has is taken
SIZES = (28, 32, 64, 96, 48, 20, 36, 40, 128, 224)  # of images, when none are given
DEAD, FULL = 0.003, 0.6  # lengths at which squash has hardly a slope


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


# ------------------------------------------------------------------ what it says


@dataclass
class Said:
    """What a network says of a batch, batch axis first, axes of one entry gone."""

    lengths: Tensor | None  # b j
    poses: Tensor | None  # b j e
    reconstruction: Tensor | None  # b and as many numbers as the image

    @property
    def n_classes(self) -> int | None:
        for said in (self.lengths, self.poses):
            if said is not None:
                return said.shape[1]
        return None

    def both(self) -> list[Tensor]:
        return [x for x in (self.lengths, self.poses) if x is not None]


def tensors_of(output: Any) -> Iterator[Tensor]:
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, dict):
        output = list(output.values())
    if isinstance(output, (tuple, list)):
        for part in output:
            yield from tensors_of(part)


def read(net: Callable, images: Tensor, *more: Any) -> Said:
    """Look at all images, and at one less: the batch axis is the one that shrinks."""
    fewer = [x[:-1] if isinstance(x, Tensor) else x for x in more]
    with torch.no_grad():
        whole = [x for x in tensors_of(net(images, *more)) if x.is_floating_point()]
        less = [
            x for x in tensors_of(net(images[:-1], *fewer)) if x.is_floating_point()
        ]
    said = Said(None, None, None)
    for a, b in zip(whole, less, strict=True):
        axis = [
            n for n in range(a.ndim) if a.ndim == b.ndim and a.shape[n] > b.shape[n]
        ]
        if not axis:
            continue
        x = a.movedim(axis[0], 0)
        x = x.reshape(len(x), *[size for size in x.shape[1:] if size != 1])
        if said.reconstruction is None and x[0].numel() == images[0].numel():
            said.reconstruction = x.flatten(1)
        elif x.ndim == 2 and said.lengths is None:
            said.lengths = x
        elif x.ndim == 3 and said.poses is None:
            said.poses = x
    return said


def guess_images(net: nn.Module, n: int) -> Tensor | None:
    """Images that it takes: real digits, if they fit."""
    for like in _inputs(net, n):
        try:
            with torch.no_grad():
                if any(True for _ in tensors_of(net(like))):
                    return like
        except Exception:
            continue
    return None


def _inputs(net: nn.Module, n: int) -> Iterator[Tensor]:
    some = next(net.parameters(), torch.empty(0))
    if shape := getattr(getattr(net, "config", None), "image_shape", None):
        yield noise(n, *shape).to(some)
    # A kernel (out in h w) is small and square, in whatever module it lies.
    kernels = [p for p in net.parameters() if p.ndim == 4 and p.shape[2] == p.shape[3]]
    channels = list(dict.fromkeys(p.shape[1] for p in kernels))
    if not channels or channels[0] == 1:
        yield _digits(n).to(some)
    for c in channels:
        for size in SIZES:
            yield noise(n, c, size, size).to(some)
            yield noise(n, size, size, c).to(some)


def _digits(n: int) -> Tensor:
    from capsnet_tutorial.digits import load_mnist

    return load_mnist("val", "mini").tensors[0][:n]


# ------------------------------------------------------------------ routing


@dataclass
class Routing:
    """The softmaxes of a network that couple children and parents."""

    steps: list[tuple[int, Step]]  # with their position in the trace
    n_children: int
    n_classes: int
    over: str  # "parents", "children" or "something else"
    whole: bool  # all couplings at once, not one child or parent after the other

    @property
    def start(self) -> int:
        return self.steps[0][0]


def find_routing(trace: Trace, n: int, n_classes: list[int]) -> Routing | None:
    """Couplings are softmaxes whose first input is the same everywhere: zeros."""
    found = [(at, s) for at, s in trace.named("_softmax") if s.inputs[0].numel() > 1]
    first = next((k for k, (_, s) in enumerate(found) if _flat(s.inputs[0])), None)
    if first is None:
        return None
    found = found[first:]
    shape = found[0][1].output.shape
    same = [(at, s) for at, s in found if _alike(s.output.shape, shape, n)]
    sizes = [size for size in shape if size not in (1, n)]
    dim = found[0][1].inputs[1]
    over = shape[dim]
    for j in n_classes:
        others = [size for size in sizes if size != j]
        if j in sizes and others:
            i = max(others)
            told = {j: "parents", i: "children"}.get(over, "something else")
            return Routing(same, i, j, told, True)
    if len(sizes) == 1 and len(same) > 2:  # one after the other
        j = n_classes[0]
        told = "parents" if over in n_classes else "children"
        i = over if told == "children" else -1
        return Routing(same, i, j, told, False)
    return None


def _flat(x: Tensor) -> bool:
    return bool((x == x.flatten()[0]).all())


def _alike(shape: torch.Size, other: torch.Size, n: int) -> bool:
    """The same, but for a batch axis that may be missing in the first."""
    known = [sorted(s for s in x if s not in (1, n)) for x in (shape, other)]
    return known[0] == known[1] or set(known[1]) < set(known[0])


# ------------------------------------------------------------------ the check


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
        self._tell_squash("parents", told, step)

    def _tell_squash(self, of: str, told: str | None, step: Step | None) -> None:
        tell_squash(self.report, of, told, step)

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


# ------------------------------------------------------------------ capsules, squash


def capsules_report(
    run: Callable[..., Trace], trace: Trace, n: int, n_children: int, until: int
) -> Report:
    """Where a pixel of the last feature maps goes, and what squashes it.

    Args:
        run: `run(change)` makes the same operations again, some of them changed.
        n: examples.
        n_children: i.
        until: position in the trace where routing begins.
    """
    report = Report()
    convolutions = [
        (number, at, step)
        for number, (at, step) in enumerate(trace.named("convolution"))
        if at < until
    ]
    if not convolutions:
        report.unchecked["primary capsules"] = "no convolution was seen"
        return report
    *_, (_, at, last) = convolutions
    group = [k for k, _, step in convolutions if step.output.shape == last.output.shape]
    at = min(pos for k, pos, _ in convolutions if k in group)
    places = last.output[0, 0].numel()
    dim, rest = divmod(len(group) * last.output[0].numel(), n_children)
    if rest or n_children % places or places == 1 or len({n, n_children, dim}) < 3:
        report.unchecked["primary capsules"] = (
            f"{n_children} capsules do not fill maps of {tuple(last.output.shape)}"
        )
        return report
    types = n_children // places

    def poke(name: str, number: int, output: Tensor) -> Tensor | None:
        if name != "convolution" or number not in group:
            return None
        output = output.clone()
        h, w = (size // 2 for size in output.shape[2:])
        output[:, :, h, w] += 1
        return output

    poked = run(poke)
    seen, reached = [], []
    for step, other in zip(trace.steps[at:until], poked.steps[at:until], strict=False):
        capsules = in_order(step.output, (n, n_children, dim))
        touched = in_order(other.output, (n, n_children, dim))
        if capsules is not None and touched is not None:
            seen.append((step, capsules))
            moved = (capsules != touched).any(dim=2).any(dim=0).sum().item()
            if moved:
                reached.append((moved, step))
    if not reached:
        report.unchecked["primary capsules"] = (
            f"no tensor has {n_children} capsules of {dim} numbers"
        )
        return report
    moved, step = min(reached, key=lambda one: one[0])
    if moved == types:
        report.right.append(f"a capsule is {dim} channels at one place")
    else:
        report.findings.append(
            Finding(
                "view-mixes-pixels",
                f"a change at one place of the maps reaches {types} capsules, one of "
                "each type",
                f"it reaches {moved}",
                "one place of the last convolution, all channels",
                step.place,
            )
        )
    told, where = squash_between(seen, {"children": 1})
    tell_squash(report, "primary capsules", told, where)
    return report


def squash_between(
    seen: list[tuple[Step, Tensor]], across: dict[str, int]
) -> tuple[str | None, Step | None]:
    """Which kind of squash leads from one of these (b n e) to a later one."""
    seen = [(step, x) for step, x in seen if x.abs().max() > 1e-9][:60]
    kinds = [("right", 2), *((f"across {name}", a) for name, a in across.items())]
    for kind, axis in [*kinds, ("each number", None)]:
        for k, (_, before) in enumerate(seen):
            expected = squashed(before, axis)
            for step, after in seen[k + 1 :]:
                if after.shape == before.shape and close(after, expected):
                    return kind, step
    return None, None


def tell_squash(report: Report, of: str, told: str | None, step: Step | None) -> None:
    expected = "the length of each capsule is squashed: Eq. 1"
    if told is None:
        report.unchecked[f"squash of {of}"] = "nothing like Eq. 1 was seen there"
    elif told == "right":
        report.right.append(f"squash of {of} is Eq. 1")
    elif told == "each number":
        report.findings.append(
            Finding(
                "squash-per-number",
                expected,
                "each number is squashed by itself",
                "any image",
                step.place,
            )
        )
    else:
        report.findings.append(
            Finding(
                "squash-wrong-axis",
                expected,
                f"lengths {told} are squashed",
                "any image",
                step.place,
            )
        )


def look_at_capsules(f: Callable, features: Tensor) -> Report:
    """`check_primary`: the capsules are what f returns."""
    report = Report()

    def run(change=None) -> Trace:
        with torch.no_grad(), Trace(change) as trace:
            run.output = f(features)
        return trace

    trace = run()
    capsules = run.output
    if capsules.ndim != 3 or len(capsules) != len(features):
        report.unchecked["primary capsules"] = (
            f"it returns {tuple(capsules.shape)}, not (examples, capsules, numbers)"
        )
        return report
    return capsules_report(
        run, trace, len(features), max(capsules.shape[1:]), len(trace.steps)
    )

"""The capsules below: which numbers of the maps each has, and what squashes it.

Axis key: b examples, i capsules below, d their pose size, c h w channels, height,
width.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from capsnet_tutorial.checks.axes import close, in_order, squashed
from capsnet_tutorial.checks.report import Finding, Report
from capsnet_tutorial.checks.trace import Step, Trace


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
    maps = _last_maps(trace, until)
    if maps is None:
        report.unchecked["primary capsules"] = "no convolution was seen"
        return report
    places = maps.last[0, 0].numel()
    dim, rest = divmod(len(maps.numbers) * maps.last[0].numel(), n_children)
    if rest or n_children % places or places == 1 or len({n, n_children, dim}) < 3:
        report.unchecked["primary capsules"] = (
            f"{n_children} capsules do not fill maps of {tuple(maps.last.shape)}"
        )
        return report
    both = [one.steps[maps.at : until] for one in (trace, run(maps.poke))]
    seen, reached = _capsules_along(*both, (n, n_children, dim))
    if not reached:
        report.unchecked["primary capsules"] = (
            f"no tensor has {n_children} capsules of {dim} numbers"
        )
        return report
    types = n_children // places
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


@dataclass
class Maps:
    """The last feature maps; several convolutions of one size may have made them."""

    numbers: list[int]  # of these convolutions, among all of the network
    at: int  # position of the first of them in the trace
    last: Tensor  # b c h w

    def poke(self, name: str, number: int, output: Tensor) -> Tensor | None:
        """A change for `run`: one place of these maps, all its channels."""
        if name != "convolution" or number not in self.numbers:
            return None
        output = output.clone()
        h, w = (size // 2 for size in output.shape[2:])
        output[:, :, h, w] += 1
        return output


def _last_maps(trace: Trace, until: int) -> Maps | None:
    made = [
        (number, at, step.output)
        for number, (at, step) in enumerate(trace.named("convolution"))
        if at < until
    ]
    if not made:
        return None
    last = made[-1][2]
    alike = [(number, at) for number, at, x in made if x.shape == last.shape]
    return Maps([number for number, _ in alike], alike[0][1], last)


def _capsules_along(
    steps: list[Step], poked: list[Step], shape: tuple[int, int, int]
) -> tuple[list[tuple[Step, Tensor]], list[tuple[int, Step]]]:
    """Steps that hold all capsules, with these; and how many a poke reaches in each."""
    seen, reached = [], []
    for step, other in zip(steps, poked, strict=False):
        capsules = in_order(step.output, shape)
        touched = in_order(other.output, shape)
        if capsules is not None and touched is not None:
            seen.append((step, capsules))
            moved = (capsules != touched).any(dim=2).any(dim=0).sum().item()
            if moved:
                reached.append((moved, step))
    return seen, reached


def squash_between(
    seen: list[tuple[Step, Tensor]], across: dict[str, int]
) -> tuple[str | None, Step | None]:
    """Which kind of squash leads from one of these (b n e) to a later one."""
    floats = ((step, x) for step, x in seen if x.is_floating_point())
    seen = [(step, x) for step, x in floats if x.abs().max() > 1e-9][:60]
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

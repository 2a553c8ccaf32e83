"""Checks of single functions: each is held against [S17], then against the museum.

Axis key: b examples, i capsules below, j above, d and e their pose sizes, c h w
channels, height, width.
"""

import inspect
import itertools
from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from capsnet_tutorial.checks.axes import close, squashed, squeezed
from capsnet_tutorial.checks.capsules import look_at_capsules
from capsnet_tutorial.checks.report import Finding, Report
from capsnet_tutorial.routing import DynamicRouter
from capsnet_tutorial.variants.bugs import plants

ORDERS = ("b i j e", "b j i e", "j b i e", "i j b e", "b i e j", "b e i j", "b j e i")


def line_of(f: Callable) -> str:
    """Where a function is written, as far as Python knows."""
    for one in (f, getattr(f, "forward", None), type(f)):
        try:
            return f"{inspect.getsourcefile(one)}:{inspect.getsourcelines(one)[1]}"
        except (TypeError, OSError):
            continue
    return ""


def seeded(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def attempt(f: Callable, *inputs: Any) -> Tensor | None:
    """What it says, the first tensor of several; None if it cannot take the inputs."""
    try:
        with torch.no_grad():
            said = f(*inputs)
    except Exception:
        return None
    if isinstance(said, (tuple, list)) and said:
        said = said[0]
    return said if isinstance(said, Tensor) else None


# ------------------------------------------------------------------ squash


def check_squash(f: Callable[[Tensor], Tensor], axis: int = -1) -> Report:
    """Is f the squash of Eq. 1, along this axis, also at zero?

    Args:
        f: from vectors to vectors; it is called with shapes (2 7 5 3) and (2 7 5).
        axis: the pose axis.
    """
    report, where = Report(), line_of(f)
    s = 2 * seeded(2, 7, 5, 3)
    v = attempt(f, s)
    if v is None or v.shape != s.shape:
        s = 2 * seeded(2, 7, 5)
        v = attempt(f, s)
    if v is None or v.shape != s.shape:
        report.unchecked["squash"] = "it takes no (2, 7, 5) and gives the same shape"
        return report
    n = torch.linalg.vector_norm(v, dim=axis).max()
    came = f"a vector of length {s.norm(dim=axis).max():.2f} becomes {n:.2f} long"
    expected = f"|s|² / (1 + |s|²) · s / |s| along axis {axis}"
    example = f"2 * torch.randn({', '.join(map(str, s.shape))})"
    if close(v, squashed(s, axis)):
        report.right.append("squash keeps the direction, and the length below 1")
    elif close(v, squashed(s, None)):
        report.findings.append(
            Finding(
                "squash-per-number",
                expected,
                f"{came}: each number alone",
                example,
                where,
            )
        )
    elif found := [a for a in range(s.ndim) if close(v, squashed(s, a))]:
        came = f"the lengths along axis {found[0]} are squashed"
        report.findings.append(
            Finding("squash-wrong-axis", expected, came, example, where)
        )
    else:
        report.choices["squash"] = f"another function than Eq. 1; {came}"
    zero = torch.zeros_like(s, requires_grad=True)
    report.add(check_at_zero(f, zero, where))
    return report


def check_at_zero(f: Callable, zero: Tensor, where: str) -> Report:
    """Values and slopes at a zero vector."""
    report = Report()
    try:
        v = f(zero)
        (slope,) = torch.autograd.grad(v.sum(), zero)
    except Exception as error:
        report.unchecked["slope at zero"] = f"it has none: {error}"
        return report
    if v.isnan().any() or slope.isnan().any():
        what = "value" if v.isnan().any() else "slope"
        report.findings.append(
            Finding(
                "norm-nan",
                "a zero vector stays zero, with a slope of 0",
                f"its {what} is NaN",
                f"torch.zeros{tuple(zero.shape)}",
                where,
            )
        )
    else:
        report.right.append("a zero vector has a finite value and slope")
    return report


# ------------------------------------------------------------------ router


ROUTERS = {
    "": DynamicRouter,
    "softmax-over-children": plants.OverChildren,
    "shared-logits": plants.SharedLogits,
    "logits-per-feature": plants.LogitsPerFeature,
    "logits-replaced": plants.LogitsReplaced,
    "squash-per-number": plants.SquashPerNumber,
}


class SummedLogits(plants.Router):
    """Agreements added up over the batch, as some do, not averaged."""

    def update(self, logits, agreement):
        return logits + agreement.sum(dim=0)


class AcrossParents(plants.Router):
    def squash(self, total):
        return squashed(total, 1)


OTHERS = {"shared-logits": SummedLogits, "squash-wrong-axis": AcrossParents}


def check_router(
    f: Callable[[Tensor], Tensor], axes: str | None = None, n_iters: int | None = None
) -> Report:
    """Is f Procedure 1, from votes to poses?

    Args:
        f: from votes with four axes.
        axes: their order, such as "b j i e"; found, if None.
        n_iters: iterations; found, if None.
    """
    report = Report()
    votes = seeded(4, 7, 3, 5)  # b i j e
    for order in [axes] if axes else ORDERS:
        pose = _poses_of(f, votes, order)
        if pose is None:
            continue
        for n, (bug, router) in itertools.product(
            [n_iters] if n_iters else (3, 2, 4, 5, 1, 6, 7, 8, 9, 10),
            [*ROUTERS.items(), *OTHERS.items()],
        ):
            if close(pose, router(n)(votes)):
                return _told_of_router(report, bug, n, order, pose, f)
    report.unchecked["routing"] = (
        "it is no routing that is known here; pass axes= and n_iters= if unusual"
    )
    return report


def _poses_of(f: Callable, votes: Tensor, order: str) -> Tensor | None:
    """What f makes of votes in its own order of axes, as (b j e)."""
    names = order.split()
    given = votes.permute(["bije".index(name) for name in names])
    said = attempt(f, given.contiguous())
    if said is None:
        return None
    said = squeezed(said)
    sizes = dict(zip("bije", votes.shape, strict=True))
    want = [sizes[name] for name in "bje"]
    if sorted(said.shape) != sorted(want):
        return None
    return said.permute([list(said.shape).index(size) for size in want])


def _told_of_router(report, bug, n, order, pose, f) -> Report:
    if not bug:
        report.right += [
            f"routing is Procedure 1 with {n} iterations, axes {order}",
            "couplings of a child add up to 1",
        ]
        return report
    expected = f"DynamicRouter({n}), which is Procedure 1"
    longest = pose.norm(dim=-1).max()
    came = f"poses as the museum's exhibit has them; the longest is {longest:.3f}"
    example = f"torch.randn(4, 7, 3, 5), axes {order}"
    report.findings.append(Finding(bug, expected, came, example, line_of(f)))
    return report


# ------------------------------------------------------------------ primary capsules


def check_primary(
    f: Callable[[Float[Tensor, "b c h w"]], Tensor], features: Tensor | None = None
) -> Report:
    """Does f read the channels at one place as capsules (b i d), and squash those?

    Args:
        f: a module with a convolution in it.
        features: an input; found from the convolution, if None.
    """
    if features is None:
        features = guess_features(f)
    if features is None:
        report = Report()
        report.unchecked["primary capsules"] = (
            "no convolution was found; pass features="
        )
        return report
    return look_at_capsules(f, features)


def guess_features(f: Callable) -> Tensor | None:
    """Noise in a shape that it takes."""
    parameters = f.parameters() if isinstance(f, nn.Module) else ()
    channels = next((p.shape[1] for p in parameters if p.ndim == 4), None)
    if channels is None:
        return None
    for size in (20, 28, 32, 12, 64):
        features = torch.rand(5, channels, size, size)
        if attempt(f, features) is not None:
            return features
    return None

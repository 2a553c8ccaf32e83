"""Checks of losses, from a few numbers that are worked out by hand.

Axis key: b examples, j classes, e pose size, c h w channels, height, width.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from capsnet_tutorial.checks.axes import close
from capsnet_tutorial.checks.parts import attempt, line_of
from capsnet_tutorial.checks.report import Finding, Report
from capsnet_tutorial.losses import margin_loss


def _margin_inputs() -> Iterator[tuple[str, Callable[[Tensor, Tensor], tuple]]]:
    """Ways in which programs take lengths (b j) and labels (b)."""

    def pose(lengths):
        return F.pad(lengths[..., None], (0, 3))

    for flags in ("float", "bool", "long"):

        def hot(y, j, flags=flags):
            return getattr(F.one_hot(y, j), flags)()

        yield f"lengths, {flags} flags", lambda n, y, hot=hot: (n, hot(y, n.shape[1]))
        yield f"{flags} flags, lengths", lambda n, y, hot=hot: (hot(y, n.shape[1]), n)
        yield (
            f"poses, {flags} flags",
            lambda n, y, hot=hot: (pose(n), hot(y, n.shape[1])),
        )
        yield (
            f"{flags} flags, poses",
            lambda n, y, hot=hot: (hot(y, n.shape[1]), pose(n)),
        )
    yield "lengths, labels", lambda n, y: (n, y)
    yield "poses, labels", lambda n, y: (pose(n), y)
    yield "labels, poses", lambda n, y: (y, pose(n))


def _margin_references(lengths: Tensor, labels: Tensor) -> dict[str, Tensor]:
    present = F.one_hot(labels, lengths.shape[1]).bool()
    short, long = (0.9 - lengths).clamp(min=0), (lengths - 0.1).clamp(min=0)
    hinge = torch.where(present, short, 0.5 * long).sum(-1).mean()
    soft = lengths.softmax(dim=-1)
    return {
        "": margin_loss(lengths, present),
        "missing-square": hinge,
        "softmax-on-lengths": margin_loss(soft, present),
        "cross-entropy": F.cross_entropy(lengths, labels),
    }


def check_margin_loss(f: Callable[..., Tensor], n_classes: int = 10) -> Report:
    """Is f the margin loss of Eq. 4?

    Args:
        f: takes lengths (b j) or poses (b j e), and labels or flags, in either order.
        n_classes: j.
    """
    report = Report()
    random = torch.Generator().manual_seed(0)
    cases = [
        (torch.rand(6, n_classes, generator=random), torch.arange(6) % n_classes)
        for _ in range(4)
    ]
    for how, inputs in _margin_inputs():
        said = [attempt(f, *inputs(n, y)) for n, y in cases]
        if any(x is None or x.numel() not in (1, 6) for x in said):
            continue
        came = torch.stack([x.float().mean() for x in said])
        for bug in ("", "missing-square", "softmax-on-lengths", "cross-entropy"):
            ours = torch.stack([_margin_references(n, y)[bug] for n, y in cases])
            scale = (came / ours).mean()
            if came.std() > 0 and close(came, scale * ours, 1e-4):
                return _told_of_margin(report, bug, scale.item(), how, f, n_classes)
    report.unchecked["margin loss"] = (
        "it takes neither lengths nor poses with labels, or is another loss"
    )
    return report


def _told_of_margin(report, bug, scale, how, f, n_classes) -> Report:
    if bug:
        exhibit = "softmax-on-lengths" if bug == "cross-entropy" else bug
        came = {
            "missing-square": "0.9: the hinge itself",
            "softmax-on-lengths": "0.446 at its lowest: lengths go through a softmax",
            "cross-entropy": "a cross-entropy, which takes lengths below 1 for logits",
        }[bug]
        expected = "0.81 for ten capsules of length 0, and 0 past the margins"
        example = f"{how}: all of length 0"
        report.findings.append(Finding(exhibit, expected, came, example, line_of(f)))
        return report
    report.right.append(f"the margin loss is Eq. 4, from {how}")
    if abs(scale - 1) > 1e-3:
        report.choices["scale of the margin loss"] = (
            f"{scale:.4g} times Eq. 4, so that the reconstruction weighs "
            f"{1 / scale:.3g} times more (the authors' program: {2 * n_classes} times)"
        )
    return report


def check_reconstruction_loss(
    f: Callable[[Tensor, Tensor], Tensor], image_shape: tuple[int, ...] = (1, 28, 28)
) -> Report:
    """Is f a squared error, summed over pixels, or 0.0005 of it?

    Args:
        f: from reconstruction and images; (b c h w) and (b pixels) are tried.
        image_shape: (c h w).
    """
    report, where = Report(), line_of(f)
    random = torch.Generator().manual_seed(0)
    a, b = (torch.rand(3, *image_shape, generator=random) for _ in range(2))
    for shape in (lambda x: x, lambda x: x.flatten(1)):
        said = [attempt(f, shape(x), shape(y)) for x, y in ((a, b), (b, a), (b, b))]
        if all(x is not None and x.numel() == 1 for x in said):
            break
    else:
        report.unchecked["reconstruction loss"] = (
            "it takes no two images and gives a number"
        )
        return report
    one_way, other_way, zero = (x.item() for x in said)
    error = ((a - b) ** 2).sum().item() / len(a)
    pixels = a[0].numel()
    if abs(zero) > 1e-6 * error:
        report.findings.append(
            Finding(
                "normalised-target",
                "0 for an image that is drawn perfectly",
                f"{zero:.4g}: the target is no longer the image",
                f"f(x, x) with x = torch.rand{tuple(b.shape)}",
                where,
            )
        )
        return report
    if abs(one_way - other_way) > 1e-4 * one_way:
        report.unchecked["reconstruction loss"] = "it is no squared error"
        return report
    weight = one_way / error
    if abs(weight * pixels / 0.0005 - 1) < 0.05:
        report.findings.append(
            Finding(
                "mean-reconstruction",
                f"{0.0005 * error:.4g} for this pair: 0.0005 of the sum over pixels",
                f"{one_way:.4g}: 0.0005 of their mean, {pixels} times less",
                f"two images torch.rand{tuple(a.shape)}",
                where,
            )
        )
    elif min(abs(weight - 1), abs(weight / 0.0005 - 1)) < 0.05:
        report.right.append("the reconstruction loss is a sum over pixels")
    elif abs(weight * pixels - 1) < 0.05:
        report.choices["reconstruction loss"] = (
            f"a mean over pixels: weigh it with {0.0005 * pixels:.3g}, not with 0.0005"
        )
    else:
        report.choices["weight of the reconstruction"] = (
            f"{weight:.3g} of the summed squared error (the paper: 0.0005)"
        )
    return report

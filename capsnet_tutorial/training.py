"""Training: the step, and how to count mistakes.

Source: [S17] arXiv:1710.09829, section 4.1 (total loss) and section 5 (Adam).
Book: chapter 6 (book/06_capsnet.ipynb).

Axis key: b examples, j classes, c h w channels, height, width.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Integer
from torch import Tensor, nn

from capsnet_tutorial.capsnet import CapsNetOutput
from capsnet_tutorial.losses import (
    RECONSTRUCTION_WEIGHT,
    margin_loss,
    present_classes,
    reconstruction_loss,
)


class Diverged(RuntimeError):
    """Training cannot go on; the message says what was seen and what to do."""


class StepResult(NamedTuple):
    """The losses of one training step, before the weights moved."""

    total: float  # what was minimised
    margin: float  # Eq. 4
    reconstruction: float  # summed squared error per image; 0 without a decoder


class Losses(NamedTuple):
    """The losses of some examples; scalars that carry gradients."""

    total: Float[Tensor, ""]
    margin: Float[Tensor, ""]
    reconstruction: Float[Tensor, ""]


def paper_losses(
    output: CapsNetOutput,
    images: Float[Tensor, "b c h w"],
    present: Bool[Tensor, "b j"],
    reconstruction_weight: float = RECONSTRUCTION_WEIGHT,
) -> Losses:
    """Margin loss + 0.0005 * summed squared error: [S17], section 4.1."""
    margin = margin_loss(output.lengths, present)
    if output.reconstruction is None:
        return Losses(margin, margin, torch.zeros_like(margin))
    error = reconstruction_loss(output.reconstruction, images)
    return Losses(margin + reconstruction_weight * error, margin, error)


def train_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    images: Float[Tensor, "b c h w"],
    labels: Integer[Tensor, " b"] | Bool[Tensor, "b j"],
    losses: Callable[..., Losses] = paper_losses,
) -> StepResult:
    """One step of [S17]; the decoder sees the capsule of the true class.

    Args:
        model: a CapsNet, compiled or spread over devices if you like.
        optimizer: over the model's parameters.
        images: pixels in [0, 1].
        labels: the true class of each image; or a flag for each class, if several may
            be present.
        losses: what is minimised, from (output, images, present).

    Raises:
        TypeError, ValueError: as `present_classes` and `CapsNet` do.
        Diverged: if a gradient is not finite.  The weights have then not moved.
    """
    network = getattr(model, "module", model)  # DistributedDataParallel wraps it
    present = present_classes(labels, network.config.n_classes)
    total, margin, reconstruction = losses(model(images, present), images, present)

    optimizer.zero_grad()
    total.backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    if not torch.nn.utils.get_total_norm(gradients).isfinite():
        raise Diverged(f"a gradient is not finite at a loss of {total.item():.4g}")
    optimizer.step()
    return StepResult(*torch.stack([total, margin, reconstruction]).tolist())


@torch.no_grad()
def predict(
    model: nn.Module, images: Float[Tensor, "b c h w"], batch_size: int = 250
) -> Integer[Tensor, " b"]:
    """The class with the longest capsule, for each image; arrays are taken, too."""
    batches = torch.as_tensor(images).split(batch_size)
    return torch.cat([model(batch).lengths.argmax(dim=-1) for batch in batches])

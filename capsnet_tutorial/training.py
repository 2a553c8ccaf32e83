"""Training: the step, and how to count mistakes.

Source: [S17] arXiv:1710.09829, section 4.1 (total loss) and section 5 (Adam).
Book: chapter 6 (book/06_capsnet.ipynb).

Axis key: b examples, c h w channels, height, width.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Integer
from torch import Tensor

from capsnet_tutorial.capsnet import CapsNet
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


def train_step(
    model: CapsNet,
    optimizer: torch.optim.Optimizer,
    images: Float[Tensor, "b c h w"],
    labels: Integer[Tensor, " b"],
    *,
    reconstruction_weight: float = RECONSTRUCTION_WEIGHT,
) -> StepResult:
    """One step of [S17]: margin loss + 0.0005 * squared error, mask by the true label.

    Args:
        model: a CapsNet, compiled or spread over devices if you like.
        optimizer: over the model's parameters.
        images: pixels in [0, 1].
        labels: the true class of each image.
        reconstruction_weight: weight of the summed squared error.

    Raises:
        TypeError, ValueError: as `present_classes` and `CapsNet` do.
        Diverged: if a gradient is not finite.  The weights have then not moved.
    """
    network = getattr(model, "module", model)  # DistributedDataParallel wraps it
    present = present_classes(labels, network.config.n_classes)
    output = model(images, present)
    margin = margin_loss(output.lengths, present)
    reconstruction = torch.zeros_like(margin)
    if output.reconstruction is not None:
        reconstruction = reconstruction_loss(output.reconstruction, images)
    total = margin + reconstruction_weight * reconstruction

    optimizer.zero_grad()
    total.backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    if not torch.nn.utils.get_total_norm(gradients).isfinite():
        raise Diverged(f"a gradient is not finite at a loss of {total.item():.4g}")
    optimizer.step()
    return StepResult(*torch.stack([total, margin, reconstruction]).tolist())


@torch.no_grad()
def predict(
    model: CapsNet, images: Float[Tensor, "b c h w"], batch_size: int = 250
) -> Integer[Tensor, " b"]:
    """The class with the longest capsule, for each image."""
    batches = images.split(batch_size)
    return torch.cat([model(batch).lengths.argmax(dim=-1) for batch in batches])

"""Linear probes: how much of a property is a weighted sum of the pose.

Book: chapter 8 (book/08_encodes.ipynb).

Axis key
    b  examples to fit                e    pose size above, 16 on MNIST
    n  new examples                   p    properties of a drawing
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F


def linear_probe_r2(
    pose: Float[Tensor, "b e"],
    values: Float[Tensor, "b p"],
    new_pose: Float[Tensor, "n e"],
    new_values: Float[Tensor, "n p"],
) -> Float[Tensor, " p"]:
    """Least squares, with an intercept, fitted on some digits; R2 on others.

    Returns:
        The share of the variance of the new values that the probe predicts: 1 is all, 0
        is no better than their mean, below 0 is worse.
    """
    weights = torch.linalg.lstsq(_with_one(pose), values).solution
    missed = new_values - _with_one(new_pose) @ weights
    return 1 - missed.square().mean(dim=0) / new_values.var(dim=0, correction=0)


def _with_one(pose: Float[Tensor, "b e"]) -> Float[Tensor, "b _"]:
    return F.pad(pose, (0, 1), value=1.0)

"""Images turned, each by its own angle: for training.

Book: chapter 10 (book/10_turning.ipynb).

Axis key: b examples, c h w channels, height, width.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F


def turn_images(
    images: Float[Tensor, "b c h w"], degrees: Float[Tensor, " b"]
) -> Float[Tensor, "b c h w"]:
    """Turn every image around its middle, bilinear, filling with 0.

    Args:
        images: any batch of square images, pixels in [0, 1].
        degrees: how far each is turned, counter-clockwise.

    >>> corner = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]])
    >>> turn_images(corner, torch.tensor([90.0])).round()
    tensor([[[[0., 0.],
              [1., 0.]]]])
    """
    cos, sin = degrees.deg2rad().cos(), degrees.deg2rad().sin()
    zero = torch.zeros_like(cos)
    rows = torch.stack(
        [cos, -sin, zero, sin, cos, zero], dim=1
    )  # where pixels come from
    grid = F.affine_grid(rows.view(-1, 2, 3), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False).clamp(0, 1)  # rounding

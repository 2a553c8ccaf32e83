"""Images moved by whole pixels: what [S17] does to every digit in training.

Source: [S17] arXiv:1710.09829, section 5 (up to 2 pixels each way, filled with 0).
Book: chapter 6 (book/06_capsnet.ipynb).

Axis key: b examples, c h w channels, height, width.
"""

import torch
from einops import rearrange
from jaxtyping import Float, Integer
from torch import Tensor
from torch.nn import functional as F


def shift_images(
    images: Float[Tensor, "b c h w"], shifts: Integer[Tensor, "2 b"]
) -> Float[Tensor, "b c h w"]:
    """Move every image by whole pixels, filling with 0.

    Args:
        images: any batch of images.
        shifts: how far each goes down (row 0) and to the right (row 1).

    >>> shift_images(torch.ones(1, 1, 2, 3), torch.tensor([[0], [1]]))
    tensor([[[[0., 1., 1.],
              [0., 1., 1.]]]])
    """
    b, _, h, w = images.shape
    margin = int(shifts.abs().max()) if shifts.numel() else 0
    padded = F.pad(images, (margin,) * 4)
    corner = (margin - shifts)[..., None, None]
    rows = corner[0] + torch.arange(h, device=images.device)[:, None]
    columns = corner[1] + torch.arange(w, device=images.device)
    examples = torch.arange(b, device=images.device)[:, None, None]
    return rearrange(padded[examples, :, rows, columns], "b h w c -> b c h w")


def random_shift(
    images: Float[Tensor, "b c h w"],
    max_shift: int = 2,
    generator: torch.Generator | None = None,
) -> Float[Tensor, "b c h w"]:
    """Move every image by its own random amount, filling with 0; for training only.

    Args:
        images: any batch of images.
        max_shift: at most so many whole pixels up or down, and left or right.
        generator: where the randomness comes from; torch's global one if None.

    Raises:
        ValueError: if `max_shift` is negative.

    >>> random_shift(torch.ones(1, 1, 2, 2), max_shift=0)
    tensor([[[[1., 1.],
              [1., 1.]]]])
    """
    if max_shift < 0:
        raise ValueError(
            f"random_shift: max_shift is {max_shift}; pass 0 or more pixels"
        )
    corner = torch.randint(
        2 * max_shift + 1, (2, len(images)), generator=generator, device=images.device
    )
    return shift_images(images, max_shift - corner)

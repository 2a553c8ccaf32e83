r"""Properties of a drawing: six numbers, each of them something that an eye can check.

All come from sums over pixels, weighed by how dark a pixel is; nothing is learned.
Source: moments as in Hu, "Visual pattern recognition by moment invariants", 1962; small
moves (tangent vectors) as in Simard, LeCun, Denker & Victorri, "Transformation
invariance in pattern recognition: tangent distance and tangent propagation".
Book: chapter 8 (book/08_encodes.ipynb).

Axis key
    b    drawings                    p  properties of a drawing, in order of PROPERTIES
    h w  height, width               m  small moves of a drawing, in order of MOVES
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

PROPERTIES = ("thickness", "width", "height", "slant", "x", "y")
MOVES = ("right", "down", "wider", "taller", "slanted", "tilted", "thicker")


def properties(images: Float[Tensor, "*rest h w"]) -> Float[Tensor, "*rest p"]:
    """Thickness, width, height, slant and place of each drawing.

    ==========  ==============================================================  =======
    thickness   ink / half the length of its outline                            pixels
    width       how far ink is from the middle to the sides, without the slant  pixels
    height      how far ink is from the middle upwards and downwards            pixels
    slant       to the right, for each pixel upwards                            no unit
    x, y        middle of the ink, from the left and from the top               pixels
    ==========  ==============================================================  =======

    "How far" is the root of the mean square.  "Without the slant" is after each row
    was moved back, as one straightens italics.  A line end is outline too, so a short
    stroke measures a little thinner than it is.

    Args:
        images: how dark each pixel is, 0 or more.

    Raises:
        ValueError: if a drawing has no ink.

    >>> bar = torch.zeros(28, 28)
    >>> bar[4:24, 12:15] = 1  # 20 high and 3 wide, in the middle of column 13
    >>> properties(bar)[:3]
    tensor([2.6769, 0.8165, 5.7663])
    """
    ink = images.sum(dim=(-2, -1))
    if not (ink > 0).all():
        raise ValueError("properties: a drawing has no ink; pass pixels above 0")
    right, up, x, y = _from_the_middle(images)

    def mean(values: Tensor) -> Tensor:
        return (images * values).sum(dim=(-2, -1)) / ink

    upright = mean(up**2)
    slant = mean(right * up) / upright.clamp(min=1e-9)  # one row has no slant
    width = (mean(right**2) - slant**2 * upright).clamp(min=0).sqrt()
    thickness = 2 * ink / _outline(images)
    return torch.stack([thickness, width, upright.sqrt(), slant, x, y], dim=-1)


def _from_the_middle(images: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """How far each pixel is right and up from the middle of the ink; and the middle."""
    ink = images.sum(dim=(-2, -1))
    rows, columns = (torch.arange(n).to(images) for n in images.shape[-2:])
    x = (images.sum(dim=-2) * columns).sum(dim=-1) / ink
    y = (images.sum(dim=-1) * rows).sum(dim=-1) / ink
    return columns - x[..., None, None], y[..., None, None] - rows[:, None], x, y


def _outline(images: Tensor) -> Tensor:
    """Length of all edges: the slope of the brightness, summed over the image.

    The slope is taken between pixels, from the four that meet there.
    """
    padded = F.pad(images, (1, 1, 1, 1))
    across, down = padded.diff(dim=-1), padded.diff(dim=-2)
    across = (across[..., 1:, :] + across[..., :-1, :]) / 2
    down = (down[..., 1:] + down[..., :-1]) / 2
    return torch.hypot(across, down).sum(dim=(-2, -1))


def moves(images: Float[Tensor, "b h w"]) -> Float[Tensor, "b m h w"]:
    """What changes in a drawing if it is moved, stretched or thickened a very little.

    Mixtures of the first six are all the ways to move a whole drawing that keep lines
    straight and parallel (to turn it is to slant and tilt it); the seventh darkens
    every edge.  How large a move is has no meaning here, only where it changes pixels.
    """
    right, up, _, _ = _from_the_middle(images)
    by_row, by_column = torch.gradient(images, dim=(-2, -1))
    edge = torch.hypot(by_row, by_column)
    across = [by_column, right * by_column, up * by_column]
    along = [by_row, up * by_row, right * by_row]
    shift, stretch, shear = zip(across, along, strict=True)
    return torch.stack([*shift, *stretch, *shear, edge], dim=1)


def explained(
    changes: Float[Tensor, "b k h w"], moves: Float[Tensor, "b m h w"]
) -> Float[Tensor, "b k"]:
    """Share of a change, in squared brightness, that some mixture of moves makes.

    1 if the change is nothing but moves, 0 if no mixture of them makes any of it.
    """
    basis, _ = torch.linalg.qr(moves.flatten(2).mT)
    flat = changes.flatten(2)
    return (flat @ basis).square().sum(dim=-1) / flat.square().sum(dim=-1)

"""Which axis is which: told by sizes, since no two of them are equal in a probe."""

from torch import Tensor


def squeezed(x: Tensor) -> Tensor:
    """Without axes of one entry."""
    return x.reshape([size for size in x.shape if size != 1])


def in_order(x: Tensor, sizes: tuple[int, ...]) -> Tensor | None:
    """The axes in this order, or None if the tensor has others.

    Args:
        sizes: all different.
    """
    x = squeezed(x)
    if sorted(x.shape) != sorted(sizes) or len(set(sizes)) < len(sizes):
        return None
    return x.permute([list(x.shape).index(size) for size in sizes])


def squashed(x: Tensor, axis: int | None) -> Tensor:
    """Eq. 1 along an axis; along none, every number by itself."""
    n = x.abs() if axis is None else x.norm(dim=axis, keepdim=True)
    return x * n / (1 + n**2)


def close(a: Tensor, b: Tensor, tolerance: float = 2e-3) -> bool:
    """Equal but for an epsilon somewhere: relative to the largest number."""
    scale = max(a.abs().max().item(), b.abs().max().item(), 1e-12)
    return bool((a - b).abs().max() <= tolerance * scale)

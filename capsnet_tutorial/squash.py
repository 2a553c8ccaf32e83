r"""Squash: the length of a vector becomes a probability, its direction stays.

Source: [S17] Sabour, Frosst & Hinton, "Dynamic Routing Between Capsules",
arXiv:1710.09829, Eq. 1.  Book: chapter 2 (book/02_squash.ipynb).

Axis key: e is the pose axis, always the last one; `*rest` is any number of others.
[S17] -> here:  s_j -> s,  v_j -> the value returned.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def squash(s: Float[Tensor, "*rest e"]) -> Float[Tensor, "*rest e"]:
    r"""Shrink every vector to a length in [0, 1) without turning it.

    [S17] writes  v = |s|^2 / (1 + |s|^2) * s / |s|.  One |s| cancels, which leaves
    v = s * |s| / (1 + |s|^2).  Nothing is divided by |s|, so a zero vector gives zero
    with a zero gradient, and there is no epsilon to choose.

    Args:
        s: total input of each capsule, pose axis last; any unit, any length.

    Returns:
        Same shape and dtype, same directions.  |v| = |s|^2 / (1 + |s|^2), no unit:
        one half at |s| = 1, nine tenths at |s| = 3.

    Raises:
        TypeError: if `s` is not a floating point tensor.
        ValueError: if `s` has no axis to measure a length along.

    Note:
        Lengths are computed in float32 at least, so |s| must stay below 1.8e19.  In
        float32 |v| rounds to exactly 1 from |s| of about 4000 on; in bfloat16 the last
        rounding can make it 1.004.

    >>> squash(torch.tensor([3.0, 4.0])).norm()  # |s| = 5, so 25 / 26
    tensor(0.9615)
    """
    if not s.is_floating_point():
        raise TypeError(f"squash: s is {s.dtype}; pass a floating point tensor")
    if s.ndim == 0:
        raise ValueError("squash: s is a single number; pass vectors, pose axis last")
    wide = torch.promote_types(s.dtype, torch.float32)  # half cannot add 1 to 300
    norm = torch.linalg.vector_norm(s, dim=-1, keepdim=True, dtype=wide)
    return (s * (norm / (1 + norm**2))).to(s.dtype)

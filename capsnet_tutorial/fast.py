r"""Routing that never forms the votes: the same poses and gradients, many times faster.

Source: [S17] arXiv:1710.09829, Procedure 1, put in another order; the order is ours.
Book: chapter 14 (book/14_fast.ipynb).  The readable twin is routing.py.

Votes are large: 1,152 * 10 * 16 numbers for each image, 24 million for 128 images.
Routing only adds them up and compares them with poses, and each can be done without:

    sum_i c_ij (W_ij u_i)  =  sum_i W_ij (c_ij u_i)    weigh the poses below, then vote
    (W_ij u_i) . v_j       =  u_i . (W_ij^T v_j)       compare below, not above

Axis key: b examples, i capsules below, j capsules above, d and e their pose sizes.
The last axis in memory is i, the longest, and both lines are one batched matmul over j.
"""

import torch
from einops import einsum, rearrange
from jaxtyping import Float
from torch import Tensor

from capsnet_tutorial.squash import squash

AT_ONCE = 24 * 2**20
"""Bytes of the largest tensor: 128 examples in bfloat16, 64 in float32.

From 32 MB on, the C library takes memory from the system for each tensor anew, and
gives it back; on a CPU that costs more time than the arithmetic."""


def route_without_votes(
    poses: Float[Tensor, "b i d"],
    weight: Float[Tensor, "i j d e"],
    bias: Float[Tensor, "j e"] | float,
    n_iters: int,
) -> Float[Tensor, "b j e"]:
    """What `DynamicRouter(n_iters)` makes of the votes of `poses`, without the votes.

    Equal up to rounding, forward and backward; gradients flow through every iteration.
    The price: no RoutingStep to draw, and other places where bfloat16 rounds.

    >>> from capsnet_tutorial import ClassCaps
    >>> layer, poses = ClassCaps(7, 3), torch.randn(2, 7, 8)
    >>> fast = route_without_votes(poses, layer.weight, 0.0, n_iters=3)
    >>> torch.allclose(layer(poses), fast, atol=1e-6)
    True
    """
    matrices = rearrange(weight.to(poses.dtype), "i j d e -> j (d i) e")
    if isinstance(bias, Tensor):
        bias = rearrange(bias, "j e -> j 1 e")
    products = matrices.shape[:2].numel() * matrices.element_size()  # of one example
    parts = poses.split(max(1, AT_ONCE // products))
    return torch.cat([_route(part, matrices, bias, n_iters) for part in parts])


def _route(
    poses: Float[Tensor, "b i d"],
    matrices: Float[Tensor, "j di e"],
    bias: Float[Tensor, "j 1 e"] | float,
    n_iters: int,
) -> Float[Tensor, "b j e"]:
    below = rearrange(poses, "b i d -> b d i").contiguous()
    # In the first iteration every coupling is 1 / j: one sum serves all parents.
    evenly = rearrange(below / len(matrices), "b d i -> b (d i)")
    pose = squash(einsum(evenly, matrices, "b di, j di e -> j b e") + bias)
    logits = 0.0
    for _ in range(n_iters - 1):
        expected = rearrange(
            pose @ matrices.mT, "j b (d i) -> j b d i", i=below.shape[2]
        )
        logits = logits + (expected * below).sum(dim=2)  # agreement, j b i
        # Under autocast a GPU returns float32 here, and the products would follow.
        coupling = logits.softmax(dim=0).to(below.dtype)  # over j
        weighted = rearrange(coupling, "j b i -> j b 1 i") * below
        total = rearrange(weighted, "j b d i -> j b (d i)") @ matrices
        pose = squash(total + bias)
    return rearrange(pose, "j b e -> b j e")

r"""Routing that never forms the votes: the same poses and gradients, many times faster.

Source: [S17] arXiv:1710.09829, Procedure 1, put in another order; the order is ours.
Book: chapter 14 (book/14_fast.ipynb).  The readable twin is routing.py.

Votes are large: 1,152 * 10 * 16 numbers for each image, 24 million for 128 images.
Routing only adds them up and compares them with poses, and each can be done without:

    sum_i c_ij (W_ij u_i)  =  sum_i W_ij (c_ij u_i)    weigh the poses below, then vote
    (W_ij u_i) . v_j       =  u_i . (W_ij^T v_j)       compare below, not above

Both are partial derivatives of one number, T(c, v) = sum_ij c_ij (W_ij u_i) . v_j: the
first is dT/dv, the second dT/dc.  So each is the backward pass of the other, and dT/du
and dT/dW are the gradients.

Logits add up agreements, so they are the agreement with v_1 + v_2 + ..., the sum of all
poses so far.  It is called `seen`.

Axis key: b examples, i capsules below, j capsules above, d and e their pose sizes; di
is one axis.  The last axis in memory is i, the longest; products are batched over j.
"""

import math

import torch
from einops import einsum, rearrange
from jaxtyping import Float
from torch import Tensor, nn

from capsnet_tutorial.layers import ClassCaps
from capsnet_tutorial.squash import squash

PART_BYTES = 4 * 2**20
"""Bytes of the largest product on a CPU; capsules below are taken in parts for that.

A part stays in the caches of the cores from one operation to the next.  Larger tensors
leave them, and the C library may ask the system anew for each."""


class FastClassCaps(ClassCaps):
    """The twin of a ClassCaps, with its very parameters, that forms no votes.

    Shape:
        poses (b i d) -> pose (b j e)

    Args:
        layer: whose parameters and router are shared.

    Raises:
        ValueError: as ClassCaps.
        RuntimeError: if gradients of gradients are asked for, or under `torch.func`.
    """

    def __init__(self, layer: ClassCaps):
        nn.Module.__init__(self)
        self.weight, self.bias, self.router = layer.weight, layer.bias, layer.router

    def forward(self, poses: Float[Tensor, "b i d"]) -> Float[Tensor, "b j e"]:
        self._check(poses)
        bias = 0.0 if self.bias is None else self.bias
        return route_without_votes(poses, self.weight, bias, self.router.n_iters)


def route_without_votes(
    poses: Float[Tensor, "b i d"],
    weight: Float[Tensor, "i j d e"],
    bias: Float[Tensor, "j e"] | float,
    n_iters: int,
) -> Float[Tensor, "b j e"]:
    """What `DynamicRouter(n_iters)` makes of the votes of `poses`, without the votes.

    Equal up to rounding, forward and backward; gradients flow through every iteration.
    The price: no RoutingStep to draw, no gradients of gradients, and other places where
    bfloat16 rounds.

    >>> from capsnet_tutorial import ClassCaps
    >>> layer, poses = ClassCaps(7, 3), torch.randn(2, 7, 8)
    >>> fast = route_without_votes(poses, layer.weight, 0.0, n_iters=3)
    >>> torch.allclose(layer(poses), fast, atol=1e-6)
    True
    """
    device = poses.device.type
    if device != "meta" and torch.is_autocast_enabled(device):
        poses = poses.to(torch.get_autocast_dtype(device))
    if not isinstance(bias, Tensor):
        bias = weight.new_full((weight.shape[1], weight.shape[3]), bias)
    with torch.autocast("cpu" if device == "meta" else device, enabled=False):
        pose = _Routing.apply(poses, weight, rearrange(bias, "j e -> j 1 e"), n_iters)
    return rearrange(pose, "j b e -> b j e")


class _Routing(torch.autograd.Function):
    """All iterations; sums and couplings are all that is kept to go back."""

    @staticmethod
    def forward(ctx, poses: Tensor, weight: Tensor, bias: Tensor, n_iters: int):
        parts, seen = _split(poses, weight), 0.0
        # At first all couplings are 1 / j.  Axes of size 1: one product serves all.
        couplings = [poses.new_full((1, 1, weight.shape[0]), 1 / weight.shape[1])]
        sums = [_sum(parts, couplings[0], bias)]
        for _ in range(n_iters - 1):
            seen = seen + squash(sums[-1])
            coupling = [part.agreement(seen).softmax(dim=0) for part in parts]  # over j
            couplings.append(torch.cat(coupling, dim=2))
            sums.append(_sum(parts, couplings[-1], bias))
        ctx.save_for_backward(poses, weight, *couplings, *sums)
        # squash ends with `.to(its own dtype)`; torch.compile of PyTorch 2.11 takes
        # what that returns for a constant, and every gradient here would be 0
        return squash(sums[-1]).clone()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad_pose: Tensor):
        poses, weight, *kept = ctx.saved_tensors
        couplings, sums = kept[: len(kept) // 2], kept[len(kept) // 2 :]
        seen = torch.stack([squash(s) for s in sums]).cumsum(dim=0)
        parts, grad_bias, grad_seen = _split(poses, weight), 0.0, 0.0
        for step in reversed(range(len(sums))):
            (grad_sum,) = torch.func.vjp(squash, sums[step])[1](grad_pose)
            grad_bias = grad_bias + grad_sum.sum(dim=1, keepdim=True)
            chunks = couplings[step].chunk(len(parts), dim=2)
            for part, c in zip(parts, chunks, strict=True):
                part.accumulate_gradients(c, grad_sum)
                if step > 0:
                    grad_c = part.agreement(grad_sum)
                    grad_logits = c * (grad_c - (c * grad_c).sum(dim=0))  # softmax
                    part.accumulate_gradients(grad_logits, seen[step - 1])
                    grad_seen = grad_seen + part.sum(grad_logits)
            grad_pose = grad_seen  # all later iterations have seen this pose
        grads = zip(*(part.gradients() for part in parts), strict=True)
        grad_poses, grad_weight = map(torch.cat, grads)
        grad_poses = rearrange(grad_poses, "i b d -> b i d")
        return grad_poses, grad_weight.to(weight.dtype), grad_bias, None


def _split(poses: Float[Tensor, "b i d"], weight: Float[Tensor, "i j d e"]) -> list:
    """All capsules below; on a CPU in parts, each product at most PART_BYTES.

    An exported program serves any batch, so it cannot choose parts by its size.
    """
    n_parts = 1
    if poses.is_cpu and not torch.compiler.is_exporting():
        size = weight.shape[1] * poses.numel() * poses.element_size()
        n_parts = max(1, math.ceil(size / PART_BYTES))
    return list(map(_Part, poses.chunk(n_parts, dim=1), weight.chunk(n_parts)))


def _sum(
    parts: list, c: Float[Tensor, "#j #b i"], bias: Float[Tensor, "j 1 e"]
) -> Float[Tensor, "j b e"]:
    return sum(map(_Part.sum, parts, c.chunk(len(parts), dim=2)), start=bias)


class _Part:
    """T of some capsules below, with its four partial derivatives."""

    def __init__(self, poses: Float[Tensor, "b i d"], weight: Float[Tensor, "i j d e"]):
        self.below = rearrange(poses, "b i d -> b d i").contiguous()
        matrices = rearrange(weight, "i j d e -> j e (d i)")
        self.matrices = matrices.to(poses.dtype).contiguous()
        self.grad_below = self.grad_matrices = 0.0

    def sum(self, c: Float[Tensor, "#j #b i"]) -> Float[Tensor, "j b e"]:
        return einsum(self._weighted(c), self.matrices, "j b di, j e di -> j b e")

    def agreement(self, v: Float[Tensor, "j b e"]) -> Float[Tensor, "j b i"]:
        return self._expected(v).mul_(self.below).sum(dim=2)

    def accumulate_gradients(
        self, c: Float[Tensor, "#j #b i"], v: Float[Tensor, "j b e"]
    ) -> None:
        v = v.to(self.below.dtype)
        self.grad_matrices += einsum(v, self._weighted(c), "j b e, j b di -> j e di")
        self.grad_below += self._expected(v).mul_(c.unsqueeze(2)).sum(dim=0)

    def _weighted(self, c: Float[Tensor, "#j #b i"]) -> Float[Tensor, "#j b di"]:
        return (c.unsqueeze(2) * self.below).flatten(start_dim=2)

    def _expected(self, v: Float[Tensor, "j b e"]) -> Float[Tensor, "j b d i"]:
        expected = v.to(self.below.dtype) @ self.matrices
        return expected.unflatten(2, self.below.shape[1:])

    def gradients(self) -> tuple[Float[Tensor, "i b d"], Float[Tensor, "i j d e"]]:
        d = self.below.shape[1]
        weight = rearrange(self.grad_matrices, "j e (d i) -> i j d e", d=d)
        return rearrange(self.grad_below, "b d i -> i b d"), weight

r"""Dynamic routing: capsules below vote, and votes that agree gain weight.

Source: [S17] arXiv:1710.09829, Procedure 1, with Eq. 2 (sum) and Eq. 3 (softmax).
Book: chapter 4 (book/04_routing.ipynb).

Axis key
    b  examples in the batch          i  capsules below, 1152 on MNIST
    e  pose size above, 16 on MNIST   j  capsules above, 10 on MNIST

[S17] -> here:  u_hat_{j|i} -> votes,  b_ij -> logits,  c_ij -> coupling,
                v_j -> pose,  u_hat_{j|i} . v_j -> agreement.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from einops import einsum
from jaxtyping import Float
from torch import Tensor, nn

from capsnet_tutorial.squash import squash


@dataclass(frozen=True)
class RoutingStep:
    """What one iteration computes, and so all that a picture of routing can show."""

    coupling: Float[Tensor, "b i j"]  # sums to 1 over j: each child splits one vote
    pose: Float[Tensor, "b j e"]  # its length, below 1, says "j is here"
    agreement: Float[
        Tensor, "b i j"
    ]  # vote . pose, added to the logits for the next step


class DynamicRouter(nn.Module):
    r"""Routing by agreement.  No parameters: the matrices W are already in the votes.

    Shape:
        votes (b i j e), bias (j e) -> pose (b j e)

    Args:
        n_iters: iterations r >= 1; [S17] uses 3.  With 1 every coupling is
            1 / number of parents.

    The bias is not in the paper: the authors' code adds one to every parent's sum, in
    each iteration.  Here it is 0 unless passed.

    Raises:
        TypeError: if `n_iters` is not an integer, or votes are not floating point.
        ValueError: if `n_iters` < 1, or votes do not have the four axes b i j e.

    Note:
        Gradients flow through every iteration, as in the authors' code; some ports
        detach the earlier ones.  Logits start at 0 for every example, always: they
        are neither learned nor kept, so an example never sees its batch.

    >>> import torch
    >>> router = DynamicRouter(3)
    >>> router(torch.randn(2, 1152, 10, 16)).shape
    torch.Size([2, 10, 16])
    """

    def __init__(self, n_iters: int = 3):
        super().__init__()
        if not isinstance(n_iters, int):
            raise TypeError(f"DynamicRouter: n_iters is {n_iters!r}; pass an integer")
        if n_iters < 1:
            raise ValueError(f"DynamicRouter: n_iters is {n_iters}; pass 1 or more")
        self.n_iters = n_iters

    def steps(
        self,
        votes: Float[Tensor, "b i j e"],
        bias: Float[Tensor, "j e"] | float = 0.0,
    ) -> Iterator[RoutingStep]:
        """Yield every iteration.  The model, the plots and the widgets share it."""
        if votes.ndim != 4:
            raise ValueError(
                f"DynamicRouter: votes have shape {tuple(votes.shape)};"
                " pass four axes, (examples, capsules below, capsules above, pose size)"
            )
        if not votes.is_floating_point():
            raise TypeError(
                f"DynamicRouter: votes are {votes.dtype}; pass floating point votes"
            )
        logits = votes.new_zeros(votes.shape[:3])
        for _ in range(self.n_iters):
            coupling = logits.softmax(dim=-1)  # over j: each child splits one vote
            total = einsum(coupling, votes, "b i j, b i j e -> b j e")
            pose = squash(total + bias)
            agreement = einsum(votes, pose, "b i j e, b j e -> b i j")
            yield RoutingStep(coupling, pose, agreement)
            logits = logits + agreement

    def forward(
        self,
        votes: Float[Tensor, "b i j e"],
        bias: Float[Tensor, "j e"] | float = 0.0,
    ) -> Float[Tensor, "b j e"]:
        *_, last = self.steps(votes, bias)
        return last.pose

    def extra_repr(self) -> str:
        return f"n_iters={self.n_iters}"

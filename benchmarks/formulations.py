"""Layers to compare ours with: as two public programs write them, and other ways.

Each takes the place of a layer in our CapsNet, so that sizes, losses, decoder and
training step are the same for all, and only the formulation differs.

"Seed 002" and "seed 003" are two of the five programs that this book started from.
Both are written anew here from what they do, with a note on what makes them slow.

Axis key: b examples, i capsules below, j capsules above, d and e their pose sizes.
"""

import torch
from einops import einsum, rearrange
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from capsnet_tutorial import CapsNet, ClassCaps, squash


def squash_by_division(s: Tensor, epsilon: float = 1e-8) -> Tensor:
    """Eq. 1 as written: five passes over the data where ours needs three."""
    norm = s.norm(dim=-1, keepdim=True)
    return norm**2 / (1 + norm**2) / (norm + epsilon) * s


class Seed002Primary(nn.Module):
    """Eight neighbouring pixels of one channel make a capsule: fast, and a bug."""

    def __init__(self, conv: nn.Conv2d):
        super().__init__()
        self.conv = conv

    def forward(self, features: Tensor) -> Tensor:
        return squash_by_division(self.conv(features).view(len(features), -1, 8))


class Seed002Caps(nn.Module):
    """Products that are formed in full, and then added up.

    Slow: each vote is its own little matrix product, for which the weights are copied
    once for every example (0.75 GB at batch 128).  Then every sum of every iteration
    first writes a product as large as all votes (94 MB), and autograd keeps it.

    Args:
        cut: take no gradient through the iterations before the last, as the program
            does.  False makes it do the same work as the others.
    """

    def __init__(self, like: ClassCaps, cut: bool = True):
        super().__init__()
        self.weight = nn.Parameter(
            rearrange(like.weight.detach(), "i j d e -> j i e d")
        )
        self.n_iters, self.cut = like.router.n_iters, cut

    def forward(self, poses: Tensor) -> Tensor:
        votes = (self.weight @ poses[:, None, :, :, None]).squeeze(-1)  # b j i e
        early = votes.detach() if self.cut else votes
        logits = votes.new_zeros(votes.shape[:3])
        for _ in range(self.n_iters - 1):
            share = logits.softmax(dim=1).unsqueeze(-1)
            pose = squash_by_division((share * early).sum(dim=2, keepdim=True))
            logits = logits + (pose * early).sum(dim=-1)
        share = logits.softmax(dim=1).unsqueeze(-1)
        return squash_by_division((share * votes).sum(dim=2))


class Seed003Caps(nn.Module):
    """Three einsums, the shortest way to write it.

    Slow: with j between i and e, a sum over i finds its numbers scattered.  The last
    agreement is computed and never used.
    """

    def __init__(self, like: ClassCaps):
        super().__init__()
        self.weight = nn.Parameter(like.weight.detach().clone())
        self.n_iters = like.router.n_iters

    def forward(self, poses: Tensor) -> Tensor:
        votes = torch.einsum("ijde,bid->bije", self.weight, poses)
        logits = votes.new_zeros(votes.shape[:3])
        for _ in range(self.n_iters):
            coupling = logits.softmax(dim=-1)
            pose = squash_by_division(torch.einsum("bij,bije->bje", coupling, votes))
            logits = logits + torch.einsum("bje,bije->bij", pose, votes)
        return pose


class TwoMatmuls(nn.Module):
    """Votes in the order b j i e, and two batched matrix products an iteration."""

    def __init__(self, like: ClassCaps):
        super().__init__()
        self.weight = nn.Parameter(like.weight.detach().clone())
        self.n_iters = like.router.n_iters

    def forward(self, poses: Tensor) -> Tensor:
        votes = einsum(poses, self.weight, "b i d, i j d e -> b j i e").contiguous()
        logits = votes.new_zeros(votes.shape[:3])
        for step in range(self.n_iters):
            pose = squash(logits.softmax(dim=1).unsqueeze(2) @ votes)  # b j 1 e
            if step < self.n_iters - 1:
                logits = logits + (votes @ pose.mT).squeeze(3)
        return pose.squeeze(2)


class InParts(nn.Module):
    """The readable layer on few examples at a time, computed again for the gradient."""

    def __init__(self, layer: ClassCaps, n_examples: int = 8):
        super().__init__()
        self.layer, self.n_examples = layer, n_examples

    def forward(self, poses: Tensor) -> Tensor:
        parts = poses.split(self.n_examples)
        poses = [checkpoint(self.layer, part, use_reentrant=False) for part in parts]
        return torch.cat(poses)


class WithoutVotes(nn.Module):
    """The two lines of fast.py in one piece, with the gradients left to autograd."""

    def __init__(self, like: ClassCaps):
        super().__init__()
        self.weight = nn.Parameter(like.weight.detach().clone())
        self.n_iters = like.router.n_iters

    def forward(self, poses: Tensor) -> Tensor:
        below = rearrange(poses, "b i d -> b d i").contiguous()
        matrices = rearrange(self.weight, "i j d e -> j e (d i)").contiguous()
        evenly = below.flatten(start_dim=1) / len(matrices)
        pose = squash(einsum(evenly, matrices, "b di, j e di -> j b e"))
        logits = 0.0
        for _ in range(self.n_iters - 1):
            expected = (pose @ matrices).unflatten(2, below.shape[1:])
            logits = logits + (expected * below).sum(dim=2)
            weighted = logits.softmax(dim=0).unsqueeze(2).to(below.dtype) * below
            pose = squash(weighted.flatten(start_dim=2) @ matrices.mT)
        return rearrange(pose, "j b e -> b j e")


class Convolutions(nn.Module):
    """What no routing can be faster than: two convolutions, a ReLU, nothing else."""

    def __init__(self, net: CapsNet):
        super().__init__()
        self.layers = nn.Sequential(net.conv, nn.ReLU(), net.primary_caps.conv)

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images)

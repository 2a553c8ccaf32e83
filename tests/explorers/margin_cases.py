"""What the tests of the margin explorer share: flags, and the loss by PyTorch."""

import torch

from capsnet_tutorial import margin_loss

REST = 2.7 / 11  # where one pull is as strong as nine pushes, at half price


def flags(*digits):
    return [j in digits for j in range(10)]


def only(true, other, *digits):
    return [true if j in (digits or (3,)) else other for j in range(10)]


def in_pytorch(lengths, present, bug="none", down_weight=0.5):
    """The loss, and its gradient; without the square, written out here."""
    lengths = torch.as_tensor(lengths, dtype=torch.float64).requires_grad_()
    seen = lengths.softmax(-1) if bug == "softmax" else lengths
    if bug == "square":
        short, long = (0.9 - seen).clamp(min=0), (seen - 0.1).clamp(min=0)
        loss = torch.where(torch.tensor(present), short, down_weight * long).sum()
    else:
        flags = torch.tensor([present])
        loss = margin_loss(seen[None], flags, down_weight=down_weight)
    return loss.item(), torch.autograd.grad(loss, lengths)[0]

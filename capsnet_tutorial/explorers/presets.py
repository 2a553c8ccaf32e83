"""The twenty digits that explorers offer, as the page has them.  Axis key: mnist.py.

JavaScript: stored.js, which tools/store_digits.py wrote by the same rule.
"""

import functools

import torch
from jaxtyping import Float, Integer
from torch import Tensor

from capsnet_tutorial.digits.mnist import load_mnist

PER_CLASS = 2


@functools.cache
def preset_digits() -> tuple[Float[Tensor, "b 1 28 28"], Integer[Tensor, " b"]]:
    """The first two of each class among the 500 held-out mini digits, with labels.

    >>> preset_digits()[1][:6]
    tensor([0, 0, 1, 1, 2, 2])
    """
    images, labels = load_mnist("val", source="mini").tensors
    first = [(labels == c).nonzero()[:PER_CLASS, 0] for c in range(10)]
    return images[torch.cat(first)], labels[torch.cat(first)]

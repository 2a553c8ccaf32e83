"""More than one layer of capsules with routing, and weights for them to start from.

network.py  StackedCapsNet, and how long its capsules are before the first step
"""

from capsnet_tutorial.stacking.network import (
    STACKS,
    StackedCapsNet,
    gradients_by_layer,
    lengths_by_layer,
    scale_start,
)

__all__ = [
    "STACKS",
    "StackedCapsNet",
    "gradients_by_layer",
    "lengths_by_layer",
    "scale_start",
]

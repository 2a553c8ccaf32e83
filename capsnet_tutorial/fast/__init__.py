"""Faster twins of the layers: equal values, equal gradients, other ways to them.

`speed_up(model)` swaps them in.  The readable layers know nothing of this folder.

routing.py      routing without ever forming the votes
convolution.py  other gradients of a strided convolution, for bfloat16 on a CPU

Book: chapter 14 (book/14_fast.ipynb), with the measurements.
"""

from torch import nn

from capsnet_tutorial.capsnet import CapsNet
from capsnet_tutorial.fast.convolution import FastConv2d
from capsnet_tutorial.fast.routing import FastClassCaps, route_without_votes

__all__ = ["FastClassCaps", "FastConv2d", "route_without_votes", "speed_up"]


def speed_up(model: CapsNet, *, convolution: bool = False) -> CapsNet:
    """Swap the layers of a CapsNet for their faster twins, in place; return the model.

    The twins hold the same parameters under the same names, so optimizers and saved
    weights fit as before.

    Args:
        model: in any dtype, on any device.
        convolution: swap the convolution of the primary capsules, too.  It pays in
            bfloat16 on a CPU, and nowhere else.

    >>> net = speed_up(CapsNet())
    >>> type(net.class_caps).__name__, type(net.primary_caps.conv).__name__
    ('FastClassCaps', 'Conv2d')
    """
    if isinstance(model.class_caps, nn.Sequential):  # several layers, one above another
        model.class_caps = nn.Sequential(*map(FastClassCaps, model.class_caps))
    else:
        model.class_caps = FastClassCaps(model.class_caps)
    if convolution:
        model.primary_caps.conv = FastConv2d(model.primary_caps.conv)
    return model

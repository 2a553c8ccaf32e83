"""Routing of a real digit: a trained network, pass by pass.  Chapter 6."""

import torch
import traitlets
from matplotlib.figure import Figure
from torch import Tensor

from capsnet_tutorial.explorers.base import code
from capsnet_tutorial.explorers.network import NetworkExplorer


class DigitRoutingExplorer(NetworkExplorer):
    _esm, _css = code("digit_routing")
    image = traitlets.Bytes().tag(sync=True)
    digit = traitlets.Int(0, allow_none=True).tag(sync=True)
    iterations = traitlets.Int(3, min=1, max=10).tag(sync=True)
    chosen = traitlets.Int(None, allow_none=True).tag(sync=True)
    type = traitlets.Int(None, allow_none=True).tag(sync=True)
    place = traitlets.Int(None, allow_none=True).tag(sync=True)
    squares = traitlets.Enum(["shares", "coupling"], "shares").tag(sync=True)
    ink = traitlets.Enum(["shares", "effect"], "shares").tag(sync=True)
    erased = traitlets.List(traitlets.Int()).tag(sync=True)

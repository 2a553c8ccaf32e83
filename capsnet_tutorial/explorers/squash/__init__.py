"""Squash in the plane: drag a vector, see what becomes of its length.  Chapter 2."""

import torch
import traitlets
from matplotlib.figure import Figure
from torch import Tensor

from capsnet_tutorial.explorers.base import Explorer, Number, code
from capsnet_tutorial.plots import explorers as pictures
from capsnet_tutorial.squash import squash


class SquashExplorer(Explorer):
    """A vector before and after squash, and the curve of their lengths.

    >>> SquashExplorer(s=[3.0, 4.0])
    SquashExplorer: s is 5.00 long, v is 0.962 long.

    Attributes:
        s: the vector before squash (2), which the reader drags; each from -20 to 20.
        second: angle of a second vote of length 1, -180 to 180 degrees; None for none.
        each: show the bug, too: each number squashed by itself.
        printed: divide by |s|, as Eq. 1 is printed: 0 / 0 at zero.
    """

    _esm, _css = code("squash")

    s = traitlets.List(Number(min=-20, max=20), [1.6, 1.2], minlen=2, maxlen=2).tag(
        sync=True
    )
    second = Number(None, min=-180, max=180, allow_none=True).tag(sync=True)
    each = traitlets.Bool(False).tag(sync=True)
    printed = traitlets.Bool(False).tag(sync=True)

    @property
    def total(self) -> Tensor:
        """What is squashed: s, plus the second vote if there is one."""
        s = torch.tensor(self.s)
        if self.second is None:
            return s
        angle = torch.tensor(self.second).deg2rad()
        return s + torch.stack([angle.cos(), angle.sin()])

    def picture(self) -> Figure:
        return pictures.squash_plane(self.total, squash(self.total))

    def __repr__(self) -> str:
        before, after = self.total.norm(), squash(self.total).norm()
        return f"SquashExplorer: s is {before:.2f} long, v is {after:.3f} long."

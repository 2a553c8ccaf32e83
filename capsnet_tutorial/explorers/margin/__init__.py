"""Margin loss: drag ten lengths, see what each costs.  Chapter 5."""

import json
from pathlib import Path

import torch
import traitlets
from matplotlib.figure import Figure
from torch import Tensor

from capsnet_tutorial.explorers.base import Explorer, Number, Whole, code
from capsnet_tutorial.losses import margin_loss
from capsnet_tutorial.plots import explorers as pictures

CONSTANTS = json.loads(Path(__file__).with_name("constants.json").read_text())
REST = CONSTANTS["rest"]  # ten equal lengths: one pull is as strong as nine pushes


class MarginExplorer(Explorer):
    """Ten lengths of class capsules, and their margin loss.

    >>> MarginExplorer(lengths=[0.9] + 9 * [0.2], present=[True] + 9 * [False])
    MarginExplorer: 0 is present, the margin loss is 0.0450.

    Attributes:
        lengths: of the ten class capsules, from 0 to 1; the reader drags them.
        present: T of Eq. 4, one flag for each class; any number of them, or none.
        together: whether all bars move as one.
        bug: the loss that the figure shows: "none", the one of the paper; "square",
            without the square; or "softmax", of a softmax of the lengths.
        down_weight: lambda of Eq. 4, the price of an absent class.
        chosen: the class that the formula shows.
    """

    _esm, _css = code("margin")

    lengths = traitlets.List(Number(), 10 * [REST]).tag(sync=True)
    present = traitlets.List(traitlets.Bool(), [j == 3 for j in range(10)]).tag(
        sync=True
    )
    together = traitlets.Bool(False).tag(sync=True)
    bug = traitlets.Enum(("none", "square", "softmax"), "none").tag(sync=True)
    down_weight = Number(0.5, min=0, max=1).tag(sync=True)
    chosen = Whole(3, min=0, max=9).tag(sync=True)

    @traitlets.validate("lengths", "present")
    def _ten(self, proposal):
        name, values = proposal["trait"].name, proposal["value"]
        if len(values) != 10 or not all(0 <= x <= 1 for x in values):
            raise traitlets.TraitError(
                f"MarginExplorer: {name} are {values}; pass ten numbers from 0 to 1"
            )
        return values

    def _loss(self, lengths: Tensor) -> Tensor:
        """The margin loss of the paper, whatever `bug` says; lengths are (b j)."""
        present = torch.tensor([self.present])
        return margin_loss(lengths, present, down_weight=self.down_weight)

    @property
    def loss(self) -> float:
        """The margin loss of the ten lengths."""
        return self._loss(torch.tensor([self.lengths])).item()

    @property
    def gradient(self) -> Tensor:
        """How the loss changes with each length (10); the arrows point against it."""
        lengths = torch.tensor([self.lengths], requires_grad=True)
        return torch.autograd.grad(self._loss(lengths), lengths)[0][0]

    def picture(self) -> Figure:
        return pictures.margin_bars(self.lengths, self.present, self.gradient)

    def __repr__(self) -> str:
        there = [str(j) for j, present in enumerate(self.present) if present]
        verb = "are" if len(there) > 1 else "is"
        names = " and ".join(there) or "nothing"
        loss = f"the margin loss is {self.loss:.4f}"
        return f"MarginExplorer: {names} {verb} present, {loss}."

"""Reshapes and transposes as cells that move, in three programs.  Chapters 3 and 11."""

import json
from pathlib import Path

import torch
import traitlets
from einops import rearrange
from matplotlib.figure import Figure
from torch import Tensor

from capsnet_tutorial.explorers.base import Explorer, Number, Whole, code
from capsnet_tutorial.plots import explorers as pictures

PROGRAMS = json.loads(Path(__file__).with_name("programs.json").read_text())
SIZES = {"t": 2, "d": 3, "y": 2, "x": 2}  # types, their numbers, rows, columns
COUNT = 24


class ReshapeExplorer(Explorer):
    """The numbers of a small tensor, each with its name, line by line of a program.

    >>> ReshapeExplorer(program="view", step=1)
    ReshapeExplorer: after 1 line of view the shape is [8, 3]; 0 of 8 are capsules.

    Attributes:
        program: "view", the primary capsules of seed documents 000 and 002; "PrimCap"
            and "capsule", two pieces of document 001 in TensorFlow (chapter 11).
        mended: the same program with its line mended.
        step: how many lines have run; between two, the cells are on their way.
        followed: a number of the first tensor (0 to 23) that is marked, or None.
    """

    _esm, _css = code("reshape")

    program = traitlets.Enum(tuple(PROGRAMS), "view").tag(sync=True)
    mended = traitlets.Bool(False).tag(sync=True)
    step = Number(0.0, min=0, max=5).tag(sync=True)
    followed = Whole(None, allow_none=True, min=0, max=COUNT - 1).tag(sync=True)

    def tensors(self) -> list[Tensor]:
        """After each line, which numbers of the first tensor lie where.

        Shape:
            each (... 24): ones where a number takes part.
        """
        program = PROGRAMS[self.program]
        x = torch.eye(COUNT, dtype=torch.bool).reshape(
            *program["start"]["shape"], COUNT
        )
        found = [x]
        for line in program["mended" if self.mended else "written"]:
            x = _run(line, x)
            found.append(x)
        return found

    def whole(self) -> list[bool]:
        """After the last line that has run: is each group of numbers one capsule?"""
        n = self._reached()
        line = self._lines()[n]
        if "group" not in line:
            return []
        groups = self.tensors()[n].movedim(line["group"], -2)  # (... numbers 24)
        return [self._is_capsule(group) for group in groups.flatten(0, -3)]

    def _is_capsule(self, cells: Tensor) -> bool:
        """Are cells (n 24) the numbers 1, 2, 3 of one type, from the same places?"""
        axes = " ".join(PROGRAMS[self.program]["order"])
        parts = rearrange(cells, f"n ({axes}) -> n t d (y x)", **SIZES)
        types, numbers, places = (
            parts.sum(axes) > 0 for axes in ((2, 3), (1, 3), (1, 2))
        )
        alike = (types == types[0]).all() and (places == places[0]).all()
        in_order = numbers.shape == (3, 3) and numbers.equal(torch.eye(3) > 0)
        return bool(alike and types[0].sum() == 1 and in_order)

    def _lines(self) -> list[dict]:
        program = PROGRAMS[self.program]
        return [program["start"], *program["mended" if self.mended else "written"]]

    def _reached(self) -> int:
        return min(round(self.step), len(self._lines()) - 1)

    def picture(self) -> Figure:
        axes = " ".join(PROGRAMS[self.program]["order"])
        kinds = rearrange(torch.arange(COUNT), f"({axes}) -> {axes}", **SIZES)
        letters = rearrange(kinds, f"{axes} -> t (d y x)")
        numbers = rearrange(kinds, f"{axes} -> d (t y x)")
        names = [
            f"{'ab'[int((letters == n).any(1).nonzero())]}"
            f"{int((numbers == n).any(1).nonzero()) + 1}"
            for n in range(COUNT)
        ]
        return pictures.cells(self.tensors(), self._lines(), names)

    def __repr__(self) -> str:
        n, whole = self._reached(), self.whole()
        shape = list(self.tensors()[n].shape[:-1])
        words = f"; {sum(whole)} of {len(whole)} are capsules" if whole else ""
        lines = f"{n} line{'' if n == 1 else 's'} of {self.program}"
        return f"ReshapeExplorer: after {lines} the shape is {shape}{words}."


def _run(line: dict, x: Tensor) -> Tensor:
    """One line of a program, on a tensor with one more axis at its end."""
    match line["op"]:
        case "keep":
            return x
        case "reshape":
            return x.reshape(*line["to"], COUNT)
        case "permute":
            return x.permute(*line["by"], -1)
        case "sum":
            return x.any(line["axis"])
        case "tile":
            times = [1] * x.ndim
            times[line["axis"]] = line["times"]
            return x.tile(times)
    raise ValueError(line["op"])

"""One network on the examining table: its images, its operations, what it said.

Axis key: b examples, j class capsules, e their pose size.
"""

import torch
from torch import Tensor, nn

from capsnet_tutorial.checks.couplings import find_routing
from capsnet_tutorial.checks.outputs import Said, read
from capsnet_tutorial.checks.report import Finding, Report
from capsnet_tutorial.checks.trace import Trace


class Checkup:
    """One check of a network; `report` is what it leads to."""

    def __init__(self, net: nn.Module, images: Tensor, n_classes: int | None):
        self.net, self.images, self.report = net, images, Report()
        self.said = read(net, images)
        self.n = len(images)
        self.options = self._options(n_classes)
        self.trace = self.run()
        self.routing = find_routing(self.trace, self.n, self.options)
        self.n_classes = self.routing.n_classes if self.routing else self.options[0]

    def _options(self, n_classes: int | None) -> list[int]:
        """How many classes there may be, most likely first."""
        if n_classes:
            return [n_classes]
        if self.said.lengths is not None:
            return [self.said.lengths.shape[1]]
        if self.said.poses is not None:
            return list(self.said.poses.shape[1:])
        raise ValueError(
            "check: the network says neither lengths (examples, classes) nor poses "
            "(examples, classes, pose size); pass one that does, and n_classes= if its "
            "axes are unusual"
        )

    def run(self, change=None, net: nn.Module | None = None) -> Trace:
        with torch.no_grad(), Trace(change) as trace:
            (net or self.net)(self.images)
        return trace

    def found(self, exhibit, expected, came, example, where="") -> None:
        if exhibit not in self.report.exhibits:
            found = Finding(exhibit, expected, came, example, where)
            self.report.findings.append(found)

    def right(self, what: str) -> None:
        self.report.right.append(what)

    def unseen(self, what: str, why: str) -> None:
        self.report.unchecked[what] = why

    # -------------------------------------------------------------- class capsules

    def poses_of(self, said: Said) -> Tensor | None:
        """(b j e)"""
        if said.poses is None:
            return None
        axis = [n for n in (1, 2) if said.poses.shape[n] == self.n_classes][:1]
        return said.poses.movedim(axis[0], 1) if axis else said.poses

    def lengths_of(self, said: Said) -> Tensor | None:
        """(b j)"""
        if said.lengths is not None:
            return said.lengths
        poses = self.poses_of(said)
        return None if poses is None else poses.norm(dim=-1)

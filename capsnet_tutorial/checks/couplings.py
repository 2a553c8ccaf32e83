"""Find the routing of a network among its operations: the softmaxes that couple."""

from dataclasses import dataclass

import torch
from torch import Tensor

from capsnet_tutorial.checks.trace import Step, Trace


@dataclass
class Routing:
    """The softmaxes of a network that couple children and parents."""

    steps: list[tuple[int, Step]]  # with their position in the trace
    n_children: int
    n_classes: int
    over: str  # "parents", "children" or "something else"
    whole: bool  # all couplings at once, not one child or parent after the other

    @property
    def start(self) -> int:
        return self.steps[0][0]


def find_routing(trace: Trace, n: int, n_classes: list[int]) -> Routing | None:
    """Couplings are softmaxes whose first input is the same everywhere: zeros."""
    found = [(at, s) for at, s in trace.named("_softmax") if s.inputs[0].numel() > 1]
    first = next((k for k, (_, s) in enumerate(found) if _flat(s.inputs[0])), None)
    if first is None:
        return None
    found = found[first:]
    shape = found[0][1].output.shape
    same = [(at, s) for at, s in found if _alike(s.output.shape, shape, n)]
    sizes = [size for size in shape if size not in (1, n)]
    dim = found[0][1].inputs[1]
    over = shape[dim]
    for j in n_classes:
        others = [size for size in sizes if size != j]
        if j in sizes and others:
            i = max(others)
            told = {j: "parents", i: "children"}.get(over, "something else")
            return Routing(same, i, j, told, True)
    if len(sizes) == 1 and len(same) > 2:  # one after the other
        j = n_classes[0]
        told = "parents" if over in n_classes else "children"
        i = over if told == "children" else -1
        return Routing(same, i, j, told, False)
    return None


def _flat(x: Tensor) -> bool:
    return bool((x == x.flatten()[0]).all())


def _alike(shape: torch.Size, other: torch.Size, n: int) -> bool:
    """The same, but for a batch axis that may be missing in the first."""
    known = [sorted(s for s in x if s not in (1, n)) for x in (shape, other)]
    return known[0] == known[1] or set(known[1]) < set(known[0])

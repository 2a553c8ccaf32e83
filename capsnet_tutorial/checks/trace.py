"""Watch a network from below: every operation that it makes of tensors, in order.

How a program is written does not matter here: loops and einsum, classes and TorchScript
end in the same operations.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

HERE = str(Path(__file__).parent)
TORCH = str(Path(torch.__file__).parent)
BETWEEN = ("/einops/", "/jaxtyping/", "/beartype/")  # what may lie between
LARGEST = 2**25  # numbers of a tensor that is kept


@dataclass
class Step:
    """One operation."""

    name: str  # such as "_softmax"
    inputs: tuple
    output: Tensor
    place: str  # file and line that asked for it


class Trace(TorchDispatchMode):
    """While it is on, operations are noted in `steps`.

    Args:
        change: for each operation, from its name, how many of that name came before and
            its output: an output to go on with, or None.
    """

    def __init__(
        self, change: Callable[[str, int, Tensor], Tensor | None] | None = None
    ):
        super().__init__()
        self.change = change
        self.counts: dict[str, int] = {}
        self.steps: list[Step] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kept = tuple(
            x.detach().clone() if isinstance(x, Tensor) and _is_softmax(func) else x
            for x in args
        )
        output = func(*args, **(kwargs or {}))
        first = output[0] if isinstance(output, (tuple, list)) and output else output
        if not isinstance(first, Tensor) or first.numel() > LARGEST:
            return output
        name = func._schema.name.removeprefix("aten::")
        number = self.counts.get(name, 0)
        self.counts[name] = number + 1
        if self.change and first is output:
            changed = self.change(name, number, output)
            output = first = output if changed is None else changed
        self.steps.append(Step(name, kept, first.detach().clone(), _place()))
        return output

    def named(self, name: str) -> list[tuple[int, Step]]:
        """All operations of a name, with their position."""
        return [(n, step) for n, step in enumerate(self.steps) if step.name == name]


def _is_softmax(func) -> bool:
    return "_softmax" in func._schema.name


def _place() -> str:
    """The innermost line of code that is neither PyTorch's nor ours."""
    for frame in reversed(traceback.extract_stack(limit=40)):
        name = frame.filename
        if not (name.startswith((HERE, TORCH, "<")) or any(x in name for x in BETWEEN)):
            return f"{frame.filename}:{frame.lineno}: {frame.line}"
    return ""

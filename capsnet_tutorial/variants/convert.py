"""Weights from one program's layout to another's: `convert_weights`.

Programs agree about the numbers and differ in names and in the order of axes:

    ==============  =================  ==========================  ====================
    layout          matrices W         channels of a capsule       convolutions
    ==============  =================  ==========================  ====================
    "ours"          i j d e            side by side                o c y x
    "labml"         i j d e            side by side                o c y x
    "xifeng"        j i e d            side by side                o c y x
    "rotated"       j i d e            side by side                o c y x
    "tensorflow2"   1 i j e d          n_types channels apart      y x c o
    ==============  =================  ==========================  ====================

Book: chapter 11 (book/11_five.ipynb).

Axis key: i capsules below, j above, d and e their pose sizes; t capsule types; y x
places in a kernel, c o its channels in and out.
"""

from collections.abc import Iterable, Mapping

from einops import rearrange
from torch import Tensor

from capsnet_tutorial.variants.base import Variant
from capsnet_tutorial.variants.labml import Labml
from capsnet_tutorial.variants.rotated import Rotated
from capsnet_tutorial.variants.tensorflow2 import TensorFlow2
from capsnet_tutorial.variants.xifeng import Xifeng

State = Mapping[str, Tensor]
Names = dict[str, tuple[str, str, str]]  # our name -> its name, our axes, its axes

NETWORKS: dict[str, type[Variant]] = {
    "labml": Labml,
    "rotated": Rotated,
    "tensorflow2": TensorFlow2,
    "xifeng": Xifeng,
}
LAYOUTS = ("ours", *NETWORKS)
KERNEL, BIAS = "o c y x", "o"
CAPSULE_KERNEL, CAPSULE_BIAS = "(t d) c y x", "(t d)"
MATRICES = "i j d e"


def _torch_names(conv1: str, conv2: str, matrices: str, axes: str) -> Names:
    """Of a program in PyTorch, whose convolutions lie as ours do."""
    return {
        "conv.weight": (f"{conv1}.weight", KERNEL, KERNEL),
        "conv.bias": (f"{conv1}.bias", BIAS, BIAS),
        "primary_caps.conv.weight": (f"{conv2}.weight", CAPSULE_KERNEL, CAPSULE_KERNEL),
        "primary_caps.conv.bias": (f"{conv2}.bias", CAPSULE_BIAS, CAPSULE_BIAS),
        "class_caps.weight": (matrices, MATRICES, axes),
    }


NAMES: dict[str, Names] = {
    "ours": _torch_names("conv", "primary_caps.conv", "class_caps.weight", MATRICES),
    "labml": _torch_names("conv1", "conv2", "router.weight", MATRICES),
    "xifeng": _torch_names(
        "conv1", "primarycaps.conv2d", "digitcaps.weight", "j i e d"
    ),
    "rotated": _torch_names("conv1", "primary", "digits.route_weights", "j i d e"),
    "tensorflow2": {
        "conv.weight": ("conv1.kernel", KERNEL, "y x c o"),
        "conv.bias": ("conv1.bias", BIAS, BIAS),
        "primary_caps.conv.weight": (
            "prim_cap.conv2.kernel",
            CAPSULE_KERNEL,
            "y x c (d t)",
        ),
        "primary_caps.conv.bias": ("prim_cap.conv2.bias", CAPSULE_BIAS, "(d t)"),
        "class_caps.weight": ("digit_cap.wij", MATRICES, "1 i j e d"),
    },
}
DECODER = "decoder."  # the same names and axes wherever there is one


def convert_weights(
    state: State, from_: str, to: str, repair: Iterable[str] = ()
) -> dict[str, Tensor]:
    """Trained weights of one program, as another expects them.

    Args:
        state: names and tensors: a state_dict, or TensorFlow's variables as tensors.
        from_, to: names of layouts, of which one is "ours".
        repair: what is mended in the other program; see `Variant.repairs`.  Repairs
            that do not change outputs need not be named.

    Returns:
        A state_dict; no number is changed, so there and back is exact.  Of a network
        without a decoder it has none.

    Raises:
        ValueError: if a layout is unknown, if the state lacks a tensor or has one too
            many, or if the other program computes something else with these weights.

    >>> from capsnet_tutorial import CapsNet
    >>> theirs = convert_weights(
    ...     CapsNet().state_dict(), "ours", "xifeng", repair=["view"]
    ... )
    >>> theirs["digitcaps.weight"].shape
    torch.Size([10, 1152, 16, 8])
    """
    layouts = {from_, to}
    if not layouts <= set(LAYOUTS) or "ours" not in layouts:
        raise ValueError(
            f'convert_weights: from {from_!r} to {to!r}; pass "ours" and one of '
            f"{', '.join(LAYOUTS)}"
        )
    for layout in layouts - {"ours"}:
        _check_outputs(NETWORKS[layout], set(repair))
    source, target = NAMES[from_], NAMES[to]
    decoder = {name: x for name, x in state.items() if name.startswith(DECODER)}
    _check_names(state.keys() - decoder.keys(), {name for name, *_ in source.values()})
    d = _pose_dim(state, from_)
    converted = {}
    for ours in NAMES["ours"]:
        name, _, before = source[ours]
        new_name, _, after = target[ours]
        sizes = {"d": d} if "t" in before else {}
        converted[new_name] = rearrange(
            state[name], f"{before} -> {after}", **sizes
        ).contiguous()
    return converted | decoder


def _pose_dim(state: State, layout: str) -> int:
    """Numbers per primary capsule, from the shape of the matrices."""
    name, _, axes = NAMES[layout]["class_caps.weight"]
    return state[name].shape[axes.split().index("d")]


def _check_names(found: set[str], expected: set[str]) -> None:
    if found != expected:
        raise ValueError(
            f"convert_weights: missing {sorted(expected - found)}, "
            f"unexpected {sorted(found - expected)}"
        )


def _check_outputs(network: type[Variant], mended: set[str]) -> None:
    """Refuse weights that the other program uses in another way."""
    unknown = mended - network.repairs.keys()
    left = [
        f'"{name}": {repair.written} (`{repair.line}`)'
        for name, repair in network.repairs.items()
        if repair.outputs and name not in mended
    ]
    if unknown or left:
        problem = f"unknown repairs {sorted(unknown)}; " if unknown else ""
        raise ValueError(
            f"convert_weights: {problem}with these weights {network.__name__} gives "
            "other outputs, unless it was mended, and has learned, with "
            + "; ".join(left)
        )

"""Weights of a trained model for the explorers: what a notebook sends to the page."""

from dataclasses import asdict

import torch
from torch import Tensor

from capsnet_tutorial.capsnet import CapsNet
from capsnet_tutorial.explorers.bundle import parts

LARGEST = 2_500_000  # parameters: more is too slow in a browser, and long to send


def pack(model: CapsNet) -> tuple[dict, bytes]:
    """Header and block of half-precision numbers, see parts.py; the model stays as is.

    Args:
        model: any small CapsNet of this package, in any dtype, on any device.

    Raises:
        TypeError: if the model is not a CapsNet.
        ValueError: if it is too large, has other parameters than a CapsNet of its
            config, or numbers that half precision cannot hold.

    >>> from capsnet_tutorial import load_pretrained
    >>> header, block = pack(load_pretrained("tiny"))
    >>> header["tensors"]["conv.weight"]["shape"], len(block)
    ([32, 1, 9, 9], 1584672)
    """
    if not isinstance(model, CapsNet):
        raise TypeError(
            f"explorers: the model is a {type(model).__name__}; pass a CapsNet of "
            'this package, for example load_pretrained("tiny")'
        )
    weights = model.state_dict()
    _check_shapes(model, weights)
    config = asdict(model.config) | {"n_iters": model.class_caps.router.n_iters}
    return parts.pack(
        config,
        {name: (tuple(x.shape), _half(name, x)) for name, x in weights.items()},
    )


def _check_shapes(model: CapsNet, weights: dict[str, Tensor]) -> None:
    size = sum(x.numel() for x in weights.values())
    if size > LARGEST:
        raise ValueError(
            f"explorers: the model has {size:,} parameters, more than {LARGEST:,}: too "
            'slow in a browser; pass a smaller one, like PRESETS["small"]'
        )
    with torch.device("meta"):
        expected = CapsNet(model.config).state_dict()
    for name in sorted(weights.keys() | expected.keys()):
        found, fits = (
            tuple(x[name].shape) if name in x else None for x in (weights, expected)
        )
        if found != fits:
            raise ValueError(
                f"explorers: {name} has shape {found}, and in a CapsNet of this config "
                f"{fits}; the page can only run a CapsNet that was not changed"
            )


def _half(name: str, tensor: Tensor) -> bytes:
    half = tensor.detach().to("cpu", torch.float16)
    if not half.isfinite().all():
        raise ValueError(
            f"explorers: {name} has numbers that are infinite, not a number, or above "
            "65,504; half precision cannot hold them"
        )
    return half.contiguous().numpy().astype("<f2").tobytes()

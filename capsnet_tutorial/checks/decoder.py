"""Does the decoder of a network, in training, see the capsule of the true class?

Axis key: b examples, j class capsules.
"""

import copy
import inspect

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from capsnet_tutorial.checks.checkup import Checkup
from capsnet_tutorial.checks.outputs import tensors_of


def decoder(one: Checkup) -> None:
    if one.said.reconstruction is None:
        one.unseen("decoder", "no output is as large as an image")
        return
    net = copy.deepcopy(one.net).train()
    a = torch.arange(one.n) % one.n_classes
    b = (a + 1) % one.n_classes
    for form in (_float_flags, _bool_flags, _labels, _long_flags):
        try:
            drawn = [
                _drawn(one, net, form(y, one.n_classes).to(one.images.device))
                for y in (a, b)
            ]
        except Exception:
            continue
        if all(x is not None for x in drawn):
            break
    else:
        if _takes_one(one.net):
            one.found(
                "masked-by-prediction",
                "in training, the decoder sees the capsule of the true class",
                "the network takes images alone: it cannot know the class",
                "its signature",
            )
        else:
            one.unseen("decoder", "it takes no labels that were tried")
        return
    if torch.equal(*drawn):
        one.found(
            "masked-by-prediction",
            "in training, other labels give other reconstructions",
            "they are the same, whatever the label",
            "two labels for one image, in training mode",
        )
    else:
        one.right("in training, the decoder sees the true class")


def _drawn(one: Checkup, net: nn.Module, given: Tensor) -> Tensor | None:
    if given.is_floating_point():
        given = given.to(one.images)
    with torch.no_grad():
        said = tensors_of(net(one.images, given))
        same = [x for x in said if x[0].numel() == one.images[0].numel()]
    return same[0] if same else None


def _float_flags(y: Tensor, j: int) -> Tensor:
    return F.one_hot(y, j).float()


def _bool_flags(y: Tensor, j: int) -> Tensor:
    return F.one_hot(y, j).bool()


def _long_flags(y: Tensor, j: int) -> Tensor:
    return F.one_hot(y, j)


def _labels(y: Tensor, j: int) -> Tensor:
    return y


def _takes_one(net: nn.Module) -> bool:
    try:
        return len(inspect.signature(net.forward).parameters) == 1
    except (TypeError, ValueError):
        return False

"""A doctor for capsule networks: which bugs of the museum does a program have?

    from capsnet_tutorial.checks import check
    print(check(net))

report.py    findings, choices, and what could not be seen
parts.py     single functions: squash, router, primary capsules
losses.py    the two losses
network.py   a network as a whole, look by look:
capsules.py  its capsules below
routing.py   its couplings and logits
answers.py   what it answers to neighbours, strong weights, a blank image
decoder.py   whose capsule its decoder sees

checkup.py   what these share, with the help of
outputs.py   what a network takes and says
trace.py     all its operations, however it is written
couplings.py the softmaxes among them that couple
axes.py      which axis is which
named.py     the network that somebody names in a shell

Book: chapter 12 (book/12_museum.ipynb).
"""

import contextlib
import copy
import warnings
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from capsnet_tutorial.checks.losses import check_margin_loss, check_reconstruction_loss
from capsnet_tutorial.checks.network import BATCHES, check_network
from capsnet_tutorial.checks.outputs import guess_images, read
from capsnet_tutorial.checks.parts import check_primary, check_router, check_squash
from capsnet_tutorial.checks.report import Finding, Report

__all__ = [
    "Finding",
    "Report",
    "check",
    "check_margin_loss",
    "check_primary",
    "check_reconstruction_loss",
    "check_router",
    "check_squash",
]


def check(
    model: nn.Module,
    images: Tensor | None = None,
    *,
    n_classes: int | None = None,
    votes: str | None = None,
    router: Callable | None = None,
    primary: Callable | None = None,
    squash: Callable | None = None,
    margin_loss: Callable | None = None,
    reconstruction_loss: Callable | None = None,
) -> Report:
    """What of [S17] does not hold in a network, however it is written?

    The network says lengths (examples, classes) or poses (examples, classes, pose
    size), alone or among other things.  It is copied first; the copy looks at a few
    images, in test mode, and its operations are watched.  The network, its weights and
    the state of all random numbers stay as they are.

    Args:
        model: from images, or from whatever `images` is.
        images: a few of its inputs, 5 or more; found, if None.
        n_classes: how many class capsules there are; found, if None.
        votes: the order of axes in the router's votes, such as "b j i e".
        router, primary, squash, margin_loss, reconstruction_loss: parts of the program,
            each checked by its own function as well.

    Raises:
        TypeError: if the model is no module, or cannot be copied.
        ValueError: if no input is found that it takes, or it says nothing that could be
            class capsules.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(
            f"check: the model is a {type(model).__name__}; pass a torch.nn.Module, or "
            "use check_router, check_squash and their kind for functions"
        )
    try:
        net = copy.deepcopy(model).eval()
    except Exception as error:
        raise TypeError(f"check: the model cannot be copied: {error}") from error
    device = next((p.device for p in net.parameters()), torch.device("cpu"))
    cuda = [device] if device.type == "cuda" else []
    with (
        torch.random.fork_rng(devices=cuda),
        _left_as_it_was(model),
        warnings.catch_warnings(action="ignore"),  # of programs that are not ours
    ):
        torch.manual_seed(0)
        net, images = _in_double(net, images, device)
        report = check_network(net, images, n_classes)
        parts = [
            (router, lambda f: check_router(f, axes=votes)),
            (primary, check_primary),
            (squash, check_squash),
            (margin_loss, check_margin_loss),
            (reconstruction_loss, check_reconstruction_loss),
        ]
        for part, how in parts:
            if part is not None:
                report.add(how(copy.deepcopy(part)))
    if margin_loss is None:
        report.unchecked["margin loss"] = "it was not passed: margin_loss="
    if reconstruction_loss is None:
        why = "it was not passed: reconstruction_loss="
        report.unchecked["reconstruction loss"] = why
    return report


@contextlib.contextmanager
def _left_as_it_was(model: nn.Module) -> Iterator[None]:
    """Hooks of the copy may still reach into the model: what they change is undone."""
    state = copy.deepcopy(model.state_dict())
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        with torch.no_grad():
            for name, value in model.state_dict().items():
                if isinstance(value, Tensor):
                    value.copy_(state[name])
        for module, training in modes:
            module.training = training


def _in_double(
    net: nn.Module, images: Tensor | None, device: torch.device
) -> tuple[nn.Module, Tensor]:
    """In float64, if it can: then what differs at all differs for a reason."""
    for dtype in (torch.float64, torch.float32):
        candidate = copy.deepcopy(net).to(dtype)
        given = images
        if given is None:
            given = guess_images(candidate, BATCHES[0])
        if given is None:
            continue
        given = given.detach().to(device, dtype)
        try:
            read(candidate, given)
        except Exception:
            if dtype == torch.float32 and images is not None:
                raise
            continue
        return candidate, given
    raise ValueError(
        "check: no images were found that the network takes; pass images=, a batch of 5"
    )

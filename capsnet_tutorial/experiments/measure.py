"""What is measured of a trained network, and on which digits.

Axis key: b examples, c h w channels, height, width.
"""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float, Integer
from torch import Tensor, nn

from capsnet_tutorial.digits import load_mnist, shift_images
from capsnet_tutorial.experiments.routes import routes
from capsnet_tutorial.experiments.turning import equivariance, moved_digits
from capsnet_tutorial.losses import present_classes, reconstruction_loss
from capsnet_tutorial.overlaps import held_out_pairs, two_longest
from capsnet_tutorial.runs import TrainConfig
from capsnet_tutorial.stacking import gradients_by_layer, lengths_by_layer
from capsnet_tutorial.training import paper_losses, predict

BATCH = 128  # of the counts that are made wrongly
Digits = tuple[Float[Tensor, "b c h w"], Integer[Tensor, " b"]]


def _held_out() -> Digits:
    """The last 5,000 of MNIST's training set; none of them is a mini digit."""
    return load_mnist("val", "full").tensors


def _mini_val() -> Digits:
    """The 500 mini digits that are held out: for a machine without MNIST."""
    return load_mnist("val", "mini").tensors


def _others() -> Digits:
    """MNIST's training digits that are not among the 5,000 mini ones."""
    (images, labels), (mini, _) = (
        load_mnist("trainval", source).tensors for source in ("full", "mini")
    )
    known = {image.numpy().tobytes() for image in mini}
    new = torch.tensor([image.numpy().tobytes() not in known for image in images])
    return images[new], labels[new]


COUNT_ON: dict[str, Callable[[], Digits]] = {
    "val": _held_out,
    "mini-val": _mini_val,
    "others": _others,
}


def errors(net: nn.Module, config: TrainConfig, digits: Digits) -> dict[str, Any]:
    """Which digits are named wrongly."""
    images, labels = digits
    wrong = (predict(net, images) != labels).nonzero().flatten().tolist()
    return {"n": len(labels), "errors": len(wrong), "wrong": wrong}


@torch.no_grad()
def pairs(net: nn.Module, config: TrainConfig, digits: Digits) -> dict[str, Any]:
    """Of which pairs of these digits not both are named; see overlaps/pairs.py."""
    device = digits[0].device
    made = held_out_pairs(*(x.cpu() for x in digits))  # the same ones everywhere
    parts = made.images.to(device).split(250)
    lengths = torch.cat([net(part).lengths for part in parts])
    found = (two_longest(lengths) & made.present.to(device)).sum(dim=-1)
    wrong = (found < 2).nonzero().flatten().tolist()
    return {
        "n": len(found),
        "errors": len(wrong),
        "none_found": int((found == 0).sum()),
        "wrong": wrong,
    }


@torch.no_grad()
def start(net: nn.Module, config: TrainConfig, digits: Digits) -> dict[str, Any]:
    """Lengths and loss of the network before its first step, on the first digits."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        fresh = config.network().eval()
    images, labels = (x[:128] for x in digits)
    fresh.to(images.device)
    present = present_classes(labels, 10)
    output = fresh(images, present)
    losses = getattr(fresh, "losses", paper_losses)(output, images, present)
    lengths = output.lengths
    if output.pose is not None:  # before a softmax of the lengths, if there is one
        lengths = torch.linalg.vector_norm(output.pose, dim=-1)
    return {
        "mean_length": lengths.mean().item(),
        "longest": lengths.max().item(),
        "loss": losses.margin.item(),
    }


@torch.no_grad()
def after(net: nn.Module, config: TrainConfig, digits: Digits) -> dict[str, Any]:
    """Lengths and reconstructions of the trained network, on the first 1,000 digits."""
    images, labels = (x[:1000] for x in digits)
    present = present_classes(labels, 10)
    output = net(images, present)
    drawn = output.reconstruction
    return {
        "true_length": output.lengths[present].mean().item(),
        "other_length": output.lengths[~present].mean().item(),
        "longest": output.lengths.max().item(),
        "squared_error": drawn is not None
        and reconstruction_loss(drawn, images).item(),
    }


@torch.no_grad()
def miscounts(net: nn.Module, config: TrainConfig, digits: Digits) -> dict[str, Any]:
    """Wrong digits, and what becomes of their number when it is counted wrongly."""
    images, labels = digits
    right = predict(net, images) == labels
    batches = right.split(BATCH)
    random = torch.Generator().manual_seed(config.seed)
    moves = torch.randint(5, (2, len(labels)), generator=random) - 2
    moved = predict(net, shift_images(images, moves.to(images.device)))
    stale = predict(net, images).roll(BATCH)
    first = images[:1000], labels[:1000]
    return {
        "errors": (~right).sum().item(),
        "errors_on_moved": (moved != labels).sum().item(),
        "errors_of_the_batch_before": (stale != labels).sum().item(),
        "mean_of_batch_accuracies": torch.stack(
            [batch.float().mean() for batch in batches]
        )
        .mean()
        .item(),
        "errors_without_the_last_batch": sum(
            (~batch).sum().item() for batch in batches if len(batch) == BATCH
        ),
        "errors_of_1000_by_batch_size": {
            str(size): (predict(net, first[0], size) != first[1]).sum().item()
            for size in (1, 8, 250)
        },
    }


def layers(net: nn.Module, config: TrainConfig, digits: Digits) -> dict[str, Any]:
    """Lengths in each layer of capsules before the first step and now; gradients."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        fresh = config.network().eval()
    images, labels = (x[:200] for x in digits)
    fresh.to(images.device)
    return {
        "start_lengths": lengths_by_layer(fresh, images),
        "start_gradients": gradients_by_layer(fresh, images, labels),
        "lengths": lengths_by_layer(net, images),
    }


MEASURES: dict[str, Callable[..., dict[str, Any]]] = {
    "errors": errors,
    "start": start,
    "after": after,
    "miscounts": miscounts,
    "moved": moved_digits,
    "equivariance": equivariance,
    "routes": routes,
    "pairs": pairs,
    "layers": layers,
}

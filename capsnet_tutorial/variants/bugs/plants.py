"""The bugs themselves: each function plants one in a right CapsNet, in place.

Axis key: b examples, i capsules below, j above, d and e their pose sizes, c h w
channels, height, width.
"""

import torch
from einops import einsum
from jaxtyping import Float
from torch import Tensor, nn

from capsnet_tutorial.capsnet import CapsNet
from capsnet_tutorial.layers import PrimaryCaps
from capsnet_tutorial.losses import RECONSTRUCTION_WEIGHT
from capsnet_tutorial.routing import DynamicRouter, RoutingStep
from capsnet_tutorial.squash import squash
from capsnet_tutorial.training import Losses, paper_losses

# ------------------------------------------------------------------ capsules


class ViewedPrimaryCaps(PrimaryCaps):
    def forward(self, features: Float[Tensor, "b c h w"]) -> Float[Tensor, "b i d"]:
        maps = self.conv(self.scale * features)
        return squash(maps.reshape(len(maps), -1, self.pose_dim))


class AcrossPrimaryCaps(PrimaryCaps):
    def forward(self, features: Float[Tensor, "b c h w"]) -> Float[Tensor, "b i d"]:
        maps = self.conv(self.scale * features)
        capsules = maps.unflatten(1, (-1, self.pose_dim)).movedim(2, -1).flatten(1, 3)
        return squash(capsules.mT).mT


def view_mixes_pixels(net: CapsNet) -> None:
    net.primary_caps.__class__ = ViewedPrimaryCaps


def squash_wrong_axis(net: CapsNet) -> None:
    net.primary_caps.__class__ = AcrossPrimaryCaps


def batchnorm_train_mode(net: CapsNet) -> None:
    """Statistics of the batch, in a test, too: as when nobody calls `eval()`."""
    norm = nn.BatchNorm2d(net.config.image_shape[0], track_running_stats=False)
    net.conv.norm = norm
    net.conv.register_forward_pre_hook(lambda conv, inputs: (conv.norm(*inputs),))


# ------------------------------------------------------------------ routing


class Router(DynamicRouter):
    """Procedure 1, its lines as methods, so that a bug may replace one of them."""

    def couple(self, logits: Float[Tensor, "b i j"]) -> Tensor:
        return logits.softmax(dim=-1)

    def squash(self, total: Float[Tensor, "b j e"]) -> Float[Tensor, "b j e"]:
        return squash(total)

    def update(self, logits: Tensor, agreement: Tensor) -> Tensor:
        return logits + agreement

    def steps(self, votes, bias=0.0):
        logits = votes.new_zeros(votes.shape[:3])
        for _ in range(self.n_iters):
            coupling = self.couple(logits)
            total = einsum(coupling, votes, "b i j, b i j e -> b j e")
            pose = self.squash(total + bias)
            agreement = einsum(votes, pose, "b i j e, b j e -> b i j")
            yield RoutingStep(coupling, pose, agreement)
            logits = self.update(logits, agreement)


class OverChildren(Router):
    def couple(self, logits):
        return logits.softmax(dim=1)


class SharedLogits(Router):
    def update(self, logits, agreement):
        return logits + agreement.mean(dim=0)


class LogitsPerFeature(DynamicRouter):
    def steps(self, votes, bias=0.0):
        logits = torch.zeros_like(votes)
        for _ in range(self.n_iters):
            coupling = logits.softmax(dim=2)  # b i j e
            pose = squash((coupling * votes).sum(dim=1) + bias)
            agreement = votes * pose[:, None]
            yield RoutingStep(coupling.mean(dim=-1), pose, agreement.sum(dim=-1))
            logits = logits + agreement


class LogitsReplaced(Router):
    def update(self, logits, agreement):
        return agreement


class SquashPerNumber(Router):
    def squash(self, total):
        return squash(total[..., None])[..., 0]


class DividingSquash(Router):
    def squash(self, total):
        n2 = (total**2).sum(dim=-1, keepdim=True)
        return n2 / (1 + n2) * total / n2.sqrt()


def _routed_by(router: type[DynamicRouter]):
    def plant(net: CapsNet) -> None:
        net.class_caps.router = router(net.config.n_iters)

    return plant


softmax_over_children = _routed_by(OverChildren)
shared_logits = _routed_by(SharedLogits)
logits_per_feature = _routed_by(LogitsPerFeature)
logits_replaced = _routed_by(LogitsReplaced)
squash_per_number = _routed_by(SquashPerNumber)
norm_nan = _routed_by(DividingSquash)


@torch.no_grad()
def weights_too_large(net: CapsNet) -> None:
    net.class_caps.weight.mul_(10)  # sd 1 for the paper's sizes


@torch.no_grad()
def weights_too_small(net: CapsNet) -> None:
    net.class_caps.weight.mul_(0.1)  # sd 0.01


# ------------------------------------------------------------------ lengths and losses


def softmax_on_lengths(net: CapsNet) -> None:
    def softened(net, inputs, output):
        return output._replace(lengths=output.lengths.softmax(dim=-1))

    net.register_forward_hook(softened)


def masked_by_prediction(net: CapsNet) -> None:
    net.register_forward_pre_hook(lambda net, inputs: inputs[:1])  # not `present`


def missing_square(net: CapsNet) -> None:
    def losses(output, images, present) -> Losses:
        short = (0.9 - output.lengths).clamp(min=0)
        long = (output.lengths - 0.1).clamp(min=0)
        margin = torch.where(present, short, 0.5 * long).sum(dim=-1).mean()
        _, _, error = paper_losses(output, images, present)
        return Losses(margin + RECONSTRUCTION_WEIGHT * error, margin, error)

    net.losses = losses


def mean_reconstruction(net: CapsNet) -> None:
    weight = RECONSTRUCTION_WEIGHT

    def losses(output, images, present) -> Losses:
        margin, _, _ = paper_losses(output, images, present, 0.0)
        error = ((output.reconstruction - images) ** 2).mean()
        return Losses(margin + weight * error, margin, error)

    net.losses = losses


def normalised_target(net: CapsNet) -> None:
    net.losses = lambda output, images, present: paper_losses(
        output, (images - 0.1307) / 0.3081, present
    )

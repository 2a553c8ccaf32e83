"""The couplings of two digits, changed for one another.  Chapter 17."""

import torch
import traitlets
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from capsnet_tutorial.capsnet import CapsNet
from capsnet_tutorial.explorers.base import Number, Whole, code
from capsnet_tutorial.explorers.network import NetworkExplorer
from capsnet_tutorial.explorers.presets import preset_digits
from capsnet_tutorial.plots import explorers as pictures
from capsnet_tutorial.squash import squash


class SwapExplorer(NetworkExplorer):
    """What a network says of two digits, with their own couplings or with others.

    >>> SwapExplorer(share=1)
    SwapExplorer: with 100 % of the other's couplings, 0 is read as 1 and 1 as 0.

    Args:
        model: any small CapsNet of this package for images of 28 x 28; `tiny` if None.
        **traits: the state, as follows.

    Attributes:
        one, two: numbers of two digits of the book, 0 to 19, two of each class.
        share: how much of their couplings is the other digit's, from 0 to 1; the rest
            is their own.
        even: couplings are the same for each class, whatever `share` says.

    Raises:
        TypeError, ValueError: if the page cannot run the model, or it sees images of
            another shape.
    """

    _esm, _css = code("swap")

    one = Whole(0, min=0, max=19).tag(sync=True)
    two = Whole(2, min=0, max=19).tag(sync=True)
    share = Number(0, min=0, max=1).tag(sync=True)
    even = traitlets.Bool(False).tag(sync=True)

    def __init__(self, model: CapsNet | None = None, **traits):
        super().__init__(model, **traits)
        if self.model.config.image_shape != (1, 28, 28):
            raise ValueError(
                f"SwapExplorer: the model sees images of "
                f"{self.model.config.image_shape}, and the digits are (1, 28, 28)"
            )

    @property
    def used(self) -> Float[Tensor, "2 i j"]:
        """The couplings that weigh the votes of the two digits."""
        return self._seen()[1]

    @property
    def lengths(self) -> Float[Tensor, "2 j"]:
        """Of all class capsules, for both digits."""
        votes, coupling = self._seen()
        total = (coupling[..., None] * votes).sum(dim=1)
        bias = self.model.class_caps.bias
        return squash(total if bias is None else total + bias).norm(dim=-1)

    @torch.no_grad()
    def _seen(self) -> tuple[Tensor, Tensor]:
        """Votes (2 i j e) and the couplings that weigh them (2 i j)."""
        net = self.model
        images = preset_digits()[0][[self.one, self.two]]
        images = images.to(net.conv.weight.device, net.conv.weight.dtype)
        votes = net.class_caps.votes(net.primary_caps(net.conv(images).relu()))
        bias = 0.0 if net.class_caps.bias is None else net.class_caps.bias
        *_, last = net.class_caps.router.steps(votes, bias)
        own = last.coupling
        if self.even:
            return votes, torch.full_like(own, 1 / own.shape[-1])
        return votes, torch.lerp(own, own.flip(0), self.share)

    def picture(self) -> Figure:
        images = preset_digits()[0][[self.one, self.two], 0]
        return pictures.swap(images, self.lengths, self.used.mean(dim=1))

    def __repr__(self) -> str:
        labels = preset_digits()[1][[self.one, self.two]].tolist()
        answers = self.lengths.argmax(dim=1).tolist()
        whose = f"{self.share:.0%}".replace("%", " %") + " of the other's couplings"
        with_ = "even couplings" if self.even else whose
        first, second = (
            f"{label} is read as {answer}" if n == 0 else f"{label} as {answer}"
            for n, (label, answer) in enumerate(zip(labels, answers, strict=True))
        )
        return f"{type(self).__name__}: with {with_}, {first} and {second}."

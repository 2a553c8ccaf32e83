"""Routing of a real digit: a trained network, iteration by iteration.  Chapter 6."""

import base64
import functools
import json
import math
from pathlib import Path

import numpy as np
import torch
import traitlets
from einops import einsum
from matplotlib.figure import Figure
from torch import Tensor

from capsnet_tutorial.capsnet import ROUNDING, CapsNet
from capsnet_tutorial.explorers.base import Whole, code
from capsnet_tutorial.explorers.network import NetworkExplorer
from capsnet_tutorial.explorers.presets import preset_digits
from capsnet_tutorial.plots import explorers as pictures
from capsnet_tutorial.routing import DynamicRouter, RoutingStep

CONSTANTS = json.loads(Path(__file__).with_name("constants.json").read_text())
PASSES = CONSTANTS["passes"]
RUBBER = CONSTANTS["rubber"]  # pixels from the middle of the eraser to its edge
STORED = Path(__file__).parents[1] / "model" / "stored.js"
LN2 = math.log(2)


class DigitRoutingExplorer(NetworkExplorer):
    """Who votes for whom in one image, after each iteration of routing.

    >>> DigitRoutingExplorer(iterations=1)
    DigitRoutingExplorer: after iteration 1 of routing 4 is longest, 0.42, then 5, 0.03.

    Args:
        model: any small CapsNet of this package; `tiny` if None.
        image: (c h w) or (h w), pixels from 0 to 1; the digits of the book if None.
        **traits: the state, as follows.

    Attributes:
        digit: number of a digit of the book, or None for your own image.
        iterations: of routing, 1 to 10.
        chosen: the class that is looked at, or None for the longest.
        type: the type of primary capsules that is looked at, or None for all.
        place: their place, row * columns + column, or None for all.
        squares: what the squares are, "votes" or "couplings".
        ink: what colours the ink, "votes" or "effect" of rubbing it out.
        erased: where the eraser was, row * width + column of each spot.

    Raises:
        TypeError, ValueError: if the page cannot run the model, or the image does not
            fit it.
    """

    _esm, _css = code("digit_routing")

    image = traitlets.Bytes().tag(sync=True)
    digit = Whole(8, min=0, max=20, allow_none=True).tag(sync=True)
    iterations = Whole(3, min=1, max=PASSES).tag(sync=True)
    chosen = Whole(None, allow_none=True).tag(sync=True)
    type = Whole(None, allow_none=True).tag(sync=True)
    place = Whole(None, allow_none=True).tag(sync=True)
    squares = traitlets.Enum(["votes", "couplings"], "votes").tag(sync=True)
    ink = traitlets.Enum(["votes", "effect"], "votes").tag(sync=True)
    erased = traitlets.List(Whole()).tag(sync=True)

    @traitlets.validate("chosen", "type", "place", "erased")
    def _in_the_network(self, proposal):
        """A class, a type, a place, spots: of this network and its image."""
        name, value = proposal["trait"].name, proposal["value"]
        config = self.model.config
        most = {
            "chosen": config.n_classes,
            "type": config.primary_types,
            "place": math.prod(config.grid),
            "erased": math.prod(config.image_shape[1:]),
        }[name]
        numbers = value if name == "erased" else [value] if value is not None else []
        if not all(0 <= n < most for n in numbers):
            raise traitlets.TraitError(
                f"DigitRoutingExplorer: {name} is {value}; pass 0 to {most - 1}"
            )
        return value

    def __init__(
        self, model: CapsNet | None = None, image: Tensor | None = None, **traits
    ):
        if image is not None:
            traits = {"digit": None, **traits}
        super().__init__(model, **traits)
        shape = self.model.config.image_shape
        if image is not None:
            self.image = _checked(image, shape).numpy().astype("<f4").tobytes()
        elif shape != (1, 28, 28):
            raise ValueError(
                f"DigitRoutingExplorer: the model sees images of shape {shape}, and "
                "digits of the book are (1, 28, 28); pass image=..."
            )

    @property
    def own(self) -> Tensor | None:
        """The image of your own (c h w), or None."""
        if not self.image:
            return None
        pixels = torch.from_numpy(np.frombuffer(self.image, "<f4").copy())
        return pixels.reshape(self.model.config.image_shape)

    @property
    def pixels(self) -> Tensor:
        """The image that the network sees, (c h w): without what is rubbed out."""
        shape = self.model.config.image_shape
        own = self.own if self.digit is None else None
        pixels = offered_digits()[self.digit or 0].clone() if own is None else own
        rows, columns = torch.meshgrid(*map(torch.arange, shape[1:]), indexing="ij")
        for spot in self.erased:
            row, column = divmod(spot, shape[2])
            under = (rows - row) ** 2 + (columns - column) ** 2 <= RUBBER**2
            pixels[:, under] = 0
        return pixels

    @property
    def lengths(self) -> Tensor:
        """Lengths of the class capsules (j) after so many iterations."""
        return self._passes()[1][self.iterations - 1].pose[0].norm(dim=-1)

    @property
    def coupling(self) -> Tensor:
        """Couplings (i j) that the last of these iterations used."""
        return self._passes()[1][self.iterations - 1].coupling[0]

    @property
    def shares(self) -> Tensor:
        """What each capsule below gives to |s_j|, (i j): c_ij vote_ij . s_j / |s_j|."""
        votes, coupling = self._passes()[0][0], self.coupling
        total = einsum(coupling, votes, "i j, i j e -> j e") + self._bias()
        unit = total / total.norm(dim=-1, keepdim=True)
        return coupling * einsum(votes, unit, "i j e, j e -> i j")

    def _bias(self) -> Tensor | float:
        return 0.0 if self.model.class_caps.bias is None else self.model.class_caps.bias

    @torch.no_grad()
    def _passes(self) -> tuple[Tensor, list[RoutingStep]]:
        """The votes (1 i j e), and all iterations of routing for them."""
        model, weight = self.model, self.model.conv.weight
        image = self.pixels[None].to(weight.device, weight.dtype)
        votes = model.class_caps.votes(model.primary_caps(model.conv(image).relu()))
        return votes, list(DynamicRouter(PASSES).steps(votes, self._bias()))

    def picture(self) -> Figure:
        steps = self._passes()[1]
        lengths = torch.cat([step.pose.norm(dim=-1) for step in steps])
        bits = [torch.special.entr(s.coupling).sum(-1).mean() / LN2 for s in steps]
        chosen = self.chosen
        if chosen is None:
            chosen = int(self.lengths.argmax())
        shares = self.shares[:, chosen].unflatten(0, (-1, *self.model.config.grid))
        return pictures.digit_routing(
            self.pixels.mean(0), shares.sum(0), lengths, bits, self.iterations, chosen
        )

    def __repr__(self) -> str:
        lengths = self.lengths
        order = lengths.argsort(descending=True).tolist()
        said = [f"{j} is longest, {lengths[j]:.2f}" for j in order[:1]]
        said += [f"then {j}, {lengths[j]:.2f}" for j in order[1:2]]
        name = type(self).__name__
        return (
            f"{name}: after iteration {self.iterations} of routing {', '.join(said)}."
        )


@functools.cache
def offered_digits() -> Tensor:
    """Two digits of each class, then the 4 that is nearly a 9: (21 1 28 28)."""
    text = STORED.read_text(encoding="utf-8").partition("export const stored = ")[2]
    box = json.loads(text.rstrip("\n;"))["nearlyNine"]
    ink = torch.tensor(list(base64.b64decode(box["pixels"]))).view(-1, box["width"])
    rows, columns = ink.shape
    last = torch.zeros(1, 1, 28, 28)
    last[..., box["top"] :, box["left"] :][..., :rows, :columns] = ink / 255
    return torch.cat([preset_digits()[0], last])


def _checked(image: Tensor, shape: tuple[int, int, int]) -> Tensor:
    image = torch.as_tensor(image, dtype=torch.float32).detach().cpu()
    if image.ndim == 2:
        image = image[None]
    if image.shape != shape:
        raise ValueError(
            f"DigitRoutingExplorer: image has shape {tuple(image.shape)}; the model "
            f"sees one image of shape {shape}, (channels, height, width)"
        )
    low, high = image.min().item(), image.max().item()
    if not (low >= -ROUNDING and high <= 1 + ROUNDING):
        raise ValueError(
            f"DigitRoutingExplorer: pixels run from {low:.7g} to {high:.7g}; pass "
            "pixels from 0 to 1"
        )
    return image.clamp(0, 1).contiguous()

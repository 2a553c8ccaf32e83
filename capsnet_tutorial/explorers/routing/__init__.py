"""Routing by hand: drag votes, step iterations, see who listens to whom.  Chapter 4."""

import json
from pathlib import Path

import torch
import traitlets
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from capsnet_tutorial.explorers.base import Explorer, Number, Whole, code
from capsnet_tutorial.plots import explorers as pictures
from capsnet_tutorial.routing import DynamicRouter, RoutingStep

BUNDLE, AROUND = (40, 35, 46, 38, 43, 190), (10, 80, 150, 220, 290, 355)
FIRST = [[[a, 1.0], [b, 1.0]] for a, b in zip(BUNDLE, AROUND, strict=True)]
CONSTANTS = json.loads(Path(__file__).with_name("constants.json").read_text())
FOR_A_NETWORK = "for a network, use DigitRoutingExplorer(model, image)"
MOST = CONSTANTS["most"]  # children that a hand can tell apart


def _two(part) -> traitlets.List:
    return traitlets.List(part, minlen=2, maxlen=2)


class RoutingExplorer(Explorer):
    """Up to six children vote for two parents, in the plane.

    >>> RoutingExplorer()
    RoutingExplorer: 6 children, 3 iterations; A is 0.944 long, B is 0.505 long.

    For a trained network and an image there is `DigitRoutingExplorer(model, image)`.

    Args:
        votes: (i j e) with i <= 6 children, j = 2 parents and e = 2, in place of
            `arrows`.

    Attributes:
        arrows: arrows[i][j] is the vote of child i for parent j, as [angle in degrees,
            length]; what a reader drags.
        iterations: of routing, 1 to 20; with 1 every coupling is a half.
        axis: what the softmax goes over: "parents", or "children", the famous bug.
        child: the child whose numbers are shown, counted from 0.
        reach: 2 to see votes up to that length; with 1 they end at 1.2.

    Raises:
        TypeError: if a model or an image is passed.
        ValueError: if the votes have another shape, or one is longer than 2.
    """

    _esm, _css = code("routing")

    arrows = traitlets.List(_two(_two(Number())), FIRST, minlen=1, maxlen=MOST).tag(
        sync=True
    )
    iterations = Whole(3, min=1, max=20).tag(sync=True)
    axis = traitlets.Enum(["parents", "children"], "parents").tag(sync=True)
    child = Whole(5, min=0, max=MOST - 1).tag(sync=True)
    reach = traitlets.Enum([1, 2], 1).tag(sync=True)

    def __init__(self, votes: Tensor | None = None, **traits):
        if "model" in traits or "image" in traits:
            raise TypeError(
                f"RoutingExplorer: this shows votes in the plane; {FOR_A_NETWORK}"
            )
        if votes is not None:
            traits = {"arrows": _arrows(torch.as_tensor(votes)), **traits}
            long = max(length for row in traits["arrows"] for _, length in row) > 1.2
            traits = {"reach": 1 + long, "child": len(traits["arrows"]) - 1, **traits}
        super().__init__(**traits)

    @property
    def votes(self) -> Float[Tensor, "i j e"]:
        """The votes as DynamicRouter takes them."""
        turn, length = torch.tensor(self.arrows, dtype=torch.float64).unbind(-1)
        turn = turn.deg2rad()
        return length[..., None] * torch.stack([turn.cos(), turn.sin()], dim=-1)

    @property
    def step(self) -> RoutingStep:
        """The last iteration, by the package: right, whatever `axis` is."""
        *_, last = DynamicRouter(self.iterations).steps(self.votes[None])
        return last

    def picture(self) -> Figure:
        return pictures.routing_planes(
            self.votes, self.step.coupling[0], self.step.pose[0]
        )

    def __repr__(self) -> str:
        a, b = self.step.pose[0].norm(dim=-1)
        return (
            f"RoutingExplorer: {len(self.arrows)} children, {self.iterations} "
            f"iterations; A is {a:.3f} long, B is {b:.3f} long."
        )


def _arrows(votes: Float[Tensor, "i j e"]) -> list:
    """Votes as angles and lengths."""
    if votes.ndim != 3 or votes.shape[1:] != (2, 2) or not 1 <= len(votes) <= MOST:
        raise ValueError(
            f"RoutingExplorer: votes have shape {tuple(votes.shape)}; pass (i j e) with"
            f" at most {MOST} children, 2 parents and 2 numbers; {FOR_A_NETWORK}"
        )
    turn = torch.atan2(votes[..., 1], votes[..., 0]).rad2deg() % 360
    length = votes.norm(dim=-1)
    if not (length <= 2).all():
        raise ValueError(
            f"RoutingExplorer: a vote is {length.max():.2f} long; the planes show 2"
        )
    return torch.stack([turn, length], dim=-1).tolist()

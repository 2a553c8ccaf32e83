"""Draw a digit: what a network sees of it, believes, and remembers.  Chapter 6.

Axis key: c h w channels, height, width; j classes; e pose size above.
"""

import base64
import math

import torch
import traitlets
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from capsnet_tutorial.capsnet import CapsNet, CapsNetConfig, CapsNetOutput
from capsnet_tutorial.encoding.perturb import REACH
from capsnet_tutorial.explorers.base import Number, Whole, code
from capsnet_tutorial.explorers.network import NetworkExplorer
from capsnet_tutorial.explorers.presets import preset_digits
from capsnet_tutorial.plots import explorers as pictures

SHAPE = (1, 28, 28)  # what the pad draws


class Playground(NetworkExplorer):
    """A pad to draw on, and all that the network makes of the drawing.

    >>> Playground(digit=6)
    Playground: digit 6 of the twenty; capsule 3 is the longest, 0.94.

    Args:
        model: any small CapsNet for images of 1 x 28 x 28; `tiny` if None.
        **traits: the state.

    Attributes:
        digit: which of twenty stored digits lies on the pad, or None.
        strokes: what was drawn: lists of points [x, y] from 0 to 255, y downwards.
        second: another of the twenty, on top of that, or None.
        pen: width of the strokes, in pixels of the network's image.
        centred: move and scale strokes as MNIST did.
        angle, scale, right, down: how all of that is turned (degrees, to the left),
            scaled, and shifted (pixels), afterwards.
        capsule: whose memory is shown; None for the longest.
        change: by how many `spread` each number of its pose was changed; [] for none.
        spread: for each class and number, one unit of `change`; sliders go two of them
            to each side.  For `tiny`, [] is its standard deviations, else half of what
            [S17] changes a number by.
        show: which part is open: "digit", "turn", "pose" or "second".
        seen: the image that the network got, 784 bytes; the page sets it.

    Raises:
        TypeError, ValueError: if the page cannot run the model; see `pack`.
    """

    _esm, _css = code("playground")

    show = traitlets.Enum(("digit", "turn", "pose", "second"), "digit").tag(sync=True)
    digit = Whole(11, min=0, max=19, allow_none=True).tag(sync=True)
    strokes = traitlets.List(
        traitlets.List(
            traitlets.List(Number(min=0, max=255), minlen=2, maxlen=2), minlen=1
        )
    ).tag(sync=True)
    second = Whole(None, min=0, max=19, allow_none=True).tag(sync=True)
    pen = Number(2.5, min=1, max=4).tag(sync=True)
    centred = traitlets.Bool(True).tag(sync=True)
    angle = Number(0, min=-180, max=180).tag(sync=True)
    scale = Number(1, min=0.3, max=2).tag(sync=True)
    right = Number(0, min=-14, max=14).tag(sync=True)
    down = Number(0, min=-14, max=14).tag(sync=True)
    capsule = Whole(None, allow_none=True).tag(sync=True)
    change = traitlets.List(Number(min=-2, max=2)).tag(sync=True)
    spread = traitlets.List().tag(sync=True)
    example = traitlets.Dict().tag(sync=True)  # shown until the network has loaded
    seen = traitlets.CBytes().tag(sync=True)  # a page sends a memoryview

    @traitlets.validate("capsule")
    def _a_capsule(self, proposal):
        most = self.model.config.n_classes - 1
        if proposal["value"] is not None and not 0 <= proposal["value"] <= most:
            raise traitlets.TraitError(
                f"Playground: capsule is {proposal['value']}; pass 0 to {most}, or None"
            )
        return proposal["value"]

    @traitlets.validate("change", "seen")
    def _as_long(self, proposal):
        """As many changes as a pose has numbers; a whole image; or nothing."""
        name, value = proposal["trait"].name, proposal["value"]
        long = {"change": self.model.config.class_dim, "seen": math.prod(SHAPE)}[name]
        if len(value) not in (0, long):
            raise traitlets.TraitError(
                f"Playground: {name} has {len(value)} numbers; pass {long}, or none"
            )
        return value

    def __init__(self, model: CapsNet | None = None, **traits):
        if isinstance(model, CapsNet) and model.config.image_shape != SHAPE:
            raise ValueError(
                f"Playground: the model takes images of {model.config.image_shape}; "
                f"the pad draws {SHAPE}, so pass a CapsNet for these"
            )
        super().__init__(model, **traits)
        if not self.weights and not self.spread:
            self.spread = _spread(self.model.config)
        self.example = self._example()

    @property
    def image(self) -> Float[Tensor, "1 28 28"] | None:
        """What the network got.  None before a page has shown what was drawn."""
        if self.seen:
            return torch.tensor(list(self.seen)).view(SHAPE) / 255
        stored = self.digit is not None and not self.strokes and self.second is None
        return preset_digits()[0][self.digit] if stored else None

    @property
    def output(self) -> CapsNetOutput | None:
        """What the model makes of `image`, in PyTorch."""
        return None if self.image is None else _run(self.model, self.image)

    def _example(self) -> dict:
        output = self.output
        if output is None:
            return {}
        drawn = output.reconstruction
        pixels = (
            b"" if drawn is None else (255 * drawn).round().byte().numpy().tobytes()
        )
        return {
            "lengths": [round(x, 4) for x in output.lengths[0].tolist()],
            "remembered": base64.b64encode(pixels).decode(),
        }

    def picture(self) -> Figure:
        output = self.output or _run(self.model, torch.zeros(SHAPE))
        seen = torch.zeros(SHAPE) if self.image is None else self.image
        drawn = output.reconstruction
        remembered = torch.zeros(SHAPE) if drawn is None else drawn[0]
        return pictures.playground(seen[0], remembered[0], output.lengths[0])

    def __repr__(self) -> str:
        what = f"digit {self.digit} of the twenty"
        if self.strokes:
            strokes = "stroke" if len(self.strokes) == 1 else "strokes"
            what = f"a drawing of {len(self.strokes)} {strokes}"
        elif self.digit is None:
            what = "an empty pad"
        if self.output is None:
            return f"Playground: {what}."
        length, longest = self.output.lengths[0].max(dim=0)
        return f"Playground: {what}; capsule {longest} is the longest, {length:.2f}."


def _run(model: CapsNet, image: Tensor) -> CapsNetOutput:
    weight = next(model.parameters())
    training = model.training
    with torch.no_grad():
        output = model.eval()(image[None].to(weight))
    model.train(training)
    return CapsNetOutput(*(x if x is None else x.float().cpu() for x in output))


def _spread(config: CapsNetConfig) -> list[list[float]]:
    return [[REACH / 2] * config.class_dim] * config.n_classes

r"""Change the pose of a class capsule, draw it, measure the drawing.

Source: [S17] arXiv:1710.09829, section 5.1 and Fig. 4 (poses changed, one number at a
time).  Book: chapter 8 (book/08_encodes.ipynb).

Axis key
    b  examples                       e    pose size above, 16 on MNIST
    k  directions, the 16 axes or     s    steps along a direction, 11
       others at right angles         h w  height, width
    p  properties of a drawing
"""

from collections.abc import Sequence

import torch
from einops import einsum, rearrange, repeat
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from capsnet_tutorial.capsnet import CapsNet
from capsnet_tutorial.encoding.moments import properties

REACH = 0.25  # how far [S17] changes a number, up and down
STEPS = tuple(n / 20 for n in range(-5, 6))  # -0.25, -0.20, ... 0.25


def draw(
    model: CapsNet, pose: Float[Tensor, "*rest e"], digit: int
) -> Float[Tensor, "*rest h w"]:
    """What the decoder draws from poses of the capsule of one class.

    Args:
        model: has a decoder, for images with one channel.
        pose: any number of poses of that capsule.
        digit: the class.

    Raises:
        ValueError: if the model does not draw grey images.
    """
    if model.decoder is None or model.config.image_shape[0] != 1:
        channels = model.config.image_shape[0]
        has = "no decoder" if model.decoder is None else f"{channels} channels to draw"
        raise ValueError(
            f"draw: the model has {has}; pass one with a decoder for grey images"
        )
    flat = pose.flatten(end_dim=-2) if pose.ndim > 1 else pose[None]
    classes = torch.full((len(flat),), digit, device=pose.device)
    present = F.one_hot(classes, model.config.n_classes).bool()
    poses = repeat(flat, "b e -> b j e", j=model.config.n_classes)  # masked but one
    return model.decoder(poses, present).reshape(
        *pose.shape[:-1], *model.config.image_shape[1:]
    )


def perturbed(
    pose: Float[Tensor, "b e"],
    steps: Sequence[float] = STEPS,
    directions: Float[Tensor, "k e"] | None = None,
) -> Float[Tensor, "b k s e"]:
    """Each pose, moved by each step along each direction.

    Args:
        pose: poses of one capsule.
        steps: how far.
        directions: what one step is; the axes if None, so that one number changes.

    >>> perturbed(torch.zeros(1, 2), steps=(-0.25, 0.25))[0, 1]  # the second number
    tensor([[ 0.0000, -0.2500],
            [ 0.0000,  0.2500]])
    """
    if directions is None:
        directions = torch.eye(pose.shape[-1])
    moved = einsum(torch.tensor(steps), directions, "s, k e -> k s e")
    return rearrange(pose, "b e -> b 1 1 e") + moved.to(pose)


def effects(
    model: CapsNet,
    pose: Float[Tensor, "b e"],
    digit: int,
    directions: Float[Tensor, "k e"] | None = None,
    reach: float = REACH,
) -> Float[Tensor, "b k p"]:
    """How much each property grows from one end of a row of Fig. 4 to the other."""
    ends = perturbed(pose, (-reach, reach), directions)
    low, high = properties(draw(model, ends, digit)).unbind(dim=2)
    return high - low


def shares(effects: Float[Tensor, "k p"]) -> Float[Tensor, "k p"]:
    """Share of each direction in what all of them do to a property: squares, sum 1.

    For small steps the sum of squares is the same for all sets of 16 directions at
    right angles, as the length of a vector is the same in all coordinates.  So the
    shares of different sets can be compared.  1 / k each: nobody stands out.
    """
    return effects**2 / (effects**2).sum(dim=0)


def sliders(effects: Float[Tensor, "e p"]) -> Float[Tensor, "p e"]:
    """For each property, a change of the pose that adds 1 to it and 0 to the others.

    The shortest one, if effects of several numbers just add up.

    Args:
        effects: of each number from -REACH to REACH, in any unit.
    """
    return 2 * REACH * torch.linalg.pinv(effects)


def random_directions(size: int, generator: torch.Generator) -> Float[Tensor, "k e"]:
    """As many directions as numbers, at right angles, with no preference for any."""
    q, r = torch.linalg.qr(torch.randn(size, size, generator=generator))
    return q * r.diagonal().sign()  # without the signs, QR prefers some

"""What a class capsule encodes: poses changed, drawn, and measured.

moments.py   properties of a drawing: thickness, width, height, slant, place
perturb.py   a pose changed step by step, and what that does to the drawing
probe.py     how much of a property is a weighted sum of the pose
"""

from capsnet_tutorial.encoding.moments import (
    MOVES,
    PROPERTIES,
    explained,
    moves,
    properties,
)
from capsnet_tutorial.encoding.perturb import (
    REACH,
    STEPS,
    draw,
    effects,
    perturbed,
    random_directions,
    shares,
    sliders,
)
from capsnet_tutorial.encoding.probe import linear_probe_r2

__all__ = [
    "MOVES",
    "PROPERTIES",
    "REACH",
    "STEPS",
    "draw",
    "effects",
    "explained",
    "linear_probe_r2",
    "moves",
    "perturbed",
    "properties",
    "random_directions",
    "shares",
    "sliders",
]

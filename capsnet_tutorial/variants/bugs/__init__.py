"""A museum of bugs: each is one patch on the right network.

exhibit.py   what an exhibit is
plants.py    the patches
halls.py     the exhibits, room by room, with where they were seen

Book: chapter 12 (book/12_museum.ipynb); `capsnet_tutorial.checks` finds them.
"""

from capsnet_tutorial.capsnet import CapsNet, CapsNetConfig
from capsnet_tutorial.variants.bugs.exhibit import Exhibit, Room, Seen
from capsnet_tutorial.variants.bugs.halls import EXHIBITS

__all__ = ["EXHIBITS", "Exhibit", "Room", "Seen", "build_bug"]


def build_bug(name: str, config: CapsNetConfig | None = None) -> CapsNet:
    """The right network with one bug in it, with random weights.

    A bug of the loss is in `net.losses`, from (output, images, present); a bug of the
    protocol is in no network, and changes nothing here.

    Args:
        name: a name in `EXHIBITS`.
        config: sizes; those of [S17] if None.

    Raises:
        ValueError: if the name is unknown, or the bug needs a decoder and has none.

    >>> net = build_bug("softmax-over-children")
    >>> type(net.class_caps.router).__name__
    'OverChildren'
    """
    if name not in EXHIBITS:
        raise ValueError(
            f"build_bug: {name!r} is unknown; pass one of {', '.join(EXHIBITS)}"
        )
    net = CapsNet(config)
    if net.decoder is None and EXHIBITS[name].decodes:
        raise ValueError(f"build_bug: {name} needs a decoder; pass decoder_hidden")
    if EXHIBITS[name].plant:
        EXHIBITS[name].plant(net)
    return net

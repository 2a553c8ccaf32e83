"""What an exhibit of the museum is: one bug, and what is known about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from capsnet_tutorial.capsnet import CapsNet

Room = Literal["capsules", "routing", "loss", "protocol"]


@dataclass(frozen=True)
class Seen:
    """Where a bug stands in public, as the program was when we read it."""

    program: str  # repository, or document
    date: str  # of the commit that was read
    place: str  # file and line, where we noted them
    reported: str = ""  # an issue about it, and what became of it


@dataclass(frozen=True)
class Exhibit:
    """One bug: what one sees of it, where it comes from, how it is mended.

    `plant` puts it into the right network, in place.  A bug of the protocol, which no
    network has, is None: `capsnet_tutorial.runs` and `experiments` know it by name.
    """

    title: str
    room: Room
    symptom: str  # what a user sees
    cause: str  # one line
    wrong: str  # code, as it is usually written
    right: str
    seen: tuple[Seen, ...]
    plant: Callable[[CapsNet], None] | None = None
    decodes: bool = False  # needs a decoder

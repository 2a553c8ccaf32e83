"""Two digits in one image, one over the other: MultiMNIST.

pairs.py     making the images, and counting what is named correctly
network.py   a CapsNet that draws each of the two by itself

Book: chapter 9 (book/09_overlaps.ipynb).
"""

from capsnet_tutorial.overlaps.network import PairCapsNet
from capsnet_tutorial.overlaps.pairs import (
    PAD,
    Pairs,
    choose_partners,
    held_out_pairs,
    make_pairs,
    overlap,
    two_longest,
    wrong_answers,
)

__all__ = [
    "PAD",
    "PairCapsNet",
    "Pairs",
    "choose_partners",
    "held_out_pairs",
    "make_pairs",
    "overlap",
    "two_longest",
    "wrong_answers",
]

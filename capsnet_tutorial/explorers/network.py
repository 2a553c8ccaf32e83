"""Explorers that run a whole network: which one, and how it gets to the page."""

import traitlets

from capsnet_tutorial.capsnet import CapsNet
from capsnet_tutorial.explorers.base import Explorer
from capsnet_tutorial.explorers.bundle.weights import pack
from capsnet_tutorial.pretrained import load_pretrained

SHIPPED = "tiny"  # small enough for a page


class NetworkExplorer(Explorer):
    """An explorer of a trained network: of the shipped `tiny`, or of your own.

    Args:
        model: any small CapsNet of this package; `tiny` if None.
        **traits: the state, see the subclass.

    Attributes:
        weights: name of the shipped weights, which a page of the book loads by itself;
            empty for your own model.
        header, block: the model as weights.py packs it, for JavaScript.

    Raises:
        TypeError, ValueError: if the model is none that the page can run; see `pack`.
    """

    weights = traitlets.Unicode().tag(sync=True)
    header = traitlets.Dict().tag(sync=True)
    block = traitlets.Bytes().tag(sync=True)

    def __init__(self, model: CapsNet | None = None, **traits):
        self.model = load_pretrained(SHIPPED) if model is None else model
        header, block = pack(self.model)
        weights = SHIPPED if model is None else ""
        super().__init__(header=header, block=block, weights=weights, **traits)

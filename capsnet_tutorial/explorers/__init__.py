"""Figures that live: in the pages of the book, in JupyterLab, in Notebook, in Colab."""

from capsnet_tutorial.explorers.digit_routing import DigitRoutingExplorer
from capsnet_tutorial.explorers.margin import MarginExplorer
from capsnet_tutorial.explorers.playground import Playground
from capsnet_tutorial.explorers.reshape import ReshapeExplorer
from capsnet_tutorial.explorers.routing import RoutingExplorer
from capsnet_tutorial.explorers.squash import SquashExplorer
from capsnet_tutorial.explorers.swap import SwapExplorer

__all__ = [
    "DigitRoutingExplorer",
    "MarginExplorer",
    "Playground",
    "ReshapeExplorer",
    "RoutingExplorer",
    "SquashExplorer",
    "SwapExplorer",
]

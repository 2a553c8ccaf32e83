"""Networks without capsules, to compare with.

lenet5.py    LeNet-5 of seed document 004, 44,426 parameters
"""

from torch import nn

from capsnet_tutorial.baselines.lenet5 import LeNet5

__all__ = ["BASELINES", "LeNet5"]

BASELINES: dict[str, type[nn.Module]] = {"lenet5": LeNet5}

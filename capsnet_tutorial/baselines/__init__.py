"""Networks without capsules, to compare with.

lenet5.py   LeNet-5 of document 004, 44,426 parameters
cnn.py      as large as the preset `tiny`, with and without some parts of capsules
"""

from torch import nn

from capsnet_tutorial.baselines.cnn import CNN, CapsuleCNN, PairCNN
from capsnet_tutorial.baselines.lenet5 import LeNet5

__all__ = ["BASELINES", "CNN", "CapsuleCNN", "LeNet5", "PairCNN"]

BASELINES: dict[str, type[nn.Module]] = {
    "lenet5": LeNet5,
    "cnn": CNN,
    "capsule-cnn": CapsuleCNN,
    "pair-cnn": PairCNN,
}

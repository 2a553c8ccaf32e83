"""Networks of other documents, as they write them, and each error mended by name.

base.py          what all have: a document, repairs, losses
xifeng.py        documents 000 and 002: two walks through XifengGuo's network
tensorflow2.py   document 001: TensorFlow 2, operation by operation
labml.py         document 003: labml's Squash, Router and MarginLoss
rotated.py       document 004: turned digits, and how the article counted
convert.py       weights from one program's layout to another's

Book: chapter 11 (book/11_five.ipynb).
"""

from collections.abc import Iterable

from capsnet_tutorial.capsnet import CapsNetConfig
from capsnet_tutorial.variants.base import (
    STAGES,
    Document,
    Repair,
    Variant,
    channels_as_capsules,
)
from capsnet_tutorial.variants.convert import convert_weights
from capsnet_tutorial.variants.labml import Labml
from capsnet_tutorial.variants.rotated import Rotated
from capsnet_tutorial.variants.tensorflow2 import TensorFlow2
from capsnet_tutorial.variants.xifeng import Xifeng, XifengClassifier

__all__ = [
    "STAGES",
    "VARIANTS",
    "Document",
    "Repair",
    "Variant",
    "build_variant",
    "channels_as_capsules",
    "convert_weights",
]

VARIANTS: dict[str, type[Variant]] = {
    "classifier": XifengClassifier,  # document 000
    "tensorflow2": TensorFlow2,  # 001
    "xifeng": Xifeng,  # 002
    "labml": Labml,  # 003
    "rotated": Rotated,  # 004
}


def build_variant(
    name: str, repair: Iterable[str] = (), config: CapsNetConfig | None = None
) -> Variant:
    """The network of one of the five documents, with random weights.

    Args:
        name: a name in `VARIANTS`.
        repair: what to mend, names in `VARIANTS[name].repairs`; with all of them the
            network is that of [S17], to rounding.
        config: sizes; those of [S17] if None.

    Raises:
        ValueError: if a name or a repair is unknown.

    >>> net = build_variant("labml", repair=["axis", "start"])
    >>> sorted(net.repairs.keys() - net.mended)
    ['epsilon', 'square']
    """
    if name not in VARIANTS:
        raise ValueError(
            f"build_variant: {name!r} is unknown; pass one of {', '.join(VARIANTS)}"
        )
    return VARIANTS[name](config or CapsNetConfig(), repair)

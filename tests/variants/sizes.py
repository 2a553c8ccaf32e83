"""Sizes of the networks in these tests: axes of distinct primes."""

from capsnet_tutorial import CapsNetConfig

SIZES = CapsNetConfig(  # 2 x 3 places, 12 capsules below
    (1, 19, 21),
    n_classes=3,
    conv_channels=7,
    primary_types=2,
    primary_dim=5,
    class_dim=11,
    decoder_hidden=(13, 17),
)

"""Capsule networks, annotated and tested.

Read squash, routing, losses, layers, capsnet and training, in this order: that is the
network.  Everything else has a folder of its own.
"""

from capsnet_tutorial.capsnet import CapsNet, CapsNetConfig, CapsNetOutput
from capsnet_tutorial.digits import load_mnist, random_shift
from capsnet_tutorial.layers import ClassCaps, Decoder, PrimaryCaps
from capsnet_tutorial.losses import (
    RECONSTRUCTION_WEIGHT,
    margin_loss,
    present_classes,
    reconstruction_loss,
)
from capsnet_tutorial.pretrained import load_pretrained
from capsnet_tutorial.records import DataError
from capsnet_tutorial.routing import DynamicRouter, RoutingStep
from capsnet_tutorial.squash import squash
from capsnet_tutorial.training import predict, train_step

__all__ = [
    "RECONSTRUCTION_WEIGHT",
    "CapsNet",
    "CapsNetConfig",
    "CapsNetOutput",
    "ClassCaps",
    "DataError",
    "Decoder",
    "DynamicRouter",
    "PrimaryCaps",
    "RoutingStep",
    "load_mnist",
    "load_pretrained",
    "margin_loss",
    "predict",
    "present_classes",
    "random_shift",
    "reconstruction_loss",
    "squash",
    "train_step",
]

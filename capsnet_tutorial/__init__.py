"""Capsule networks, annotated and tested.  Start reading with squash.py."""

from capsnet_tutorial.capsnet import CapsNet, CapsNetConfig, CapsNetOutput
from capsnet_tutorial.datasets import load_mnist, random_shift
from capsnet_tutorial.layers import ClassCaps, Decoder, PrimaryCaps
from capsnet_tutorial.losses import (
    RECONSTRUCTION_WEIGHT,
    margin_loss,
    present_classes,
    reconstruction_loss,
)
from capsnet_tutorial.mnist_files import DataError
from capsnet_tutorial.pretrained import load_pretrained
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

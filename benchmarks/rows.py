"""Which formulations are timed, and what we want of them."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from formulations import (
    Convolutions,
    InParts,
    Seed002Caps,
    Seed002Primary,
    Seed003Caps,
    TwoMatmuls,
    WithoutVotes,
)
from torch import nn

from capsnet_tutorial import CapsNet, CapsNetConfig, ClassCaps
from capsnet_tutorial.fast import FastClassCaps, FastConv2d


@dataclass(frozen=True)
class Formulation:
    """One row of the table."""

    says: str  # what it is, for the table
    part: str = "step"  # what is timed: "step", "routing" or "convolutions"
    class_caps: Callable[[ClassCaps], nn.Module] | None = None  # in place of ours
    bfloat16: bool = False  # autocast
    channels_last: bool = False
    fast: bool = False  # routing without votes
    fast_conv: bool = False  # gradients of the second convolution
    fused: bool = False  # Adam in one pass
    compiled: bool = False  # torch.compile on the class capsules
    seed_primary: bool = False  # primary capsules of seed 002
    huge_pages: bool = False  # memory from the system in pages of 2 MB

    def build(self, config: CapsNetConfig) -> nn.Module:
        """The network, or the part of it that is timed."""
        net = CapsNet(config)
        if self.fast:
            net.class_caps = FastClassCaps(net.class_caps)
        if self.fast_conv:
            net.primary_caps.conv = FastConv2d(net.primary_caps.conv)
        if self.seed_primary:
            net.primary_caps = Seed002Primary(net.primary_caps.conv)
        if self.class_caps is not None:
            net.class_caps = self.class_caps(net.class_caps)
        if self.compiled:
            net.class_caps.compile()
        if self.channels_last:
            net = net.to(memory_format=torch.channels_last)
        if self.part == "convolutions":
            return Convolutions(net)
        return net.class_caps if self.part == "routing" else net


OURS = {"fast": True, "channels_last": True, "fused": True}
OURS_BF16 = {**OURS, "bfloat16": True, "fast_conv": True}
FLOOR = {"part": "convolutions", "channels_last": True}
ROUTING = {"part": "routing"}
ROUTING_BF16 = {"part": "routing", "bfloat16": True}
ALL_GRADIENTS = functools.partial(Seed002Caps, cut=False)

BENCH = {
    "seed-002": Formulation("seed 002", class_caps=Seed002Caps, seed_primary=True),
    "seed-003": Formulation("seed 003", class_caps=Seed003Caps),
    "ours-fp32": Formulation("ours, float32", **OURS),
    "ours-bf16": Formulation("ours, bfloat16", **OURS_BF16),
    "floor-fp32": Formulation("convolutions alone, float32", **FLOOR),
    "floor-bf16": Formulation("convolutions alone, bfloat16", bfloat16=True, **FLOOR),
    "routing-seed-002": Formulation(
        "routing alone, seed 002, all gradients", class_caps=ALL_GRADIENTS, **ROUTING
    ),
    "routing-fp32": Formulation("routing alone, ours, float32", fast=True, **ROUTING),
    "routing-bf16": Formulation(
        "routing alone, ours, bfloat16", fast=True, **ROUTING_BF16
    ),
}

# One lever at a time: each row has all of the rows above it, and one thing more.
LADDER = {
    "readable": Formulation("as written in chapter 6, float32"),
    "no-votes": Formulation("+ routing without votes", fast=True),
    "bf16": Formulation("+ bfloat16", fast=True, bfloat16=True),
    "channels-last": Formulation(
        "+ channels last", fast=True, bfloat16=True, channels_last=True
    ),
    "fused": Formulation("+ Adam in one pass", bfloat16=True, **OURS),
    "conv": Formulation("+ gradients of the convolution", **OURS_BF16),
}

# Other ways to route, and what gained nothing.
OTHERS = {
    "routing-readable-fp32": Formulation("readable, float32", **ROUTING),
    "routing-readable": Formulation("readable", **ROUTING_BF16),
    "routing-in-parts": Formulation(
        "readable, 8 examples at a time", class_caps=InParts, **ROUTING_BF16
    ),
    "routing-two-matmuls": Formulation(
        "two products on stored votes", class_caps=TwoMatmuls, **ROUTING_BF16
    ),
    "routing-compiled": Formulation(
        "the same, compiled", class_caps=TwoMatmuls, compiled=True, **ROUTING_BF16
    ),
    "routing-no-votes": Formulation(
        "without votes", class_caps=WithoutVotes, **ROUTING_BF16
    ),
    "routing-fast": Formulation(
        "the same, in parts, by hand", fast=True, **ROUTING_BF16
    ),
    "routing-fast-compiled": Formulation(
        "the same, compiled", fast=True, compiled=True, **ROUTING_BF16
    ),
    "huge-pages": Formulation(
        "ours, bfloat16, large pages", huge_pages=True, **OURS_BF16
    ),
    "ours-fp32": BENCH["ours-fp32"],
    "conv-fp32": Formulation(
        "ours, float32, other gradients of the convolution", fast_conv=True, **OURS
    ),
    "floor-bf16": BENCH["floor-bf16"],
    "floor-conv-bf16": Formulation(
        "convolutions alone, bfloat16, our gradients",
        bfloat16=True,
        fast_conv=True,
        **FLOOR,
    ),
}

FORMULATIONS = {**BENCH, **LADDER, **OTHERS}

"""Training configuration, and what follows from it: order, shifts, learning rate.

All of it depends on the config and the position in the run, on nothing else.  So a run
that was interrupted goes on as if nothing had happened, however often it was stopped,
on one device or on several.

Source: [S17] arXiv:1710.09829, section 5; the switches are what the authors' code does
differently (github.com/Sarasra/models, research/capsules, January 2018).
Book: chapter 7 (book/07_training.ipynb).

Axis key: n examples of the data set.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any, Literal, NamedTuple, get_args

import torch
from jaxtyping import Float32, Int64
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR

from capsnet_tutorial.baselines import BASELINES
from capsnet_tutorial.capsnet import PRESETS, CapsNet, CapsNetConfig
from capsnet_tutorial.images import ImageSet
from capsnet_tutorial.losses import RECONSTRUCTION_WEIGHT
from capsnet_tutorial.overlaps import PAD, PairCapsNet, choose_partners
from capsnet_tutorial.stacking import STACKS, StackedCapsNet
from capsnet_tutorial.variants import VARIANTS, build_variant
from capsnet_tutorial.variants.bugs import EXHIBITS, build_bug

Schedule = Literal["exponential", "one-cycle"]
Precision = Literal["float32", "bfloat16"]

LOWEST_RATE = 1e-6
BOUNDS: dict[str, tuple[type, float, float]] = {  # kind, least, most
    "epochs": (int, 1, 100_000),
    "batch_size": (int, 1, 100_000),
    "lr": (float, 1e-12, 1e30),
    "max_shift": (int, 0, 1_000),  # and at most half of an image
    "pad": (int, 0, 1_000),
    "max_turn": (float, 0, 180),
    "reconstruction_weight": (float, 0, 1e30),
    "n_iters": (int, 1, 100),
    "n_classes": (int, 2, 10_000),
    "seed": (int, 0, 2**63 - 1),
}


@dataclass(frozen=True)
class TrainConfig:
    """All that a run depends on; the defaults are those of [S17].

    Raises:
        ValueError: if a value is unknown or out of range.
    """

    preset: str = "paper"  # sizes of the network, a name in `PRESETS`
    data: Literal["full", "mini", "own"] = "full"  # "own": `fit(..., data=...)`
    data_sha256: str = ""  # of own images: a run goes on with the same ones only
    image_shape: Sequence[int] = (1, 28, 28)  # channels, height, width
    n_classes: int = 10
    split: Literal["train", "trainval"] = "train"  # "trainval" holds nothing out
    epochs: int = 50
    batch_size: int = 128  # of all devices together
    lr: float = 0.001  # Adam's; the highest one of a one-cycle schedule
    schedule: Schedule = "exponential"  # 0.96 every 2000 steps, without stairs
    max_shift: int = 2  # pixels, for each image by itself, in training only
    max_turn: float = 0.0  # degrees each way, likewise; not in [S17]
    pad: int = 0  # pixels of 0 around each image; [S17] section 6: 4
    pairs: bool = False  # two digits in each image, MultiMNIST: [S17] section 6
    reconstruction_weight: float = RECONSTRUCTION_WEIGHT  # authors' code: 20 times it
    all_shifts: bool = False  # authors' code: each image in every shift, once each
    primary_scale: bool = False  # authors' code: features / primary_types
    class_bias: bool = False  # authors' code: + 160 parameters
    n_iters: int = 3  # routing iterations
    init: str = ""  # weights to begin with: a run's folder, or a name in `PRETRAINED`
    variant: str = ""  # another network, a name in VARIANTS, BASELINES or STACKS
    repair: Sequence[str] = ()  # what is mended in the variant; kept as a tuple
    bug: str = ""  # a bug of the museum, planted in ours: a name in `EXHIBITS`
    precision: Precision = "float32"  # of products; weights stay float32
    seed: int = 0

    def __post_init__(self):
        choices = {
            "preset": tuple(PRESETS),
            "data": ("full", "mini", "own"),
            "split": ("train", "trainval"),
            "schedule": get_args(Schedule),
            "precision": get_args(Precision),
        }
        for name, known in choices.items():
            if getattr(self, name) not in known:
                raise ValueError(
                    f"TrainConfig: {name} is {getattr(self, name)!r}; "
                    f"pass one of {', '.join(known)}"
                )
        for name, kind in (("repair", str), ("image_shape", int)):
            self._check_items(name, kind)
        for name, (kind, least, most) in BOUNDS.items():
            self._check_number(name, kind, least, most)
        for name, default in vars(type(self)).items():
            kind = type(default)
            if kind in (bool, str) and not isinstance(getattr(self, name), kind):
                raise ValueError(
                    f"TrainConfig: {name} is {getattr(self, name)!r}; pass a "
                    f"{kind.__name__}"
                )
        self._check_data()
        self._check_variant()
        most = min(self.padded_shape[1:]) // 2
        if self.max_shift > most:
            raise ValueError(
                f"TrainConfig: max_shift is {self.max_shift}; pass at most half of an "
                f"image, {most} pixels"
            )

    def _check_items(self, name: str, kind: type) -> None:
        """Several of one kind, kept as a tuple; JSON has lists."""
        value = getattr(self, name)
        several = isinstance(value, Sequence) and not isinstance(value, str)
        if not several or not all(type(x) is kind for x in value):
            raise ValueError(
                f"TrainConfig: {name} is {value!r}; pass several of {kind.__name__}"
            )
        object.__setattr__(self, name, tuple(value))

    def _check_number(self, name: str, kind: type, least: float, most: float) -> None:
        """Finite, within its bounds, and kept as a plain number, for JSON."""
        value = getattr(self, name)
        numeric = isinstance(value, Integral if kind is int else Real)
        if not numeric or isinstance(value, bool) or not least <= value <= most:
            what = "a whole number" if kind is int else "a number"
            raise ValueError(
                f"TrainConfig: {name} is {value!r}; pass {what} from {least:,} to "
                f"{most:,}"
            )
        object.__setattr__(self, name, kind(value))

    def _check_data(self) -> None:
        """MNIST has one shape; own images are known by their SHA-256."""
        mnist = ((1, 28, 28), 10, "")
        given = (self.image_shape, self.n_classes, self.data_sha256)
        if self.data != "own" and given != mnist:
            raise ValueError(
                f"TrainConfig: data is {self.data!r}, which has images of (1, 28, 28) "
                'and 10 classes; for others, pass data="own", or `own_config`'
            )
        if self.data == "own" and not self.data_sha256:
            raise ValueError(
                'TrainConfig: data is "own" without data_sha256; `own_config` makes '
                "the config for an ImageSet"
            )
        if self.pairs and self.data == "own":
            raise ValueError(
                "TrainConfig: pairs are made of MNIST's digits; leave pairs as it is "
                "for images of your own"
            )
        if self.pairs and self.pad != PAD:
            raise ValueError(
                f"TrainConfig: pad is {self.pad}, and pairs are made on a canvas with "
                f"{PAD} pixels around each digit; pass pad={PAD} with pairs"
            )
        if self.variant in BASELINES:
            takes = BASELINES[self.variant].config
            given = (self.padded_shape, self.n_classes)
            if given != (takes.image_shape, takes.n_classes):
                raise ValueError(
                    f"TrainConfig: {self.variant} takes images of {takes.image_shape} "
                    f"and {takes.n_classes} classes, and these are {given[0]} with "
                    f"{given[1]}; leave variant as it is, or change pad"
                )

    def _check_variant(self) -> None:
        """Other networks have their own losses and layers: our switches are refused."""
        if self.bug not in ("", *EXHIBITS):
            raise ValueError(
                f"TrainConfig: bug is {self.bug!r}; pass one of {', '.join(EXHIBITS)}, "
                "or nothing"
            )
        weight = type(self).reconstruction_weight
        if self.bug and (self.variant or self.reconstruction_weight != weight):
            raise ValueError(
                f"TrainConfig: {self.bug} is a bug of the network of the paper, with "
                "its losses; leave variant and reconstruction_weight as they are"
            )
        known = [*VARIANTS, *BASELINES, *STACKS]
        if self.variant not in ("", *known):
            raise ValueError(
                f"TrainConfig: variant is {self.variant!r}; pass one of "
                f"{', '.join(known)}, or nothing"
            )
        repairs = VARIANTS[self.variant].repairs if self.variant in VARIANTS else {}
        if unknown := set(self.repair) - set(repairs):
            raise ValueError(
                f"TrainConfig: {self.variant or 'the network of the paper'} has no "
                f"repair {', '.join(sorted(unknown))}; pass some of {list(repairs)}"
            )
        ours = ["reconstruction_weight", "primary_scale", "class_bias"]
        ours += ["preset", "n_iters"] if self.variant in BASELINES else []
        changed = [x for x in ours if getattr(self, x) != getattr(type(self), x)]
        if self.pairs and (self.bug or self.variant not in ("", "pair-cnn")):
            raise ValueError(
                f"TrainConfig: {self.bug or self.variant} names one digit in an image; "
                "leave pairs as it is, or pass no bug and no variant but pair-cnn"
            )
        if self.variant and self.variant not in STACKS and changed:
            raise ValueError(
                f"TrainConfig: the variant {self.variant} has no {', '.join(changed)}; "
                "leave them as they are"
            )

    @property
    def padded_shape(self) -> tuple[int, int, int]:
        """Channels, height and width of what the network sees."""
        channels, height, width = self.image_shape
        return channels, height + 2 * self.pad, width + 2 * self.pad

    def model_config(self) -> CapsNetConfig:
        """Sizes of the network, with the switches of the authors' code."""
        sizes = PRESETS[self.preset]
        scale = 1 / sizes.primary_types if self.primary_scale else 1.0
        return replace(
            sizes,
            image_shape=self.padded_shape,
            n_classes=self.n_classes,
            primary_scale=scale,
            class_bias=self.class_bias,
            n_iters=self.n_iters,
        )

    def network(self) -> nn.Module:
        """The network, with random weights."""
        if self.variant in BASELINES:
            return BASELINES[self.variant]()
        if self.variant in STACKS:
            return StackedCapsNet(self.model_config(), **STACKS[self.variant])
        if self.bug:
            return build_bug(self.bug, self.model_config())
        if self.variant:
            return build_variant(self.variant, self.repair, self.model_config())
        return (PairCapsNet if self.pairs else CapsNet)(self.model_config())


def own_config(images: ImageSet, **settings: Any) -> TrainConfig:
    """The config of a run that learns from your own images.

    Args:
        images: as `load_images` reads them.
        settings: of `TrainConfig`, such as epochs=20.
    """
    return TrainConfig(
        data="own",
        data_sha256=images.sha256,
        image_shape=images.image_shape,
        n_classes=len(images.classes),
        **settings,
    )


def _generator(*key: object) -> torch.Generator:
    """Randomness that depends on the key alone."""
    digest = hashlib.sha256(repr(key).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8]))


def order_of(config: TrainConfig, epoch: int, n: int) -> Int64[Tensor, " n"]:
    """In which order the epoch, counted from 0, takes the examples.

    >>> order_of(TrainConfig(seed=1), epoch=0, n=5).sort().values
    tensor([0, 1, 2, 3, 4])
    """
    return torch.randperm(n, generator=_generator("order", config.seed, epoch))


def shifts_of(
    config: TrainConfig, epoch: int, n: int, second: bool = False
) -> Int64[Tensor, "2 n"]:
    """How many pixels the epoch moves each example, down and right.

    Independent in every epoch; with `all_shifts`, every example goes through all 25 of
    them, in an order of its own, in 25 epochs.

    Args:
        second: those of the second digit of each pair.
    """
    which = "second " * second
    width = 2 * config.max_shift + 1
    if config.all_shifts:
        cycle, position = divmod(epoch, width**2)
        generator = _generator(f"{which}all shifts", config.seed, cycle)
        ranks = torch.rand(n, width**2, generator=generator).argsort(dim=1)[:, position]
        return torch.stack([ranks // width, ranks % width]) - config.max_shift
    generator = _generator(f"{which}shifts", config.seed, epoch)
    return torch.randint(width, (2, n), generator=generator) - config.max_shift


def turns_of(
    config: TrainConfig, epoch: int, n: int, second: bool = False
) -> Float32[Tensor, " n"]:
    """How many degrees the epoch turns each example, counter-clockwise."""
    generator = _generator("second " * second + "turns", config.seed, epoch)
    return config.max_turn * (2 * torch.rand(n, generator=generator) - 1)


class Moves(NamedTuple):
    """How an epoch moves each example."""

    shifts: Int64[Tensor, "2 n"]  # pixels down, right
    turns: Float32[Tensor, " n"]  # degrees counter-clockwise


class Draws(NamedTuple):
    """All that chance gives the examples in one epoch."""

    order: Int64[Tensor, " n"]
    moves: Moves
    partners: Int64[Tensor, " n"] | None  # the second digit of each pair
    partner_moves: Moves | None


def draws_of(config: TrainConfig, epoch: int, labels: Int64[Tensor, " n"]) -> Draws:
    """What the epoch, counted from 0, draws for examples with these labels."""
    n = len(labels)

    def moves(second: bool) -> Moves:
        numbers = config, epoch, n, second
        return Moves(shifts_of(*numbers), turns_of(*numbers))

    order = order_of(config, epoch, n)
    if not config.pairs:
        return Draws(order, moves(second=False), None, None)
    generator = _generator("partners", config.seed, epoch)
    partners = choose_partners(labels.cpu(), generator)
    return Draws(order, moves(second=False), partners, moves(second=True))


def fast_precision(cpu: bool = False) -> Precision:
    """bfloat16 where the processor multiplies in it, else float32.

    Args:
        cpu: look at the CPU, even if there is a GPU.
    """
    if torch.cuda.is_available() and not cpu:
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = getattr(torch.cpu, "get_capabilities", dict)().get("amx_bf16", False)
    return "bfloat16" if native else "float32"


def learning_rates(
    config: TrainConfig, optimizer: torch.optim.Optimizer, n_steps: int
) -> LRScheduler:
    """The schedule of the config, for an optimizer over `n_steps` steps."""
    if config.schedule == "one-cycle":
        return OneCycleLR(optimizer, config.lr, total_steps=n_steps)
    lowest = min(LOWEST_RATE / config.lr, 1.0)  # never above what was asked for
    return LambdaLR(optimizer, lambda step: max(0.96 ** (step / 2000), lowest))

"""What a run has in memory: its digits, network and optimizer, on all devices.

Book: chapter 7 (book/07_training.ipynb).

Axis key: n examples of the data set, b of one step.
"""

import functools
from collections.abc import Callable

import torch
from accelerate import Accelerator
from jaxtyping import Int64
from torch import Tensor
from torch.nn import functional as F

from capsnet_tutorial.capsnet import CapsNet
from capsnet_tutorial.digits import load_mnist, shift_images, turn_images
from capsnet_tutorial.fast import speed_up
from capsnet_tutorial.images import ImageSet, as_numbers
from capsnet_tutorial.overlaps import held_out_pairs, make_pairs, wrong_answers
from capsnet_tutorial.records.provenance import provenance
from capsnet_tutorial.runs.config import Draws, Moves, TrainConfig, learning_rates
from capsnet_tutorial.runs.prediction import begin_with
from capsnet_tutorial.training import (
    Diverged,
    StepResult,
    paper_losses,
    train_step,
)

VAL_BATCH = 250  # images between two checks whether to stop


class Job:
    """Everything of a run that lives in memory.

    With `accelerate launch`, each process takes its share of every batch, and the
    gradients are averaged: the same run as on one device, up to rounding.

    Raises:
        ValueError: if a batch, or the last one of an epoch, cannot be shared equally.
        DataError: if digits are missing or damaged.
    """

    def __init__(
        self,
        config: TrainConfig,
        cpu: bool = False,
        compile: bool = False,
        data: ImageSet | None = None,
    ):
        self.config, self.data = config, data
        if (config.data == "own") != (data is not None):
            raise ValueError(
                f"Job: the config's data is {config.data!r}; pass own images as data= "
                "with it if it is 'own', and else none"
            )
        self.accelerator = Accelerator(cpu=cpu)
        self.device = self.accelerator.device
        self.is_main = self.accelerator.is_main_process
        self.rank = self.accelerator.process_index
        self.n_processes = self.accelerator.num_processes
        self.images, self.labels = self._load(config.split)
        held_out = data is None or data.val is not None
        self.val = None
        if config.split == "train" and held_out:
            self.val = self._held_out()
        self.n, self.n_classes = len(self.labels), config.model_config().n_classes
        self.n_steps = -(-self.n // config.batch_size)  # of one epoch
        for batch in (config.batch_size, self.n % config.batch_size):
            if batch % self.n_processes:
                raise ValueError(
                    f"Job: {self.n_processes} processes cannot share a batch of "
                    f"{batch} equally; {self.n:,} digits in batches of "
                    f"{config.batch_size} have one: pass another batch size"
                )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            model = config.network()
        self.begun_with = begin_with(model, config.init) if config.init else None
        self.model = model.to(self.device)
        half_on_cpu = config.precision == "bfloat16" and self.device.type == "cpu"
        if isinstance(model, CapsNet) and not config.bug:
            model.to(memory_format=torch.channels_last)
            speed_up(model, convolution=half_on_cpu)
        weight = config.reconstruction_weight
        ours = functools.partial(paper_losses, reconstruction_weight=weight)
        self.losses = getattr(model, "losses", ours)  # a variant has its own
        net = torch.compile(self.model) if compile else self.model
        self.net = self.accelerator.prepare(net)
        parameters = self.model.parameters()
        self.optimizer = torch.optim.Adam(parameters, lr=config.lr, fused=True)
        n_steps = config.epochs * self.n_steps
        self.schedule = learning_rates(config, self.optimizer, n_steps)
        self.provenance = {
            **provenance(self.device),
            "processes": self.n_processes,
            "compiled": compile,
        }

    def _load(self, split: str) -> tuple[Tensor, Tensor]:
        if self.data is not None:
            tensors = self._own(split)
        else:
            tensors = load_mnist(split, self.config.data).tensors
        return tuple(tensor.to(self.device) for tensor in tensors)

    def _held_out(self) -> tuple[Tensor, Tensor]:
        """What the network sees between epochs: images, and their labels or flags."""
        images, labels = self._load("val")
        if self.config.pairs:
            pairs = held_out_pairs(images.cpu(), labels.cpu())
            return pairs.images.to(self.device), pairs.present.to(self.device)
        return self._padded(images), labels

    def to_look_at(self, n: int) -> Tensor:
        """The first images held out, or else of those that were learned."""
        if self.val is not None:
            return self.val[0][:n]
        if self.config.pairs:
            pairs = held_out_pairs(self.images.cpu(), self.labels.cpu(), n)
            return pairs.images.to(self.device)
        return self._padded(self.images[:n])

    def _padded(self, images: Tensor) -> Tensor:
        return F.pad(images, (self.config.pad,) * 4)

    def _own(self, split: str) -> tuple[Tensor, Tensor]:
        """Bytes, until a batch needs them as numbers: a quarter of the memory."""
        parts = [self.data.train, self.data.val]
        parts = {"train": parts[:1], "val": parts[1:], "trainval": parts}[split]
        parts = [part for part in parts if part is not None]
        pixels, labels = zip(*((x.pixels, x.labels) for x in parts), strict=True)
        return torch.cat(pixels), torch.cat(labels)

    def step(self, batch: Int64[Tensor, " b"], draws: Draws) -> StepResult:
        """One step on examples `batch`, each turned and moved as its epoch draws.

        Raises:
            Diverged: if a gradient is not finite.  The weights have then not moved.
        """
        mine = batch[self.rank :: self.n_processes]
        images, labels = self._moved(mine, draws.moves, mine)
        losses = self.losses
        if self.config.pairs:
            others = self._moved(draws.partners[mine], draws.partner_moves, mine)
            pairs = make_pairs(images, labels, *others)
            images, labels = pairs.images, pairs.present

            def losses(output, images, present):  # each digit has a drawing of its own
                return self.losses(output, pairs.digits, present)

        try:
            with self._autocast():
                result = train_step(self.net, self.optimizer, images, labels, losses)
        except Diverged as error:
            raise Diverged(self._explain(error, batch)) from None
        self.schedule.step()
        return StepResult(*self._mean(result))

    def _moved(
        self, examples: Int64[Tensor, " b"], moves: Moves, rows: Int64[Tensor, " b"]
    ) -> tuple[Tensor, Tensor]:
        """Images and labels of examples, each moved by a row of `moves`."""
        examples = examples.to(self.device)
        images = self._padded(as_numbers(self.images[examples]))
        if self.config.max_turn:
            images = turn_images(images, moves.turns[rows].to(self.device))
        shifts = moves.shifts[:, rows].to(self.device)
        if self.config.bug == "one-shift-a-batch":
            shifts = shifts[:, :1].expand_as(shifts)
        return shift_images(images, shifts), self.labels[examples]

    def _explain(self, error: Diverged, batch: Tensor) -> str:
        infinite = (
            name
            for name, p in self.model.named_parameters()
            if p.grad is not None and not p.grad.isfinite().all()
        )
        first = next(infinite, "the norm of all gradients together")
        return (
            f"step {self.schedule.last_epoch + 1}: {error}, first seen in {first}; the "
            f"learning rate is {self.schedule.get_last_lr()[0]:.2g}, the examples are "
            f"{batch.tolist()}.  The weights have not moved.  Look at these examples, "
            "or start a new run with a lower learning rate or in float32"
        )

    def _autocast(self) -> torch.autocast:
        half = self.config.precision == "bfloat16"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=half)

    def _mean(self, values: tuple[float, ...]) -> list[float]:
        """Over the processes."""
        if self.n_processes == 1:
            return list(values)
        tensor = torch.tensor(values, device=self.device)
        return self.accelerator.reduce(tensor, "mean").tolist()

    def any_process(self, flag: bool) -> bool:
        """True if it is true in any process: all must agree on when to stop."""
        return self._mean((float(flag),))[0] > 0

    def validate(self, check_stop: Callable[[], None]) -> dict[str, int]:
        """Errors on the digits held out; calls `check_stop` between batches."""
        if self.val is None:
            return {}
        errors = 0
        for images, labels in zip(*(x.split(VAL_BATCH) for x in self.val), strict=True):
            with self._autocast():
                wrong = wrong_answers(self.model, as_numbers(images), labels)
                errors += wrong.sum().item()
            check_stop()
        return {"val_errors": errors, "val_n": len(self.val[1])}

    def describe(self) -> str:
        """What is trained, and where."""
        n_parameters = sum(p.numel() for p in self.model.parameters())
        begun = ""
        if self.begun_with is not None:
            anew = ", ".join(self.begun_with["anew"]) or "nothing"
            begun = f"; begins with {self.config.init}, anew: {anew}"
        where = f"{self.n_processes} × {self.device.type}"
        if self.device.type == "cpu":
            where += f" with {torch.get_num_threads()} of its cores"
        what = "digits" if self.data is None else "images"
        name = self.config.bug or self.config.variant or self.config.preset
        return (
            f"{name}: {n_parameters:,} parameters, {self.n:,} {what}, "
            f"{self.config.epochs} epochs, {self.config.precision} on {where}{begun}"
        )

"""A recipe on this machine: its digits, network and optimizer, on all its devices.

Book: chapter 7 (book/07_training.ipynb).

Axis key: n examples of the data set, b of one step.
"""

import time
from collections.abc import Callable

import torch
from accelerate import Accelerator
from jaxtyping import Int64
from torch import Tensor

from capsnet_tutorial.capsnet import CapsNet
from capsnet_tutorial.datasets import load_mnist, shift_images
from capsnet_tutorial.recipe import TrainConfig, learning_rates
from capsnet_tutorial.results import circumstances
from capsnet_tutorial.training import Diverged, StepResult, predict, train_step

REHEARSALS = 3  # steps; the first one is slow and does not count
AT_ONCE = 250  # images between two looks at whether to stop


class Job:
    """Everything of a run that lives in memory.

    With `accelerate launch`, each process takes its share of every batch, and the
    gradients are averaged: the same run as on one device, up to rounding.

    Raises:
        ValueError: if a batch cannot be shared equally.
        DataError: if digits are missing or damaged.
    """

    def __init__(self, config: TrainConfig, cpu: bool = False, compile: bool = False):
        self.config = config
        self.accelerator = Accelerator(cpu=cpu)
        self.device = self.accelerator.device
        self.is_main = self.accelerator.is_main_process
        self.rank = self.accelerator.process_index
        self.n_processes = self.accelerator.num_processes
        if config.batch_size % self.n_processes:
            raise ValueError(
                f"Job: {self.n_processes} processes cannot share a batch of "
                f"{config.batch_size} equally; pass a multiple"
            )
        self.images, self.labels = self._load(config.split)
        self.val = self._load("val") if config.split == "train" else None
        self.n, self.n_classes = len(self.labels), config.model_config().n_classes
        self.n_steps = -(-self.n // config.batch_size)  # of one epoch
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            model = CapsNet(config.model_config())
        self.model = model.to(self.device, memory_format=torch.channels_last)
        # Equal to the readable ones, and faster: see fast.py and convolution.py.
        self.model.class_caps.fast = True
        half = config.precision == "bfloat16"
        self.model.primary_caps.conv.fast = half and self.device.type == "cpu"
        net = torch.compile(self.model) if compile else self.model
        self.net = self.accelerator.prepare(net)
        self._new_optimizer()
        self.circumstances = {
            **circumstances(self.device),
            "processes": self.n_processes,
            "compiled": compile,
        }

    def _load(self, split: str) -> tuple[Tensor, Tensor]:
        tensors = load_mnist(split, self.config.data).tensors
        return tuple(tensor.to(self.device) for tensor in tensors)

    def _new_optimizer(self) -> None:
        parameters = self.model.parameters()
        self.optimizer = torch.optim.Adam(parameters, lr=self.config.lr, fused=True)
        n_steps = self.config.epochs * self.n_steps
        self.schedule = learning_rates(self.config, self.optimizer, n_steps)

    def step(
        self, batch: Int64[Tensor, " b"], shifts: Int64[Tensor, "2 b"]
    ) -> StepResult:
        """One step on examples `batch`, each moved by its own shift.

        Raises:
            Diverged: if a gradient is not finite.  The weights have then not moved.
        """
        share = slice(self.rank, len(batch) // self.n_processes * self.n_processes)
        mine = batch[share][:: self.n_processes].to(self.device)
        moves = shifts[:, share][:, :: self.n_processes].to(self.device)
        images = shift_images(self.images[mine], moves)
        weight = self.config.reconstruction_weight
        try:
            with self._autocast():
                result = train_step(
                    self.net,
                    self.optimizer,
                    images,
                    self.labels[mine],
                    reconstruction_weight=weight,
                )
        except Diverged as error:
            raise Diverged(self._explain(error, batch)) from None
        self.schedule.step()
        return StepResult(*self._mean(result))

    def _explain(self, error: Diverged, batch: Tensor) -> str:
        first = next(
            name
            for name, p in self.model.named_parameters()
            if p.grad is not None and not p.grad.isfinite().all()
        )
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

    def anyone(self, flag: bool) -> bool:
        """True if it is true in any process: all must agree on when to stop."""
        return self._mean((float(flag),))[0] > 0

    def validate(self, look: Callable[[], None]) -> dict[str, int]:
        """Errors on the digits held out; calls `look` between batches."""
        if self.val is None:
            return {}
        errors = 0
        for images, labels in zip(*(x.split(AT_ONCE) for x in self.val), strict=True):
            with self._autocast():
                errors += (predict(self.model, images) != labels).sum().item()
            look()
        return {"val_errors": errors, "val_n": len(self.val[1])}

    def rehearse(self) -> float:
        """Seconds that a step takes here; network and optimizer are new again after."""
        before = {key: x.clone() for key, x in self.model.state_dict().items()}
        for _ in range(REHEARSALS):
            batch = torch.arange(min(self.config.batch_size, self.n))
            start = time.perf_counter()
            self.step(batch, torch.zeros(2, len(batch), dtype=torch.int64))
            seconds = time.perf_counter() - start  # the losses were read: it is over
        self.model.load_state_dict(before)
        self._new_optimizer()
        return seconds

    def describe(self, step_seconds: float) -> str:
        """What is going to happen, and how long it will take here."""
        n_parameters = sum(p.numel() for p in self.model.parameters())
        minutes = step_seconds * self.n_steps / 60
        where = f"{self.n_processes} × {self.device.type}"
        if self.device.type == "cpu":
            where += f" with {torch.get_num_threads()} of its cores"
        return (
            f"{self.config.preset}: {n_parameters:,} parameters, {self.n:,} digits, "
            f"{self.config.precision} on {where}\n"
            f"about {minutes:.1f} minutes an epoch, "
            f"{minutes * self.config.epochs:.0f} minutes for {self.config.epochs}"
        )

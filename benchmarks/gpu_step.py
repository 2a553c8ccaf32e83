"""A training step that a GPU repeats by itself.

Axis key: b examples of one step, n of all.
"""

import dataclasses
import time
from collections.abc import Callable

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.optim import Adam

from capsnet_tutorial import CapsNet, margin_loss, reconstruction_loss
from capsnet_tutorial.digits import shift_images
from capsnet_tutorial.fast import speed_up
from capsnet_tutorial.runs.config import (
    TrainConfig,
    learning_rates,
    order_of,
    shifts_of,
)

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
ON_GPU = DEVICE.type == "cuda"


def now() -> float:
    """Seconds, once the device has done all that it was told."""
    if ON_GPU:
        torch.cuda.synchronize()
    return time.perf_counter()


class Stepper:
    """Training steps on data that stay on the GPU, without a word to the CPU.

    `train_step` looks at labels, pixels and gradients, and waits for the GPU each time.
    This one looks at nothing, so that CUDA can record a whole step once (network and
    losses compiled, Adam in one pass) and repeat it: one launch a step.

    The learning rate and the reconstruction's weight live on the GPU, too, and a
    network can begin anew in the memory of the last one, so one recording serves many
    runs.  Unlike `fit`, the one-cycle schedule leaves the momentum alone.
    """

    def __init__(self, config: TrainConfig):
        self.config = config
        self.net = self._fresh(config.seed).to(
            DEVICE, memory_format=torch.channels_last
        )
        speed_up(self.net)
        self.rate = torch.tensor(config.lr, device=DEVICE)
        self.weight = torch.tensor(config.reconstruction_weight, device=DEVICE)
        self.optimizer = Adam(
            self.net.parameters(), self.rate, fused=ON_GPU, capturable=ON_GPU
        )
        shape = config.batch_size, *self.net.config.image_shape
        self.images = torch.zeros(shape, device=DEVICE)
        self.labels = torch.zeros(config.batch_size, dtype=torch.int64, device=DEVICE)
        self.losses = torch.compile(self._losses) if ON_GPU else self._losses
        self.step = self._captured() if ON_GPU else self._step

    def _fresh(self, seed: int) -> CapsNet:
        torch.manual_seed(seed)
        return CapsNet(self.config.model_config())

    def restart(self, seed: int, reconstruction_weight: float) -> None:
        """Random weights, and an optimizer that has seen nothing."""
        self.weight.fill_(reconstruction_weight)
        self._begin_at(self._fresh(seed).state_dict())

    def _begin_at(self, weights: dict[str, Tensor]) -> None:
        self.net.load_state_dict(weights)
        for state in self.optimizer.state.values():
            for value in state.values():
                value.zero_()

    def _losses(self, images: Tensor, labels: Tensor, weight: Tensor) -> Tensor:
        present = labels[:, None] == torch.arange(self.net.config.n_classes).to(labels)
        output = self.net(images, present)
        reconstruction = reconstruction_loss(output.reconstruction, images)
        return margin_loss(output.lengths, present) + weight * reconstruction

    def _step(self) -> Tensor:
        with torch.autocast(DEVICE.type, torch.bfloat16, cache_enabled=False):
            loss = self.losses(self.images, self.labels, self.weight)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def _captured(self) -> Callable[[], Tensor]:
        """The step as a CUDA graph; PyTorch wants runs on another stream first."""
        before = {key: x.clone() for key, x in self.net.state_dict().items()}
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self._step()
        torch.cuda.current_stream().wait_stream(stream)
        self.optimizer.zero_grad()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            loss = self._step()
        self._begin_at(before)

        def replay() -> Tensor:
            graph.replay()
            return loss

        return replay

    def train(
        self,
        images: Float[Tensor, "n c h w"],
        labels: Int64[Tensor, " n"],
        seed: int,
        after_epoch: Callable[[], None] = lambda: None,
    ) -> list[float]:
        """All epochs of the config, shuffled and shifted; the mean loss of each."""
        steps = -(-len(labels) // self.config.batch_size)
        rates, losses = self._rates(self.config.epochs * steps), []
        config = dataclasses.replace(self.config, seed=seed)
        for number in range(config.epochs):
            order = order_of(config, number, len(labels)).to(DEVICE)
            shifts = shifts_of(config, number, len(labels)).to(DEVICE)
            moved = shift_images(images[order], shifts)
            part = rates[number * steps :][:steps]
            losses.append(self._epoch(moved, labels[order], part).item())
            after_epoch()
        return losses

    def _epoch(self, images: Tensor, labels: Tensor, rates: list[float]) -> Tensor:
        """Every example once; the last batch is filled up with the first ones."""
        size, total = len(self.labels), torch.zeros((), device=DEVICE)
        places = torch.arange(len(rates) * size, device=DEVICE) % len(labels)
        for batch, rate in zip(places.split(size), rates, strict=True):
            self.images.copy_(images[batch])
            self.labels.copy_(labels[batch])
            self.rate.fill_(rate)
            total += self.step()
        return total / len(rates)

    def _rates(self, n_steps: int) -> list[float]:
        """The learning rate of each step."""
        optimizer = torch.optim.SGD([torch.zeros(1)], momentum=0.9)
        schedule, rates = learning_rates(self.config, optimizer, n_steps), []
        for _ in range(n_steps):
            rates.append(schedule.get_last_lr()[0])
            optimizer.step()
            schedule.step()
        return rates

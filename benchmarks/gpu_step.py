"""A training step that a GPU repeats by itself.  Not run on a GPU yet, see gpu.py.

Axis key: b examples of one step.
"""

import time
from collections.abc import Callable

import torch
from torch import Tensor

from capsnet_tutorial import CapsNet, margin_loss, reconstruction_loss
from capsnet_tutorial.fast import speed_up
from capsnet_tutorial.runs.config import TrainConfig

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
    """

    def __init__(self, config: TrainConfig):
        torch.manual_seed(config.seed)
        net = CapsNet(config.model_config())
        self.net = net.to(DEVICE, memory_format=torch.channels_last)
        speed_up(self.net)
        self.optimizer = torch.optim.Adam(
            self.net.parameters(), config.lr, fused=True, capturable=ON_GPU
        )
        self.weight = config.reconstruction_weight
        shape = config.batch_size, *self.net.config.image_shape
        self.images = torch.zeros(shape, device=DEVICE)
        self.labels = torch.zeros(config.batch_size, dtype=torch.int64, device=DEVICE)
        self.losses = torch.compile(self._losses) if ON_GPU else self._losses
        self.step = self._captured() if ON_GPU else self._step

    def _losses(self, images: Tensor, labels: Tensor) -> Tensor:
        present = labels[:, None] == torch.arange(self.net.config.n_classes).to(labels)
        output = self.net(images, present)
        reconstruction = reconstruction_loss(output.reconstruction, images)
        return margin_loss(output.lengths, present) + self.weight * reconstruction

    def _step(self) -> Tensor:
        with torch.autocast(DEVICE.type, torch.bfloat16, cache_enabled=False):
            loss = self.losses(self.images, self.labels)
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
        self.net.load_state_dict(before)
        for state in self.optimizer.state.values():
            for value in state.values():
                value.zero_()

        def replay() -> Tensor:
            graph.replay()
            return loss

        return replay

    def epoch(self, images: Tensor, labels: Tensor) -> Tensor:
        """One pass; the last batch is filled up with the first images.  Mean loss."""
        size, total = len(self.labels), torch.zeros((), device=DEVICE)
        n_steps = -(-len(labels) // size)
        places = torch.arange(n_steps * size, device=DEVICE) % len(labels)
        for batch in places.split(size):
            self.images.copy_(images[batch])
            self.labels.copy_(labels[batch])
            total += self.step()
        return total / n_steps

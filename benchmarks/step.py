"""Time one formulation, in a process of its own, and print what came out as JSON.

    python benchmarks/step.py ours-bf16 --repetitions 5

What is timed:
    step          forward pass, losses, backward pass, Adam: one `train_step`
    convolutions  both convolutions and the ReLU, forward and backward, no optimizer
    routing       from poses (b i d) and matrices (i j d e) to poses (b j e), votes
                  included, and back to the gradients of both

Memory is the most that the process held, less what it held before the part that is
timed was made: after the imports for a step; for routing, after inputs and weights,
and after one example went through, which loads the code.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from rows import FORMULATIONS, Formulation

from capsnet_tutorial import squash, train_step
from capsnet_tutorial.capsnet import PRESETS, CapsNetConfig

MB = 2**20


def held(peak: bool) -> int:
    """Bytes of memory that the process holds now, or held at most."""
    status = Path("/proc/self/status")
    if status.exists():
        key = "VmHWM:" if peak else "VmRSS:"
        line = next(x for x in status.read_text().split("\n") if x.startswith(key))
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def busy_seconds() -> float | None:
    """Seconds of processor time that all programs used since the machine started."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return None
    user, nice, system, _, _, irq, softirq, steal, *_ = map(
        int, stat.read_text().split("\n")[0].split()[1:]
    )
    ticks = user + nice + system + irq + softirq + steal
    return ticks / os.sysconf("SC_CLK_TCK")


def autocast(row: Formulation) -> torch.autocast:
    """A new one for each step: it keeps the rounded weights until it ends."""
    return torch.autocast("cpu", torch.bfloat16, enabled=row.bfloat16)


def whole_step(row: Formulation, config: CapsNetConfig, n: int) -> Callable[[], None]:
    net = row.build(config)
    optimizer = torch.optim.Adam(net.parameters(), fused=row.fused or None)
    images, labels = torch.rand(n, *config.image_shape), torch.arange(n) % 10

    def step() -> None:
        with autocast(row):
            train_step(net, optimizer, images, labels)

    return step


def forward_and_backward(
    row: Formulation, config: CapsNetConfig, n: int
) -> Callable[[], None]:
    layer = row.build(config)
    routing = row.part == "routing"
    inputs = torch.rand(n, *config.image_shape)
    if routing:
        inputs = squash(torch.randn(n, config.n_primary, config.primary_dim))
        inputs = inputs.bfloat16() if row.bfloat16 else inputs
    inputs.requires_grad_(routing)

    def step() -> None:
        layer.zero_grad()
        inputs.grad = None
        with autocast(row):
            output = layer(inputs)
        output.backward(torch.ones_like(output))

    return step


def loaded(row: Formulation, config: CapsNetConfig) -> int:
    """Bytes held once one example went through the same code."""
    forward_and_backward(row, config, 1)()
    return held(peak=False)


def measure(
    row: Formulation, config: CapsNetConfig, n: int, warmups: int, repetitions: int
) -> dict:
    """Seconds of each repetition, memory, and how much others used the processor."""
    torch.manual_seed(0)
    seconds, before = [], held(peak=False)
    make = whole_step if row.part == "step" else forward_and_backward
    step = make(row, config, n)
    if row.part == "routing":
        before = loaded(row, config)
    for _ in range(warmups):
        step()
    busy, own, begin = busy_seconds(), time.process_time(), time.perf_counter()
    for _ in range(repetitions):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    others = None
    if busy is not None:
        foreign = busy_seconds() - busy - (time.process_time() - own)
        others = foreign / (time.perf_counter() - begin) / os.cpu_count()
    return {
        "seconds": seconds,
        "memory_mb": (held(peak=True) - before) / MB,
        "others": others,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=list(FORMULATIONS))
    parser.add_argument("--preset", choices=list(PRESETS), default="paper")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--warmups", type=int, default=1)
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    row, config = FORMULATIONS[options.name], PRESETS[options.preset]
    sizes = options.batch_size, options.warmups, options.repetitions
    print(json.dumps({**measure(row, config, *sizes), "threads": options.threads}))


if __name__ == "__main__":
    main()

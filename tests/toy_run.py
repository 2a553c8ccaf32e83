"""A training run small enough to be killed a hundred times: `go` in a fresh process.

40 real digits, 1,095 parameters, batches of 8, 2 epochs: 10 steps.  `go` can die at a
chosen step, or at a chosen call of the file system, in a chosen way.
"""

import errno
import os
import resource
import signal
import sys
import time
from pathlib import Path
from unittest import mock

import torch
import torch._dynamo  # what the first run would import, so that a fork has it
import torch.distributed.tensor

from capsnet_tutorial import CapsNetConfig, capsnet, cli
from capsnet_tutorial.digits.mnist import load_mnist
from capsnet_tutorial.overlaps import wrong_answers
from capsnet_tutorial.runs import folder as folders
from capsnet_tutorial.runs import job, signals

TOY = CapsNetConfig(
    conv_channels=3,
    primary_types=1,
    primary_dim=2,
    class_dim=3,
    n_iters=2,
    decoder_hidden=(2,),
)
COMMAND = (
    "train --preset toy --data mini --epochs 2 --batch-size 8 --precision float32 --cpu"
)
N = 40
STEPS = 10


class Death(Exception):
    pass


def die(how):
    if how == "exception":
        raise Death
    if how.startswith("E"):  # the disk's fault: "EIO"
        number = getattr(errno, how)
        raise OSError(number, os.strerror(number))
    os.kill(
        os.getpid(),
        {"term": signal.SIGTERM, "int": signal.SIGINT, "hup": signal.SIGHUP}.get(
            how, 9
        ),
    )


def few_digits(split, source):
    part = slice(-N // 2, None) if split == "val" else slice(N)
    images, labels = load_mnist("train", "mini").tensors
    return torch.utils.data.TensorDataset(images[part], labels[part])


def dying_at(function, calls, at, how):
    """`function`, but its `at`-th call (counted in `calls`) dies before it acts.

    Calls for the files of installed packages are not counted.
    """

    def wrapped(*arguments, **options):
        if "site-packages" not in str(arguments[0]):
            calls.append(function)
            if len(calls) == at:
                die(how)
        return function(*arguments, **options)

    return wrapped


def go(
    folder,
    *more,
    step=0,
    file_call=0,
    validation=0,
    how="kill",
    file_size=None,
    slow=0.0,
    log=None,
):
    """Run the command with `more` arguments; exit with its code.

    Args:
        step: die right after this step, counted from 1 in this process.
        file_call: die at this call of mkdir, open, iterdir, fsync or rename.
        validation: die right after this batch of validation.
        how: "exception", "term", "int", "kill", or an error of the disk: "EIO".
        slow: seconds that a step takes longer; FOLDER.asleep says that one does.
        file_size: the file system refuses larger files, as a full disk would.
        log: file for what is printed.
    """
    if log:
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
    torch.set_num_threads(1)
    if file_size is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    steps, calls, batches = [], [], []
    patches = [
        mock.patch.dict(capsnet.PRESETS, {"toy": TOY}),
        mock.patch.object(job, "load_mnist", few_digits),
        mock.patch.object(
            job.Job, "step", after(job.Job.step, steps, step, how, slow, folder)
        ),
        mock.patch.object(signals.StopRequest, "_note", told(folder)),
        mock.patch.object(
            job, "wrong_answers", after(wrong_answers, batches, validation, how)
        ),
        mock.patch.object(folders.RunFolder, "_picture", return_value=b"a picture"),
        *(
            mock.patch.object(
                owner, name, dying_at(getattr(owner, name), calls, file_call, how)
            )
            for owner, name in (
                (os, "fsync"),
                (Path, "iterdir"),
                (Path, "mkdir"),
                (Path, "open"),
                (Path, "replace"),
            )
        ),
    ]
    for patch in patches:
        patch.start()
    sys.exit(cli.main([*COMMAND.split(), "--folder", str(folder), *more]))


def told(folder):
    """Note a signal as ever, and say so: FOLDER.noted."""
    note = signals.StopRequest._note

    def noted(self, *arguments):
        note(self, *arguments)
        Path(f"{folder}.noted").touch()

    return noted


def after(function, calls, at, how, slow=0.0, folder=None):
    """`function`, but its `at`-th call dies after it acted."""

    def wrapped(*arguments, **options):
        result = function(*arguments, **options)
        if slow:
            Path(f"{folder}.asleep").touch()
            time.sleep(slow)
        calls.append(function)
        if len(calls) == at:
            die(how)
        return result

    return wrapped


if __name__ == "__main__":
    go(sys.argv[1])

"""Records: what was run, where, and what came out; and files that are never half done.

Every number in the book comes from a record in data/results.  A record holds the
complete config, the commit, the machine, and the result of every epoch.  It names no
user, no host and no path of the machine that made it.
Book: chapter 7 (book/07_training.ipynb) reads one.
"""

import contextlib
import hashlib
import json
import os
import platform
import resource
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from capsnet_tutorial.mnist_files import shipped_file

SCHEMA = 1
CHECKOUT = Path(__file__).parents[1]


def to_json(value: Any) -> bytes:
    """Text that is equal for equal values, and that a person can read."""
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write_file(path: Path, content: bytes) -> None:
    """Write a file and wait until the disk has it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder; Windows cannot, and need not."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_atomically(path: Path, content: bytes) -> None:
    """Put a file in place whole, or leave the old one.

    Raises:
        OSError: if it cannot be written; the old file is then untouched.
    """
    part = path.with_name(f".{path.name}.part-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(part, content)
        part.replace(path)
        sync_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def circumstances(device: torch.device) -> dict[str, Any]:
    """Where and from what a run was made."""
    packages = ("torch", "torchvision", "numpy", "capsnet-tutorial")
    return {
        "command": [Path(x).name if Path(x).is_absolute() else x for x in sys.argv],
        "code": _commit(),
        "device": _describe(device),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in packages},
        },
    }


def _describe(device: torch.device) -> dict[str, Any]:
    if device.type == "cuda":
        return {"type": "cuda", "name": torch.cuda.get_device_name(device)}
    capabilities = getattr(torch.cpu, "get_capabilities", dict)()  # since torch 2.12
    return {
        "type": device.type,
        "processor": capabilities.get("cpu_name", platform.machine()),
        "threads": torch.get_num_threads(),
    }


def _commit() -> dict[str, Any]:
    """The commit, and whether files differ from it; None outside a checkout."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(CHECKOUT), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        if Path(git("rev-parse", "--show-toplevel")) != CHECKOUT:
            return {"commit": None, "dirty": None}
        return {
            "commit": git("rev-parse", "HEAD"),
            "dirty": bool(git("status", "--porcelain", "--untracked-files=no")),
        }
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "dirty": None}


def load_record(name: str) -> dict[str, Any]:
    """A record that comes with the package: how `paper` was trained, for example.

    Raises:
        ValueError: if there is no such record.

    >>> load_record("tiny")["counted_on"]["errors"]
    43
    """
    path = shipped_file(f"results/{name}.json")
    if not path.exists():
        known = sorted(other.stem for other in path.parent.glob("*.json"))
        raise ValueError(f"load_record: {name!r} is unknown; pass one of {known}")
    return json.loads(path.read_bytes())


def peak_memory_mb(device: torch.device) -> int:
    """Most memory held so far: of the GPU on CUDA, else of this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) // 2**20
    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, KiB on Linux
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit

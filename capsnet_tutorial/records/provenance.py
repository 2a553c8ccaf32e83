"""Records: what was run, where, and what came out.

Every number in the book comes from a record in data/results.  A record holds the
complete config, the commit, the machine, and the result of every epoch.  It names no
user, no host and no path of the machine that made it.
Book: chapter 7 (book/07_training.ipynb) reads one.
"""

import json
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from capsnet_tutorial.records.files import CHECKOUT, shipped_file

SCHEMA = 1


def provenance(device: torch.device) -> dict[str, Any]:
    """Command, commit, device and versions of what runs now."""
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
        if Path(git("rev-parse", "--show-toplevel")) != CHECKOUT.resolve():
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
    known = {path.stem: path for path in shipped_file("results").glob("*.json")}
    if name not in known:
        raise ValueError(
            f"load_record: {name!r} is unknown; pass one of {sorted(known)}"
        )
    return json.loads(known[name].read_bytes())


def peak_memory_mb(device: torch.device) -> int | None:
    """Most memory held so far: of the GPU on CUDA, else of this process.

    None on Windows, which does not tell.
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) // 2**20
    try:
        import resource
    except ImportError:
        return None
    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, KiB on Linux
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit

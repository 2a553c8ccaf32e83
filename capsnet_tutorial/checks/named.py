"""Find the network that somebody names in a shell."""

import importlib
import importlib.util
from pathlib import Path
from types import ModuleType

from torch import nn

from capsnet_tutorial.pretrained import PRETRAINED, load_pretrained
from capsnet_tutorial.runs import load_run


def network_named(text: str) -> nn.Module:
    """A network from file.py:Name, package.module:Name, a run's folder, or weights.

    A name stands for a module, or for what makes one without arguments.

    Raises:
        ValueError: if there is none.
    """
    if (Path(text) / "record.json").exists():
        return load_run(text)
    if text in PRETRAINED:
        return load_pretrained(text)
    source, colon, name = text.rpartition(":")
    if not colon:
        raise ValueError(
            f"{text!r} is no finished run, and none of {', '.join(PRETRAINED)}; pass "
            "file.py:Name or package.module:Name"
        )
    module = _imported(source)
    if not hasattr(module, name):
        raise ValueError(f"{source} has no {name}")
    found = getattr(module, name)
    network = found() if callable(found) and not _is_network(found) else found
    if not _is_network(network):
        raise ValueError(
            f"{name} in {source} is a {type(network).__name__}; name a "
            "torch.nn.Module, or what makes one without arguments"
        )
    return network


def _is_network(thing: object) -> bool:
    return isinstance(thing, nn.Module)


def _imported(source: str) -> ModuleType:
    try:
        if not source.endswith(".py"):
            return importlib.import_module(source)
        spec = importlib.util.spec_from_file_location(Path(source).stem, source)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    except (ImportError, FileNotFoundError) as error:
        raise ValueError(f"cannot import {source}: {error}") from None

"""A trained network as a file that runs without this package, checked.

Book: "Your own images".

Axis key: b images, c h w channels, height, width, j classes, e pose size.
"""

import contextlib
import io
import json
import logging
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from capsnet_tutorial.records.files import write_atomically
from capsnet_tutorial.runs.prediction import Named

BATCHES = (1, 4, 7)  # none of them is the batch that it is made with
TOLERANCE = 1e-4
ENDINGS = {"onnx": ".onnx", "exported": ".pt2", "torchscript": ".pt"}


class ExportError(RuntimeError):
    """The file would not say what the network says, or cannot be made here."""


class _Plain(nn.Module):
    """Images in; lengths, poses and, with a decoder, reconstructions out."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, images: Float[Tensor, "b c h w"]) -> tuple[Tensor, ...]:
        output = self.model(images)
        return tuple(x for x in output if x is not None)


def export(network: Named, path: str | Path, to: str = "onnx") -> float:
    """Write a network to a file, for batches of any size.

    ===========  =====================================================
    to           read it with
    ===========  =====================================================
    onnx         onnxruntime, in any language; the names of the classes
                 are in its metadata
    exported     torch.export.load(path).module()
    torchscript  torch.jit.load(path); PyTorch itself advises against it
    ===========  =====================================================

    The file is kept only if it says the same as the network on batches of 1, 4 and 7.

    Returns:
        The largest difference that was seen.

    Raises:
        ValueError: if the format is unknown.
        ExportError: if a library is missing, or the file says something else.
        OSError: if the file cannot be written.
    """
    if to not in ENDINGS:
        known = ", ".join(ENDINGS)
        raise ValueError(f"export: to is {to!r}; pass one of {known}")
    plain = _Plain(network.model).eval()
    shape = network.model.config.image_shape
    facts = {"classes": list(network.classes), "image_shape": list(shape)}
    make = {"onnx": _onnx, "exported": _exported, "torchscript": _torchscript}[to]
    with _quiet():
        try:
            content, read = make(plain, torch.rand(2, *shape), facts)
        except ExportError:
            raise
        except Exception as error:  # exporters fail in many ways of their own
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise ExportError(f"this network cannot be made {to}: {first}") from error
        worst = _largest_difference(plain, read, shape)
    if not worst <= TOLERANCE:
        raise ExportError(
            f"the {to} file would differ from the network by {worst:.2g}; nothing was "
            "written"
        )
    write_atomically(Path(path), content)
    return worst


@torch.no_grad()
def _largest_difference(
    plain: nn.Module, read: Callable[[Tensor], tuple], shape: tuple[int, ...]
) -> float:
    generator = torch.Generator().manual_seed(0)
    worst = 0.0
    for n in BATCHES:
        images = torch.rand(n, *shape, generator=generator)
        for theirs, ours in zip(read(images), plain(images), strict=True):
            difference = torch.as_tensor(theirs) - ours
            worst = max(worst, difference.abs().max().item())
    return worst


def _exported(plain: nn.Module, images: Tensor, facts: dict) -> tuple[bytes, Callable]:
    program = _program(plain, images)
    with io.BytesIO() as file:
        extra = {"network.json": json.dumps(facts)}
        torch.export.save(program, file, extra_files=extra)
        content = file.getvalue()
    return content, torch.export.load(io.BytesIO(content)).module()


def _program(plain: nn.Module, images: Tensor) -> torch.export.ExportedProgram:
    free = {"images": {0: torch.export.Dim("batch")}}
    return torch.export.export(plain, (images,), dynamic_shapes=free)


def _onnx(plain: nn.Module, images: Tensor, facts: dict) -> tuple[bytes, Callable]:
    try:
        import onnx
        import onnxruntime
        import onnxscript  # noqa: F401  torch.onnx needs it
    except ImportError as error:
        raise ExportError(
            f"{error.name} is missing; `pip install onnx onnxruntime onnxscript` "
            "brings what ONNX needs"
        ) from None
    names = ["lengths", "poses", "reconstructions"][: len(plain(images))]
    program = torch.onnx.export(
        _program(plain, images),
        input_names=["images"],
        output_names=names,
        dynamo=True,
        verbose=False,
    )
    model = program.model_proto
    for name, value in facts.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = name, json.dumps(value)
    onnx.checker.check_model(model)
    content = model.SerializeToString()
    session = onnxruntime.InferenceSession(content)
    return content, lambda x: session.run(None, {"images": x.numpy()})


def _torchscript(
    plain: nn.Module, images: Tensor, facts: dict
) -> tuple[bytes, Callable]:
    traced = torch.jit.trace(plain, images)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.pt"
        extra = {"network.json": json.dumps(facts)}
        torch.jit.save(traced, str(path), _extra_files=extra)
        return path.read_bytes(), torch.jit.load(str(path))


@contextlib.contextmanager
def _quiet():
    """Without the many words of exporters about themselves."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(action="ignore"), torch.no_grad():
            yield
    finally:
        logging.disable(level)

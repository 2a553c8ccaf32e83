"""Weights for a page: one header, one block of half-precision numbers.

The header is JSON: the model's config, and name, shape and place of every tensor.  The
block is cut into scripts of about 100 kilobytes, because a page that was opened from
disk may run a script but not fetch a file; and so that progress can be shown.
Needs only the standard library: the book is built without torch.
JavaScript: tensors.js reads the block, assets.js loads the scripts.
"""

import base64
import hashlib
import json
import math
import struct
import zlib
from pathlib import Path

FORMAT = "capsnet float16 1"
PART_BYTES = 75_000  # 100,000 characters in base64

Tensors = dict[str, tuple[tuple[int, ...], bytes]]  # shape, little-endian float16


def pack(config: dict, tensors: Tensors) -> tuple[dict, bytes]:
    """Header and block, the same for the same weights.

    Args:
        config: the fields of a CapsNetConfig.
        tensors: shape and float16 bytes of each tensor, by its name.

    >>> header, block = pack({}, {"b": ((2,), b"wxyz"), "a": ((), b"uv")})
    >>> header["tensors"], block
    ({'a': {'shape': [], 'start': 0}, 'b': {'shape': [2], 'start': 2}}, b'uvwxyz')
    """
    places, block = {}, b""
    for name, (shape, content) in sorted(tensors.items()):
        assert len(content) == 2 * math.prod(shape), name
        places[name] = {"shape": list(shape), "start": len(block)}
        block += content
    return {
        "format": FORMAT,
        "config": config,
        "tensors": places,
        "bytes": len(block),
        "adler32": zlib.adler32(block),
        "sha256": hashlib.sha256(block).hexdigest(),
    }, block


def read_safetensors(path: Path) -> Tensors:
    """All tensors of a safetensors file of half-precision numbers.

    Raises:
        ValueError: if a tensor has numbers of another kind.
    """
    content = path.read_bytes()
    (size,) = struct.unpack_from("<Q", content)
    table = json.loads(content[8 : 8 + size])
    table.pop("__metadata__", None)
    tensors = {}
    for name, entry in table.items():
        if entry["dtype"] != "F16":
            raise ValueError(f"{path.name}: {name} is {entry['dtype']}; store F16")
        start, end = (8 + size + offset for offset in entry["data_offsets"])
        tensors[name] = tuple(entry["shape"]), content[start:end]
    return tensors


def pack_shipped(name: str, data: Path) -> tuple[dict, bytes]:
    """Header and block of weights in the folder `data`; its record has the config."""
    record = json.loads((data / "results" / f"{name}.json").read_text())
    config = {"primary_scale": 1.0, "class_bias": False, **record["config"]}
    return pack(config, read_safetensors(data / "weights" / f"{name}.safetensors"))


def as_scripts(name: str, header: dict, block: bytes) -> dict[str, str]:
    """Texts of the scripts by their file names; the first, NAME.js, lists the others.

    Each leaves one value in the global `capsnetParts`, under its own file name.
    """
    cuts = range(0, len(block), PART_BYTES)
    parts = {
        f"{name}-{n:02}.js": block[at : at + PART_BYTES] for n, at in enumerate(cuts)
    }
    values: dict = {f"{name}.js": {**header, "parts": list(parts)}}
    values |= {file: base64.b64encode(part).decode() for file, part in parts.items()}
    line = "(globalThis.capsnetParts ??= {{}})[{}] = {};\n"
    return {
        file: line.format(json.dumps(file), json.dumps(value, separators=(",", ":")))
        for file, value in values.items()
    }


def write_scripts(name: str, data: Path, folder: Path) -> list[Path]:
    """Write the scripts of shipped weights into a folder of the built page."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for file, text in as_scripts(name, *pack_shipped(name, data)).items():
        files.append(folder / file)
        if not files[-1].exists() or files[-1].read_text() != text:
            files[-1].write_text(text)
    return files

"""MNIST on disk: where its four files live, and that they arrive whole.

A file counts as MNIST if the SHA-256 of its unpacked content is the known one; nothing
else (a name, a size, a marker file) is trusted.  Files appear whole or not at all.
Book: chapter 3 uses the digits; data/README.md lists the sources.
"""

import gzip
import logging
import os
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pooch

from capsnet_tutorial.records.files import (
    CHECKOUT,
    DataError,
    read_checked,
    sha256,
    write_atomically,
)


class Known(NamedTuple):
    size: int  # bytes, unpacked
    sha256: str  # of the unpacked content


FILES = {
    "train-images-idx3-ubyte": Known(
        47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    ),
    "train-labels-idx1-ubyte": Known(
        60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    "t10k-images-idx3-ubyte": Known(
        7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    ),
    "t10k-labels-idx1-ubyte": Known(
        10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    ),
}
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)


def data_folder() -> Path:
    """Where MNIST lives: $CAPSNET_DATA, else `data/` of a checkout, else a cache."""
    if folder := os.environ.get("CAPSNET_DATA"):
        return Path(folder).expanduser()
    if (CHECKOUT / "data" / "mnist-mini.npz").exists():
        return CHECKOUT / "data"
    return Path(pooch.os_cache("capsnet-tutorial"))


def mnist_folder() -> Path:
    """Folder of the four `FILES`, where torchvision looks for them too."""
    return data_folder() / "MNIST" / "raw"


def is_installed() -> bool:
    """True if all four files are there; `read_installed` tells if they are whole."""
    return all((mnist_folder() / name).exists() for name in FILES)


def read_installed(name: str) -> bytes:
    """The content of this file of MNIST.

    Raises:
        DataError: if it is missing, cannot be read, or is not MNIST's.
    """
    remedy = "run `capsnet data` to install it"
    return read_checked(mnist_folder() / name, FILES[name].sha256, remedy)


def install_mnist(
    source: str | Path | None = None, mirrors: Sequence[str] = MIRRORS
) -> Path:
    """Bring the four files into `data_folder()`; files that are there and whole stay.

    Args:
        source: a folder that has them, packed (.gz) or not; None downloads them.
        mirrors: addresses to try in turn, each ending in "/".

    Returns:
        The folder with the files.

    Raises:
        DataError: if a file is missing from `source`, if no mirror delivered it whole,
            or if it cannot be written.  No file is left half done.
    """
    for name in FILES:
        try:
            read_installed(name)
        except DataError:
            if source is None:
                content = _download(name, mirrors)
            else:
                content = _find(name, Path(source))
            _write(mnist_folder() / name, content)
    return mnist_folder()


def _find(name: str, folder: Path) -> bytes:
    for place in (folder, folder / "raw", folder / "MNIST" / "raw"):
        for path in (place / name, place / f"{name}.gz"):
            if path.exists():
                return _unpack(name, path)
    raise DataError(
        f"{folder} has neither {name} nor {name}.gz; pass the folder that has them"
    )


def _download(name: str, mirrors: Sequence[str]) -> bytes:
    pooch.get_logger().setLevel(logging.ERROR)
    failures = []
    for mirror in mirrors:
        print(f"{name} from {mirror}")
        with tempfile.TemporaryDirectory() as folder:
            try:
                path = pooch.retrieve(f"{mirror}{name}.gz", None, f"{name}.gz", folder)
                return _unpack(name, Path(path))
            except (DataError, OSError) as error:
                failures.append(f"  {mirror}: {error}")
    raise DataError(
        "\n".join([f"no mirror delivered {name}:", *failures])
        + "\nWithout a network, bring the four .gz files in a folder and run "
        "`capsnet data --source FOLDER`"
    )


def _unpack(name: str, path: Path) -> bytes:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(FILES[name].size + 1)  # a .gz may unpack to anything
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name} is damaged ({error})") from None
    if sha256(content) != FILES[name].sha256:
        raise DataError(f"{path.name} is not MNIST's: its content has another SHA-256")
    return content


def _write(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content)
    except OSError as error:
        raise DataError(
            f"cannot write {path} ({error.strerror}); free some space, or name another "
            "folder in CAPSNET_DATA"
        ) from None

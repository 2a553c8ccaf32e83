"""MNIST on disk: where its four files live, and that they arrive whole.

A file counts as MNIST if the SHA-256 of its unpacked content is the known one; nothing
else (a name, a size, a marker file) is trusted.  Files appear whole or not at all.
Book: chapter 3 uses the digits; data/README.md lists the sources.
"""

import gzip
import io
import os
import re
import threading
import time
import zlib
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

import platformdirs
import requests
from urllib3.exceptions import HTTPError

from capsnet_tutorial.records.files import (
    CHECKOUT,
    DataError,
    read_checked,
    remove_parts,
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
GZIP = b"\x1f\x8b"  # how such a file begins
SLACK = 2**16  # bytes more than the content: gzip of what cannot be packed is larger
PATIENCE = 30.0  # seconds for an answer to begin, and until a slow one is given up
SLOWEST = 20_000  # bytes a second


def data_folder() -> Path:
    """Where MNIST lives: $CAPSNET_DATA, else `data/` of a checkout, else a cache."""
    if folder := os.environ.get("CAPSNET_DATA"):
        return Path(folder).expanduser()
    if (CHECKOUT / "data" / "mnist-mini.npz").exists():
        return CHECKOUT / "data"
    return Path(platformdirs.user_cache_dir("capsnet-tutorial", appauthor=False))


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
            remove_parts(mnist_folder(), re.compile(re.escape(name)))
            if source is None:
                content = _download(name, mirrors)
            else:
                content = _find(name, Path(source))
            _write(mnist_folder() / name, content)
    return mnist_folder()


def _find(name: str, folder: Path) -> bytes:
    """The first whole copy in a folder; a damaged one does not hide another."""
    failures = []
    for place in (folder, folder / "raw", folder / "MNIST" / "raw"):
        for path in (place / name, place / f"{name}.gz"):
            try:
                with path.open("rb") as file:
                    return _unpacked(name, file.read(FILES[name].size + SLACK))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                failures.append(f"{path} cannot be read ({error.strerror})")
            except DataError as error:
                failures.append(f"{path} {error}")
    if failures:
        raise DataError("; ".join(failures))
    raise DataError(
        f"{folder} has neither {name} nor {name}.gz; pass the folder that has them"
    )


def _download(name: str, mirrors: Sequence[str]) -> bytes:
    failures = []
    for mirror in mirrors:
        print(f"{name} from {mirror}")
        url = f"{mirror}{name}.gz"
        try:
            return _unpacked(name, _fetch(url, FILES[name].size + SLACK))
        except DataError as error:
            failures.append(f"  {url} {error}")
        except (OSError, ValueError, HTTPError) as error:
            failures.append(f"  {url}: {error}")
    raise DataError(
        "\n".join([f"no mirror delivered {name}:", *failures])
        + "\nWithout a network, bring the four .gz files in a folder and run "
        "`capsnet data --source FOLDER`"
    )


def _fetch(url: str, most: int) -> bytes:
    """As the server sends it, unless that is too much, or takes too long."""
    content, begun = bytearray(), time.monotonic()
    with _begun(url) as answer:
        answer.raise_for_status()
        while chunk := answer.raw.read1(2**16, decode_content=False):
            content += chunk
            seconds = time.monotonic() - begun
            if len(content) > most:
                raise DataError(f"is larger than MNIST's ({most:,} bytes)")
            if seconds > PATIENCE and len(content) < SLOWEST * seconds:
                raise DataError(f"is slower than {SLOWEST:,} bytes a second")
    return bytes(content)


def _begun(url: str) -> requests.Response:
    """An answer whose headers have come: in a thread, as they may trickle for ever."""
    coming: Future[requests.Response] = Future()

    def ask() -> None:
        try:
            coming.set_result(requests.get(url, stream=True, timeout=PATIENCE))
        except Exception as error:  # is raised where it is waited for
            coming.set_exception(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        return coming.result(2 * PATIENCE)  # to connect, and to answer
    except TimeoutError:
        raise DataError(
            f"has not begun to answer in {2 * PATIENCE:g} seconds"
        ) from None


def _unpacked(name: str, content: bytes) -> bytes:
    """MNIST's bytes; of gzip, or of gzip in gzip, as servers may pack it once more."""
    known = FILES[name]
    for _ in range(2):
        if not content.startswith(GZIP):
            break
        try:
            with gzip.open(io.BytesIO(content)) as file:
                content = file.read(known.size + SLACK)  # it may unpack to anything
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"is damaged ({error})") from None
    if sha256(content) != known.sha256:
        raise DataError("is not MNIST's: its content has another SHA-256")
    return content


def _write(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content)
    except OSError as error:
        raise DataError(
            f"cannot write {path} ({error.strerror}); free some space, or name another "
            "folder in CAPSNET_DATA"
        ) from None

"""Files on disk: written as a whole or not at all, and checked before they are used.

Book: chapter 7 (book/07_training.ipynb) relies on both.
"""

import contextlib
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]
CHECKOUT = PACKAGE.parent


class DataError(RuntimeError):
    """Data are missing, damaged or cannot be installed; the message says what to do."""


def shipped_file(name: str) -> Path:
    """Path of a data file that comes with the package, in a wheel or a checkout."""
    inside = PACKAGE / "data" / name
    return inside if inside.exists() else CHECKOUT / "data" / name


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read_checked(path: Path, digest: str, remedy: str) -> bytes:
    """The bytes of a file, which have this SHA-256.

    Raises:
        DataError: if the file is missing, cannot be read, or has other bytes; the
            message ends in `remedy`.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path} is missing; {remedy}") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); {remedy}") from None
    if sha256(content) != digest:
        raise DataError(
            f"{path} is damaged ({len(content):,} bytes, wrong SHA-256); {remedy}"
        )
    return content


def read_json(path: Path) -> dict[str, Any] | None:
    """What a JSON file of ours says, or None if it is not there.

    Raises:
        DataError: if it cannot be read, or is damaged; nothing is changed.
    """
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror}); make it readable, and start "
            "the same command again"
        ) from error
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is damaged: no JSON ({error})") from None
    if not isinstance(value, dict):
        raise DataError(f"{path} is damaged: a {type(value).__name__}, not an object")
    return value


def read_sealed(path: Path) -> dict[str, Any] | None:
    """What `sealed` wrote into a file, or None if it is not there.

    Raises:
        DataError: if it cannot be read, or is not what was written.
    """
    value = read_json(path)
    if value is not None and value.pop("seal", None) != sha256(to_json(value)):
        raise DataError(
            f"{path} is not as it was written: damaged, changed by hand, or of another "
            "version of the package"
        )
    return value


def sealed(value: dict[str, Any]) -> bytes:
    """JSON with the SHA-256 of its own content: later, each changed number is seen."""
    return to_json({**value, "seal": sha256(to_json(value))})


def to_json(value: Any) -> bytes:
    """Text that is equal for equal values, and that a person can read."""
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file by one with this content; after a failure the old one is there.

    Raises:
        OSError: if it cannot be written.
    """
    part = path.with_name(f".{path.name}.part-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync_folder(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink()
        if isinstance(error, OSError) and error.filename is None:  # from a write
            error.filename = str(path)
        raise


def _sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder; Windows cannot, and need not."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_parts(folder: Path, ours: re.Pattern) -> None:
    """Remove what a killed `write_atomically` has left, of files named like `ours`."""
    for path in folder.glob(".*.part-*"):
        part = re.fullmatch(r"\.(.+)\.part-\d+", path.name)
        if part and ours.fullmatch(part[1]):
            path.unlink()

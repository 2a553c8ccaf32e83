"""One folder, one writer: a lock that ends with its process, however that dies."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from capsnet_tutorial.runs.checkpoints import CheckpointError

LOCK, HOLDER = ".lock", ".holder"


@contextlib.contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Hold a folder; on network file systems a lock may be advisory, or none.

    Of the processes of `accelerate launch`, the first holds it for all.

    Raises:
        CheckpointError: if another process holds it; the message says which.
    """
    if int(os.environ.get("RANK", "0")):
        yield
        return
    holder = folder / HOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        lock.acquire(blocking=False)
    except Timeout:
        who = "another process"
        with contextlib.suppress(OSError):
            who = holder.read_text(encoding="utf-8")
        raise CheckpointError(
            f"{folder} is being written by {who}; wait for it, stop it, or name "
            "another folder"
        ) from None
    except OSError as error:
        raise CheckpointError(f"{folder} cannot be used ({error})") from None
    try:
        with contextlib.suppress(OSError):  # who holds it is only said, never used
            name = f"process {os.getpid()} on {socket.gethostname()}"
            holder.write_text(name, encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            holder.unlink()
        lock.release()

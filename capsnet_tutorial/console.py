"""What a command prints never decides how it ends.

A closed pipe, a full disk behind `>`, a terminal without our letters: a run of hours
goes on, and what cannot be printed is lost.
"""

import contextlib
import io
import os
import sys
from collections.abc import Iterator


class Forgiving:
    """A stream that swallows what it cannot write, from the first failure on.

    Args:
        stream: where to print; None if the process was started without one.
    """

    def __init__(self, stream: io.TextIOBase | None):
        self.lost: Exception | None = None  # why the rest was not written
        if stream is None:
            stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
        self._stream = stream

    def write(self, text: str) -> int:
        if self.lost is None:
            try:
                self._stream.write(text)
            except (OSError, ValueError) as error:  # ValueError: it is closed
                self._lose(error)
        return len(text)

    def flush(self) -> None:
        if self.lost is None:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._lose(error)

    def _lose(self, error: Exception) -> None:
        """Python would try the rest once more at its end, and fail."""
        self.lost = error
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)

    def __getattr__(self, name: str):
        return getattr(self._stream, name)


@contextlib.contextmanager
def forgiving() -> Iterator[Forgiving]:
    """Make stdout and stderr forgiving; gives stdout."""
    out, err = Forgiving(sys.stdout), Forgiving(sys.stderr)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            yield out
        finally:
            out.flush()
            err.flush()

"""Stopping a run from outside: Ctrl-C, SIGTERM (Colab disconnects), SIGHUP (a terminal
is closed), or a time limit."""

import signal
import threading
import time
from types import FrameType


class Stopped(KeyboardInterrupt):
    """A run was stopped and saved.

    `exit_code` is 128 and the number of the signal, or 0 for the time limit.
    """

    def __init__(self, exit_code: int):
        super().__init__("stopped and saved; start the same run again to go on")
        self.exit_code = exit_code

    def __reduce__(self):
        return type(self), (self.exit_code,)  # to be raised again in another process


class StopRequest:
    """Within `with`, a first signal only sets `exit_code`; a second one acts at once.

    Args:
        max_minutes: ask to stop after so many minutes, with exit code 0.
    """

    def __init__(self, max_minutes: float | None = None):
        self._code: int | None = None
        self._deadline = None
        if max_minutes is not None:
            self._deadline = time.monotonic() + 60 * max_minutes
        self._before: dict[int, object] = {}

    @property
    def exit_code(self) -> int | None:
        """None until a signal or the time limit."""
        late = self._deadline is not None and time.monotonic() >= self._deadline
        if self._code is None and late:
            self._code = 0
        return self._code

    def __enter__(self) -> "StopRequest":
        numbers = [signal.SIGINT, signal.SIGTERM]
        numbers += [signal.SIGHUP] if hasattr(signal, "SIGHUP") else []
        if threading.current_thread() is threading.main_thread():  # else Python refuses
            for number in numbers:
                self._before[number] = signal.signal(number, self._note)
        return self

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._code = 128 + number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def __exit__(self, *_: object) -> None:
        self._restore()

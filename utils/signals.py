"""Asking a run to stop: a signal (SIGTERM, SIGUSR1, SIGUSR2, Ctrl-C) or a file called `stop`."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2)

#: Exit code of a run that was saved before it was finished (EX_TEMPFAIL of sysexits.h).
SAVED_NOT_FINISHED = 75


class StopRequest:
    """Notes signals instead of dying of them, so that a run can save after its current epoch.

    Within another request, it begins with what that one has noted, and hands on what it notes.

    Args:
        folder: A file called `stop` here is a request as well; it is removed when noticed.
    """

    signals = SIGNALS

    def __init__(self, folder: Path):
        self.file = Path(folder) / "stop"
        self.reason = ""

    def __enter__(self) -> "StopRequest":
        try:
            self._before = {number: signal.signal(number, self._note) for number in self.signals}
        except ValueError:  # not the main thread: only the file is watched
            self._before = {}
        outer = getattr(self._before.get(signal.SIGTERM), "__self__", None)
        self._outer = outer if isinstance(outer, StopRequest) else None
        if self._outer:
            self.reason = self._outer.reason
        return self

    def __exit__(self, *_) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._outer:
            self._outer.reason = self.reason or self._outer.reason

    def _note(self, number, _frame) -> None:
        self.reason = signal.Signals(number).name

    def requested(self) -> bool:
        """Whether a signal came or the file stands there."""
        if self.file.exists():
            self.file.unlink(missing_ok=True)
            self.reason = "the file `stop`"
        return bool(self.reason)


class EndAtSignal(StopRequest):
    """Ends the process when a signal comes: nothing is begun yet that would have to be saved.

    For a command as a whole, in which training has its own request: importing TensorFlow takes
    seconds, in which a job may be signalled as well. Ctrl-C is left to Python.
    """

    signals = (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)

    def __init__(self):
        super().__init__(Path())

    def _note(self, number, frame) -> None:
        super()._note(number, frame)  # a request inside finds it, should a library swallow this:
        sys.exit(SAVED_NOT_FINISHED)


@contextmanager
def ended_at_once() -> Iterator[None]:
    """Within the block, a signal that would raise an exception ends the process without one.

    For the import of a library in C: an exception that a signal raises within it may come out as
    another one, so that the process would end with 1, failed. Handlers that only note are kept.
    """
    replaced = {}
    with suppress(ValueError):  # not the main thread, which no signal interrupts
        for number in SIGNALS:
            handler = signal.getsignal(number)
            raises = isinstance(getattr(handler, "__self__", None), EndAtSignal)
            if raises or handler is signal.default_int_handler:
                replaced[number] = signal.signal(number, _end_at_once)
    try:
        yield
    finally:
        for number, handler in replaced.items():
            signal.signal(number, handler)


def _end_at_once(number, _frame) -> None:
    with suppress(Exception):  # of a stream that is closed, or was being written to
        sys.stdout.flush()
    os._exit(128 + number if number == signal.SIGINT else SAVED_NOT_FINISHED)

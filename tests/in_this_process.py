"""Does in this process what starting a Python for each time would take seconds."""

import io
import time
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from subprocess import CompletedProcess
from unittest import mock

from representation_music.experiments import command_line
from representation_music.experiments.grid import worker
from representation_music.experiments.grid.pool import Pool


def repmusic(*words) -> CompletedProcess:
    """`repmusic WORDS`: its exit code, and what it printed."""
    return called(command_line.main, list(map(str, words)))


def called(function, *arguments) -> CompletedProcess:
    """The exit code that a function returns or exits with, and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = function(*arguments)
        except SystemExit as end:
            code = end.code
    return CompletedProcess(arguments, code or 0, out.getvalue(), err.getvalue())


class Engines(dict):
    """The last engines that were built, where a process of the project keeps one."""

    def clear(self):
        while len(self) > 12:
            del self[next(iter(self))]


ENGINES = Engines()


@contextmanager
def no_workers():
    """Grids train in this process, where TensorFlow and its graphs are: no worker is started."""
    from representation_music.experiments.training import engine

    with mock.patch.object(Pool, "run", _run_here), mock.patch.object(engine, "_ENGINES", ENGINES):
        yield


def _run_here(pool: Pool, advance) -> None:
    """As `Pool.run` of one worker."""
    pool.began, signature = time.monotonic(), None
    while taken := pool.schedule.take(signature):
        folder, signature = taken
        config = pool.configs[folder].to_json()
        order = folder, config, 0, pool.settings
        while (told := worker._train_and_evaluate(*order))[0] == "held":
            time.sleep(0.1)  # by a process that was killed and has not ended yet
        outcome, text = told
        assert outcome in ("finished", "failed"), text
        pool._count(folder, outcome, text, advance)

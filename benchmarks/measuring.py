"""Processes that are measured from outside, and how samples are summarised."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple


class Used(NamedTuple):
    """What a process took: seconds by the clock and of the processors, greatest memory in GB."""

    seconds: float
    processor_seconds: float
    gigabytes: float
    output: str


def run_python(*words: object) -> Used:
    """Runs Python with these words in a process of its own.

    Raises:
        SystemExit: with the process's exit code if that is not 0, once its errors are shown.
    """
    with tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        command = [sys.executable, *map(str, words)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.stdout.close()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            sys.stderr.write(errors.read())
            sys.exit(process.returncode)
    unit = 1e9 if sys.platform == "darwin" else 1e6  # macOS counts bytes, Linux kilobytes
    processor = usage.ru_utime + usage.ru_stime
    return Used(seconds, processor, usage.ru_maxrss / unit, output)


def repmusic(*words: object) -> Used:
    """Runs a `repmusic` command."""
    return run_python("-m", "representation_music.experiments.command_line", *words)


def answer_of(script: str | Path, *words: object) -> Any:
    """What a script prints as JSON on its last line."""
    return json.loads(run_python(script, *words).output.splitlines()[-1])


def median_and_spread(samples: Sequence[float], digits: int = 2) -> list[str]:
    """Two cells of a table."""
    low, high = min(samples), max(samples)
    return [f"{statistics.median(samples):.{digits}f}", f"{low:.{digits}f} - {high:.{digits}f}"]


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """How many times longer they took, round by round."""
    return [b / a for a, b in zip(ours, theirs, strict=True)]

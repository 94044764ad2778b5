"""Calls commands in this process, which starting a Python for each would take seconds."""

import io
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess

from representation_music.experiments import command_line


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

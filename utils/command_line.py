"""Runs a function as a command: flags from its typed arguments, errors as one line, exit 2."""

import os
import sys
from collections.abc import Callable, Sequence

from representation_music.utils.console import say, survive_any_terminal
from representation_music.utils.errors import InputError, disk_is_full
from representation_music.utils.signals import EndAtSignal

#: The exit code that a shell gives a command which SIGPIPE ends.
READER_GONE = 141


def run_command(
    function: Callable, arguments: Sequence[str] | None = None, program: str = ""
) -> int:
    """Calls `function` with arguments parsed from the command line.

    Flags, types, units and defaults are read from the function's signature and docstring.

    Args:
        function: The command.
        arguments: Words after the command's name; `sys.argv[1:]` if None.
        program: Name shown by `--help`.

    Returns:
        The exit code: 0, 2 for bad input or a file that the system refuses, 1 for a full disk,
        130 when interrupted, 141 when nobody reads the output any more, as `| head` does. A signal
        that nothing inside waits for ends the process with 75, not finished.
    """
    import tyro

    def call() -> int:
        with EndAtSignal():
            code = tyro.cli(function, args=arguments, prog=program or None)
        return code if isinstance(code, int) else 0

    return exit_code(call)


def exit_code(call: Callable[[], int]) -> int:
    """The exit code that `call` gives; an error is one line and a code, as of `run_command`."""
    survive_any_terminal()
    try:
        return flushed(call())
    except InputError as error:
        say(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        say("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return _without_reader()
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # which rich makes an exit of
            return _without_reader()
        if code := flushed(0):  # `--help` is such an exit
            return code
        raise
    except OSError as error:
        if disk_is_full(error):
            say(f"error: the disk is full: {error}", file=sys.stderr)
            return _without_reader(1)
        if not (error.errno and error.filename):
            raise
        # Whether it was to be read or written is not known here.
        say(f"error: {error.filename}: {os.strerror(error.errno)}", file=sys.stderr)
        return 2


def flushed(code: int) -> int:
    """The exit code of a command whose output is whole: another if nobody reads it."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except BrokenPipeError:
        return _without_reader()
    return code


def _without_reader(code: int = READER_GONE) -> int:
    """Ends output, for a reader such as `head` closed the pipe, and Python would try it again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    return code

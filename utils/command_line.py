"""Runs a function as a command: flags from its typed arguments, errors as one line, exit 2."""

import sys
from collections.abc import Callable, Sequence

from representation_music.utils.console import survive_any_terminal
from representation_music.utils.errors import InputError
from representation_music.utils.stopping import EndAtSignal


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
        The exit code: 0, or 2 for bad input, or 130 when interrupted. A signal that nothing
        inside waits for ends the process with 75, not finished.
    """
    import tyro

    survive_any_terminal()
    try:
        with EndAtSignal():
            code = tyro.cli(function, args=arguments, prog=program or None)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # a reader such as `head` closed the pipe
        sys.stderr.close()
        return 0

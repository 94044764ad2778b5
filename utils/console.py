"""What people see in a terminal: progress bars, tables and the command to give next.

Text from data (names of labels, files, runs) is shown verbatim: no word of it is read as markup,
and control characters, which a terminal would obey, are shown as escapes.
"""

import shlex
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text


@contextmanager
def progress(description: str, total: float | None) -> Iterator:
    """A progress bar on standard error; yields `advance(amount=1, text=None, total=None)`.

    It draws nothing when standard error is not a terminal.
    """
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = plain_console(stderr=True)
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as bars:
        task = bars.add_task(visible(description), total=total)

        def advance(amount: float = 1, text: str | None = None, total: float | None = None) -> None:
            shown = visible(text or description)
            bars.update(task, advance=amount, description=shown, total=total)

        yield advance


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> "Table":
    """A table to print; the first column is text, the others align right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(title=verbatim(title, "table.title"), box=SIMPLE_HEAD, title_justify="left")
    for number, name in enumerate(columns):
        heading = verbatim(name, "table.header")
        made.add_column(heading, justify="left" if number == 0 else "right")
    for row in rows:
        made.add_row(*map(verbatim, row))
    return made


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a table to standard output; the first column is text, the others align right."""
    wide_console().print(table(title, columns, rows))


def wide_console() -> "Console":
    """Standard output; off a terminal wide, where rich would assume 80 columns and cut cells."""
    console = plain_console()
    return console if console.is_terminal else plain_console(width=200)


def plain_console(**options) -> "Console":
    """A console that prints text as it is: no markup, no emoji names, no colours of its own."""
    from rich.console import Console

    return Console(markup=False, emoji=False, highlight=False, **options)


def verbatim(text: str, style: str = "") -> "Text":
    """Text for a console that is printed letter by letter."""
    from rich.text import Text

    return Text(visible(text), style)


def visible(text: str) -> str:
    r"""Text with its control characters, but for newlines, as escapes such as `\x1b`."""
    return "".join(
        repr(letter)[1:-1] if unicodedata.category(letter) == "Cc" and letter != "\n" else letter
        for letter in text
    )


def say(*texts: object, **options) -> None:
    """Prints as `print` does, text from data verbatim: a terminal obeys none of it."""
    print(*(visible(str(text)) for text in texts), **options)


def command(*words: object) -> str:
    """A command that can be pasted into a shell: its words, quoted where they must be."""
    return shlex.join(map(str, words))


def print_next(*words: object) -> None:
    """Prints what to do next, as a command that can be pasted."""
    say(f"Next: {command(*words)}")


def survive_any_terminal() -> None:
    """Lets standard output and error take every character, whatever the terminal's encoding.

    A character that it lacks is printed as a stand-in (`+-` for the sign of a standard deviation),
    and bytes of file names that are no text as they are.
    """
    import codecs

    codecs.register_error("stand-in", _stand_in)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a test's stand-in for a terminal may lack it
            stream.reconfigure(errors="stand-in")


#: What is printed for a character that a terminal's encoding lacks; any other is `?`.
STAND_INS = {"±": "+-", "²": "2", "…": "..."}


def _stand_in(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    if all("\udc80" <= letter <= "\udcff" for letter in letters):  # undecoded bytes of a path
        return bytes(ord(letter) - 0xDC00 for letter in letters), error.end
    shown = (
        "?" if "\ud800" <= letter <= "\udfff" else STAND_INS.get(letter, "?") for letter in letters
    )
    return "".join(shown), error.end

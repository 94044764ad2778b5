"""What people see in a terminal: progress bars and tables, quiet where there is no terminal."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


@contextmanager
def progress(description: str, total: float | None) -> Iterator:
    """A progress bar on standard error; yields `advance(amount=1, text=None, total=None)`.

    It draws nothing when standard error is not a terminal.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as bars:
        task = bars.add_task(description, total=total)

        def advance(amount: float = 1, text: str | None = None, total: float | None = None) -> None:
            bars.update(task, advance=amount, description=text or description, total=total)

        yield advance


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> "Table":
    """A table to print; the first column is text, the others align right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left")
    for number, name in enumerate(columns):
        table.add_column(name, justify="left" if number == 0 else "right")
    for row in rows:
        table.add_row(*row)
    return table


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a table to standard output; the first column is text, the others align right."""
    wide_console().print(table(title, columns, rows))


def wide_console() -> "Console":
    """Standard output; off a terminal wide, where rich would assume 80 columns and cut cells."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=200)

"""What to do with a row that cannot be read: stop at once, or note it and go on."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import numpy as np

from representation_music.utils.errors import InputError

Row = TypeVar("Row")
Value = TypeVar("Value")


class BadRows:
    """Bad rows of one source: the first one is raised, or all are kept as messages.

    Every reader takes one of these, so that it returns what it read and nothing else.

    Args:
        skip: Go on after a bad row instead of raising it.
    """

    def __init__(self, skip: bool):
        self.skip = skip
        self.messages: list[str] = []

    def add(self, error: InputError) -> None:
        """Notes the row that `error` describes.

        Raises:
            InputError: `error` itself, unless bad rows are skipped.
        """
        if not self.skip:
            raise error
        self.messages.append(str(error))

    def with_names_only(self, *paths: Path) -> list[str]:
        """The messages, with files by their names and not by where these lay."""
        folders = sorted({f"{path if path.is_dir() else path.parent}/" for path in paths}, key=len)
        messages = self.messages
        for folder in reversed(folders):
            messages = [text.removeprefix(folder) for text in messages]
        return messages


#: The readers' default: the first bad row ends the read.
STOP = BadRows(skip=False)


def read_by_id(
    path: Path | str,
    rows: Iterable[tuple[int, Row]],
    parse: Callable[[Row, str], tuple[bytes, Value]],
    what: str,
    bad_rows: BadRows,
) -> tuple[np.ndarray, list[Value], list[int]]:
    """Reads rows that each carry an id, and no id twice; the others are bad rows.

    Args:
        path: The file, for messages.
        rows: (line number, row) of each.
        parse: Gives a row's id and value, or raises an InputError; also takes the place.
        what: What the ids are of: "track" or "artist".
        bad_rows: Receives the bad rows.

    Returns:
        Ids, bytes [rows], the value and the line number of each.

    Raises:
        InputError: for a bad row unless they are skipped, or if no row is good.
    """
    lines: dict[bytes, int] = {}
    values = []
    for number, row in rows:
        place = f"{path}:{number}"
        try:
            key, value = parse(row, place)
            if key in lines:
                found = f"the {what} id {key.decode()} of line {lines[key]} again"
                raise InputError(place, found, f"each {what} once")
        except InputError as error:
            bad_rows.add(error)
            continue
        lines[key] = number
        values.append(value)
    if not lines:
        first = next((text for text in bad_rows.messages if text.startswith(f"{path}:")), "")
        advice = f"The first bad row is {first}" if first else ""
        raise InputError(path, f"no {what}", f"one {what} per line", advice)
    return np.array(list(lines)), values, list(lines.values())

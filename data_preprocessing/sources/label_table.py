"""Reads a user's own labels: any CSV or TSV with a column of ids, one row per example."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.songs.ids import id_bytes
from representation_music.data_preprocessing.songs.label_kinds import (
    column_of,
    kind_of,
    without_missing,
    wrong_cells,
)
from representation_music.data_preprocessing.songs.labels import LabelColumn
from representation_music.data_preprocessing.sources.files.bad_rows import STOP, BadRows, read_by_id
from representation_music.data_preprocessing.sources.files.text import (
    decode_line,
    lines_perhaps_cut,
)
from representation_music.data_preprocessing.sources.identifiers import check_track_id
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import Kind

#: Columns that name the group of a song and are no label.
GROUP_COLUMNS = ("artist_id", "group")
#: Columns of ids, where none is named.
ID_COLUMNS = ("id", "track_id", "song_id")
#: Characters of the longest cell.
LONGEST = 10_000_000


@dataclass(frozen=True)
class LabelTable:
    """Labels of songs.

    Attributes:
        ids: Bytes [songs], no two alike.
        groups: Bytes [songs], empty where unknown; None where the table has no such column.
        columns: Labels by name.
        group_column: The column that `groups` was taken from.
        id_column: That of the ids.
    """

    ids: np.ndarray
    groups: np.ndarray | None
    columns: dict[str, LabelColumn]
    group_column: str = ""
    id_column: str = ""


def read_label_table(
    path: Path | str,
    bad_rows: BadRows = STOP,
    kinds: Mapping[str, Kind] | None = None,
    *,
    id_columns: Sequence[str] = ("track_id",),
    check_id: Callable[[str, str], bytes] = check_track_id,
    group_columns: tuple[str, ...] = GROUP_COLUMNS,
) -> LabelTable:
    """Reads labels by song id.

    The header names the columns. Tabs separate the cells if the header has any, else commas. In a
    column of numbers every other text is a mistake, and its row a bad row.

    Args:
        path: The table, or a zip that holds it.
        bad_rows: Receives the rows that cannot be read.
        kinds: Kinds of columns by name; the others are guessed by `kind_of`.
        id_columns: The first of these that there is holds the ids.
        check_id: Gives an id as bytes, or raises an InputError; also takes the place.
        group_columns: The first of these that there is holds the groups.

    Raises:
        InputError: if there is no header, no column of ids or no label column, a column name is
            empty or repeated, a column may mean several things, or a row is bad.
    """
    rows = read_rows(path, bad_rows)
    number, (_, header) = next(rows, (1, (0, [])))
    of_ids = _check_header(f"{path}:{number}", header, id_columns)
    place_of_id = header.index(of_ids)

    def parse(numbered: tuple[int, list[str]], place: str) -> tuple[bytes, list[str]]:
        _, row = numbered
        if len(row) != len(header):
            raise InputError(place, f"{len(row)} cells", f"{len(header)}, as in the header")
        return check_id(row[place_of_id], place), row

    ids, cells, lines = read_by_id(path, rows, parse, "track", bad_rows)
    columns = {
        name: [without_missing(row[number]) for row in cells]
        for number, name in enumerate(header)
        if number != place_of_id
    }
    of_groups = next((name for name in group_columns if name in columns), None)
    groups = columns.pop(of_groups, None)
    keep, labels = columns_of_cells(path, lines, columns, kinds or {}, bad_rows)
    return LabelTable(
        ids[keep],
        None if groups is None else id_bytes(groups, str(path), lines)[keep],
        labels,
        of_groups or "",
        of_ids,
    )


def columns_of_cells(
    path: Path | str,
    lines: list[int],
    cells: Mapping[str, list[str]],
    kinds: Mapping[str, Kind],
    bad_rows: BadRows,
) -> tuple[np.ndarray, dict[str, LabelColumn]]:
    """Label columns of a table's cells.

    Args:
        path: The table, for messages.
        lines: [rows] the line of each row.
        cells: [rows] the cells of each column by its name, empty where missing.
        kinds: Kinds of columns by name; the others are guessed by `kind_of`.
        bad_rows: Receives the rows that hold a text in a column of numbers.

    Returns:
        Which rows are good, bool [rows], and the columns of these.

    Raises:
        InputError: if a column may mean several things, or no row is good.
    """
    kinds = dict(kinds)
    for name, values in cells.items():
        if name not in kinds:
            kinds[name] = kind_of(f"{path}: column {name!r}", name, values)
    keep = _rows_with_numbers(path, lines, cells, kinds, bad_rows)
    if not keep.any():
        raise InputError(path, "no row", "one row per example after the header")
    kept = np.flatnonzero(keep)
    columns = {
        name: column_of(
            f"{path}: column {name!r}", name, [values[row] for row in kept], kinds[name]
        )
        for name, values in cells.items()
    }
    check_classes(path, columns)
    return keep, columns


def check_classes(path: Path | str, columns: Mapping[str, LabelColumn]) -> None:
    """Refuses a column called as a class of another is as a task, such as `mood:sad`.

    Raises:
        InputError: naming both.
    """
    for name, column in columns.items():
        for each in column.class_names:
            if (task := f"{name}:{each}") in columns:
                found = f"what the class {each[:40]!r} of the column {name!r} is called as a task"
                place = f"{path}: column {task!r}"
                raise InputError(place, found, "a name of its own", "Rename the column.")


def read_rows(path: Path | str, bad_rows: BadRows) -> Iterator[tuple[int, tuple[int, list[str]]]]:
    """Yields (first line, (row, cells)) of the header, which is row 0, and of every good row.

    Bad rows are counted, too, so that each row keeps its number. A cell may have several lines.

    Raises:
        InputError: for a bad header, and for a bad row unless they are skipped.
    """
    flaws = []

    def decoded() -> Iterator[str]:
        for line, raw in lines_perhaps_cut(path):
            try:
                text = decode_line(raw, f"{path}:{line}")
            except InputError as error:  # raised below, where its row ends
                flaws.append(error)
                text = raw.decode(errors="replace")
            yield text

    lines = decoded()
    first = next(lines, "")
    csv.field_size_limit(LONGEST)
    delimiter = "\t" if "\t" in first else ","
    # Strict: a cut last line may leave a quotation mark open.
    reader = csv.reader(chain([first] if first else (), lines), delimiter=delimiter, strict=True)
    for row in count():
        number, skipping = reader.line_num + 1, bad_rows if row else STOP
        place = f"{path}:{number}"
        try:
            cells = [cell.strip() for cell in next(reader)]
            if flaws:
                raise flaws[0]
            if not cells:
                raise InputError(place, "an empty row", "one example per row")
            if not row and len(cells) == 1 and ";" in cells[0]:
                advice = "Separate the cells by commas or tabs."
                raise InputError(place, f"the one column {cells[0][:40]!r}", "several", advice)
        except StopIteration:
            return
        except csv.Error as error:
            advice = "A cell with commas, quotation marks or line ends stands in quotation marks."
            found = f"a malformed row ({error})"
            skipping.add(InputError(place, found, "cells of one row", advice))
        except InputError as error:
            skipping.add(error)
        else:
            yield number, (row, cells)
        flaws.clear()


def _check_header(place: str, header: list[str], id_columns: Sequence[str]) -> str:
    """The column of ids of a header that is as it should be."""
    expected = f"a header with a column {' or '.join(id_columns)}"
    if header and not header[0]:
        advice = "pandas writes its index so: write the table by `to_csv(..., index=False)`."
        raise InputError(place, "a first column without a name", expected, advice)
    id_column = next((name for name in id_columns if name in header), None)
    if id_column is None:
        found = f"the columns {some(header)}" if header else "no header"
        raise InputError(place, found, expected, "Name the column by --id-column.")
    if len(header) < 2:
        found = f"the column {id_column} only"
        raise InputError(place, found, "at least one column of labels")
    check_names(place, header)
    return id_column


def check_names(place: str, header: Sequence[str]) -> None:
    """Refuses a header in which a column has no name, or another's.

    Raises:
        InputError: naming it.
    """
    for number, name in enumerate(header, start=1):
        if not name:
            raise InputError(place, f"no name of column {number}", "names, each of them once")
        if name in header[: number - 1]:
            found = f"the columns {header.index(name) + 1} and {number} of the name {name[:40]!r}"
            raise InputError(place, found, "names, each of them once")


def some(names: Sequence[str]) -> str:
    """The first ten of many names, for a message."""
    return ", ".join(names[:10]) + (f" and {len(names) - 10:,} more" * (len(names) > 10))


def _rows_with_numbers(
    path: Path | str,
    lines: list[int],
    columns: Mapping[str, list[str]],
    kinds: Mapping[str, Kind],
    bad_rows: BadRows,
) -> np.ndarray:
    """Which rows have numbers, or nothing, in all columns of numbers: bool [rows]."""
    wrong: dict[int, str] = {}
    for name, values in columns.items():
        for row in wrong_cells(values, kinds[name]):
            wrong.setdefault(row, name)
    for row, name in sorted(wrong.items()):
        cell = columns[name][row]
        advice = "Correct it or leave it empty; if these are classes, name them by no numbers."
        if "," in cell:
            advice = "Write a decimal point, and no other mark."
        bad_rows.add(
            InputError(
                f"{path}:{lines[row]}",
                f"{cell[:40]!r} in column {name}",
                "a finite number, as in most of the column",
                advice,
            )
        )
    keep = np.ones(len(lines), bool)
    keep[list(wrong)] = False
    return keep

"""Reads a user's own labels: any CSV or TSV with a `track_id` column, one row a track."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.sources.bad_rows import STOP, BadRows, read_by_id
from representation_music.data_preprocessing.sources.identifiers import check_track_id
from representation_music.data_preprocessing.sources.text_source import decode_line, numbered_lines
from representation_music.utils.errors import InputError

#: Cells, in lower case, that mean "not known".
MISSING = frozenset(("", "na", "nan", "n/a", "null", "none"))


def read_label_table(
    path: Path | str, bad_rows: BadRows = STOP
) -> tuple[np.ndarray, dict[str, np.ndarray | list[str]]]:
    """Reads labels by track.

    The header names the columns; one of them is `track_id`. Tabs separate the cells if the
    header has any, else commas. A column is numeric if at least half of its known cells are
    numbers, and then the others are mistakes, each a bad row; it holds texts if not.

    Args:
        path: The table, or a zip that holds it.
        bad_rows: Receives the rows that cannot be read.

    Returns:
        Track ids 'S18' [tracks]; and by column its numbers, float64 [tracks] with NaN where
        missing (a binary label has 0 and 1 only), or its texts, "" where missing.

    Raises:
        InputError: if there is no header, no column `track_id` or no label column, a column
            name is empty or repeated, or a row is bad.
    """
    rows = _read_rows(Path(path), bad_rows)
    number, header = next(rows, (1, []))
    _check_header(f"{path}:{number}", header)
    id_column = header.index("track_id")

    def parse(row: list[str], place: str) -> tuple[bytes, list[str]]:
        if len(row) != len(header):
            raise InputError(place, f"{len(row)} cells", f"{len(header)}, as in the header")
        return check_track_id(row[id_column], place), row

    track_ids, cells, lines = read_by_id(path, rows, parse, "track", bad_rows)
    columns = {
        name: [_without_missing(row[number]) for row in cells]
        for number, name in enumerate(header)
        if number != id_column
    }
    numeric = [name for name, values in columns.items() if _is_numeric(values)]
    keep = _rows_with_numbers(path, lines, columns, numeric, bad_rows)
    if not keep.any():
        raise InputError(path, "no row", "one row a track after the header")
    labels: dict[str, np.ndarray | list[str]] = {}
    for name, values in columns.items():
        kept = [value for value, good in zip(values, keep, strict=True) if good]
        labels[name] = np.array([float(v or "nan") for v in kept]) if name in numeric else kept
    return track_ids[keep], labels


def _read_rows(path: Path, bad_rows: BadRows) -> Iterator[tuple[int, list[str]]]:
    """Yields (line number, cells) of the header and every row."""
    delimiter = ","
    for number, raw in numbered_lines(path):
        place = f"{path}:{number}"
        try:
            text = decode_line(raw.rstrip(b"\r\n"), place)
            if number == 1:
                delimiter = "\t" if "\t" in text else ","
            if not text.strip():
                raise InputError(place, "an empty row", "one track a row")
            # Strict: a cut last line may leave a quotation mark open.
            row = next(csv.reader([text], delimiter=delimiter, strict=True))
        except csv.Error as error:
            bad_rows.add(InputError(place, f"a malformed row ({error})", "cells on one line"))
        except InputError as error:
            bad_rows.add(error)
        else:
            yield number, [cell.strip() for cell in row]


def _check_header(place: str, header: list[str]) -> None:
    if "track_id" not in header:
        found = f"the columns {', '.join(header)}" if header else "no header"
        advice = "Separate the cells by commas or tabs." if any(";" in n for n in header) else ""
        raise InputError(place, found, "a header with a column track_id", advice)
    if len(header) < 2:
        raise InputError(place, "the column track_id only", "at least one column of labels")
    if not all(header) or len(set(header)) < len(header):
        raise InputError(place, f"the columns {header}", "names, each of them once")


def _without_missing(cell: str) -> str:
    return "" if cell.lower() in MISSING else cell


def _is_number(cell: str) -> bool:
    try:
        # Python would take 1_000 for a number as well.
        return math.isfinite(float(cell)) and "_" not in cell
    except ValueError:
        return False


def _is_numeric(cells: list[str]) -> bool:
    known = [cell for cell in cells if cell]
    return sum(map(_is_number, known)) * 2 >= len(known)


def _rows_with_numbers(
    path: Path | str,
    lines: list[int],
    columns: dict[str, list[str]],
    numeric: list[str],
    bad_rows: BadRows,
) -> np.ndarray:
    """Which rows have numbers, or nothing, in all numeric columns: bool [rows]."""
    keep = np.ones(len(lines), bool)
    for row, line in enumerate(lines):
        wrong = [n for n in numeric if columns[n][row] and not _is_number(columns[n][row])]
        if wrong:
            keep[row] = False
            cell = columns[wrong[0]][row]
            bad_rows.add(
                InputError(
                    f"{path}:{line}",
                    f"{cell[:40]!r} in column {wrong[0]}",
                    "a finite number, as in most of the column",
                    "Correct it or leave it empty; if these are classes, name them by no numbers.",
                )
            )
    return keep

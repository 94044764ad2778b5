"""Reads a user's own labels: any CSV or TSV with a `track_id` column, one row a track."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.sources.bad_rows import BadRows
from representation_music.data_preprocessing.sources.identifiers import ID_TYPE, check_track_id
from representation_music.data_preprocessing.sources.text_source import decode_line, numbered_lines
from representation_music.utils.errors import InputError

#: Cells, in lower case, that mean "not known".
MISSING = frozenset(("", "na", "nan", "n/a", "null", "none"))


def read_label_table(
    path: Path | str, *, skip_bad_rows: bool = False, bad_rows: list[str] | None = None
) -> tuple[np.ndarray, dict[str, np.ndarray | list[str]]]:
    """Reads labels by track.

    The header names the columns; one of them is `track_id`. Tabs separate the cells if the
    header has any, else commas. A column is numeric if at least half of its known cells are
    numbers, and then the others are mistakes, each a bad row; it holds texts if not.

    Args:
        path: The table, or a zip that holds it.
        skip_bad_rows: Leave out rows that cannot be read.
        bad_rows: Receives one message for every row left out.

    Returns:
        Track ids 'S18' [tracks]; and by column its numbers, float64 [tracks] with NaN where
        missing (a binary label has 0 and 1 only), or its texts, "" where missing.

    Raises:
        InputError: if there is no header, no column `track_id` or no label column, a column
            name is empty or repeated, or a row is bad.
    """
    bad = BadRows(skip_bad_rows, bad_rows)
    rows = _read_rows(Path(path), bad)
    header_place, header = next(rows, (f"{path}:1", []))
    _check_header(header_place, header)
    id_column = header.index("track_id")
    places: dict[bytes, str] = {}
    cells: list[list[str]] = []
    for place, row in rows:
        try:
            if len(row) != len(header):
                raise InputError(place, f"{len(row)} cells", f"{len(header)}, as in the header")
            track_id = check_track_id(row[id_column], place)
            if track_id in places:
                found = f"the track id {row[id_column]} of {places[track_id]} again"
                raise InputError(place, found, "each track once")
        except InputError as error:
            bad.add(error)
            continue
        places[track_id] = place
        cells.append(row)
    columns = {
        name: [_without_missing(row[number]) for row in cells]
        for number, name in enumerate(header)
        if number != id_column
    }
    numeric = [name for name, values in columns.items() if _is_numeric(values)]
    keep = _rows_with_numbers(list(places.values()), columns, numeric, bad)
    if not keep.any():
        raise InputError(path, "no row", "one row a track after the header")
    labels: dict[str, np.ndarray | list[str]] = {}
    for name, values in columns.items():
        kept = [value for value, good in zip(values, keep, strict=True) if good]
        labels[name] = np.array([float(v or "nan") for v in kept]) if name in numeric else kept
    return np.array(list(places), ID_TYPE)[keep], labels


def _read_rows(path: Path, bad: BadRows) -> Iterator[tuple[str, list[str]]]:
    """Yields (place, cells) of the header and every row."""
    delimiter = ","
    for number, raw in numbered_lines(path):
        place = f"{path}:{number}"
        try:
            text = decode_line(raw.rstrip(b"\r\n"), place)
            if number == 1:
                text = text.removeprefix("\ufeff")  # spreadsheets put a byte order mark there
                delimiter = "\t" if "\t" in text else ","
            if not text.strip():
                raise InputError(place, "an empty row", "one track a row")
            # Strict: a cut last line may leave a quotation mark open.
            row = next(csv.reader([text], delimiter=delimiter, strict=True))
        except csv.Error as error:
            bad.add(InputError(place, f"a malformed row ({error})", "cells on one line"))
        except InputError as error:
            bad.add(error)
        else:
            yield place, [cell.strip() for cell in row]


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
    places: list[str], columns: dict[str, list[str]], numeric: list[str], bad: BadRows
) -> np.ndarray:
    """Which rows have numbers, or nothing, in all numeric columns: bool [rows]."""
    keep = np.ones(len(places), bool)
    for row, place in enumerate(places):
        wrong = [n for n in numeric if columns[n][row] and not _is_number(columns[n][row])]
        if wrong:
            keep[row] = False
            cell = columns[wrong[0]][row]
            bad.add(
                InputError(
                    place,
                    f"{cell[:40]!r} in column {wrong[0]}",
                    "a finite number, as in most of the column",
                    "Correct it or leave it empty; if these are classes, name them by no numbers.",
                )
            )
    return keep

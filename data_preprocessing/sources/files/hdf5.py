"""HDF5 sources in the layout of the Million Song Dataset, with errors that say what is wrong."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import h5py
import numpy as np

from representation_music.data_preprocessing.sources.files.zipped import FETCH_AGAIN
from representation_music.utils.errors import InputError
from representation_music.utils.reading import refusal, require_file

#: What h5py raises, depending on where a file is damaged.
_DAMAGE = (OSError, RuntimeError, ValueError, KeyError, TypeError)


@contextmanager
def open_hdf5(place: Path | str, content: BinaryIO | None = None) -> Iterator[h5py.File]:
    """Opens an HDF5 file, or its content, for which `place` is but a name in messages.

    Raises:
        InputError: if there is no such file, it is locked or cannot be read, or it is cut, damaged
            or no HDF5; also while it is read.
    """
    if content is None:
        require_file(place, "an HDF5 file")
    try:
        with h5py.File(content if content is not None else place, "r") as file:
            yield file
    except _DAMAGE as error:
        raise refusal(place, error) or InputError(
            place, f"a cut or damaged HDF5 file ({error})", "a whole HDF5 file", FETCH_AGAIN
        ) from error


def table_with_columns(
    file: h5py.File, place: Path | str, table: str, columns: Sequence[str]
) -> h5py.Dataset:
    """The compound table of that name.

    Raises:
        InputError: if the table, or one of its columns, is missing.
    """
    dataset = file.get(table)
    if not isinstance(dataset, h5py.Dataset):
        found = ", ".join(sorted(map(str, file))) or "nothing"
        raise InputError(place, f"the groups {found}", f"a table /{table}")
    names = dataset.dtype.names or ()
    missing = [column for column in columns if column not in names]
    if missing:
        raise InputError(
            f"{place}: /{table}", f"no column {', '.join(missing)}", f"columns {', '.join(columns)}"
        )
    return dataset


def read_columns(
    dataset: h5py.Dataset, columns: Sequence[str], rows: slice = slice(None)
) -> dict[str, np.ndarray]:
    """The named columns of a compound table, each [rows]; the others are not converted."""
    values = dataset.fields(list(columns))[rows]
    return {column: np.ascontiguousarray(values[column]) for column in columns}

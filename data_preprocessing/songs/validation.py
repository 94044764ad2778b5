"""Checks that the parts of a dataset fit together, before anything computes with them."""

from typing import get_args

import numpy as np
import scipy

from representation_music.data_preprocessing.songs.labels import LabelColumn
from representation_music.data_preprocessing.songs.splits import SPLIT_PARTS
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import Kind

#: Kinds of data: what tables and figures call those that have no name.
SOURCE_KINDS = {
    "synthetic": "synthetic songs",
    "sample": "sample of real songs",
    "full": "full set of real songs with lyrics",
    "own": "own data",
}
#: Entries of a table that are checked at once.
BLOCK = 1 << 18
ADVICE = "Make the songs file again."


def check_songs(dataset) -> None:
    """Refuses a `SongDataset` whose parts do not fit together or that holds what no dataset may.

    Raises:
        InputError: naming the part.
    """
    songs, place = dataset.num_songs, dataset.path
    if not songs:
        raise InputError(place, f"no {dataset.noun}", "some")
    if dataset.kind not in SOURCE_KINDS:
        raise InputError(place, f"the kind {dataset.kind!r}", ", ".join(SOURCE_KINDS), ADVICE)
    if not (dataset.ids[1:] > dataset.ids[:-1]).all():
        raise InputError(f"{place}: ids", "ids out of order or repeated", "every id once", ADVICE)
    if dataset.ids[0] == b"":
        raise InputError(f"{place}: ids", "an empty id", "every id once", ADVICE)
    _check_length(f"{place}: groups", len(dataset.groups), songs)
    _check_names(f"{place}: words", dataset.words)
    check_sparse(f"{place}: counts", dataset.counts, (songs, len(dataset.words)))
    values = dataset.counts.data
    if len(values) and not 0 <= values.min() <= values.max() < np.inf:
        raise InputError(f"{place}: counts", "a count below 0 or not finite", "counts", ADVICE)
    views = [task for name in dataset.columns for task in dataset.class_tasks(name)]
    _check_names(f"{place}: labels and tags", [*dataset.columns, *views, *dataset.tags.names])
    for name, column in dataset.columns.items():
        _check_length(f"{place}: label {name!r}", len(column.values), songs)
        _check_column(f"{place}: label {name!r}", column)
    tags = dataset.tags
    _check_length(f"{place}: tags", len(tags.known), songs)
    check_sparse(f"{place}: tags", tags.carried, (songs, len(tags.names)))
    if (np.diff(tags.carried.indptr)[~tags.known] > 0).any():
        raise InputError(f"{place}: tags", "tags of songs whose tags are missing", "none", ADVICE)
    for name, codes in dataset.splits.items():
        _check_length(f"{place}: split {name!r}", len(codes), songs)
        if codes.min() < -1 or codes.max() >= len(SPLIT_PARTS):
            raise InputError(f"{place}: split {name!r}", "an unknown part", "-1 to 2", ADVICE)


def check_sparse(place: str, table: "scipy.sparse.csr_array", shape: tuple[int, int]) -> None:
    """Refuses a table of another shape, or whose offsets and indices do not fit together.

    Raises:
        InputError: naming `place`.
    """
    indptr, indices = table.indptr, table.indices
    if table.shape != shape:
        raise InputError(place, f"the shape {table.shape}", f"{shape}", ADVICE)
    if len(indptr) != shape[0] + 1 or indptr[0] != 0 or (indptr[1:] < indptr[:-1]).any():
        raise InputError(place, "offsets that go back", "ascending ones from 0", ADVICE)
    if not indptr[-1] == len(indices) == len(table.data):
        raise InputError(place, f"{len(indices):,} entries", f"{indptr[-1]:,}", ADVICE)
    if len(indices) and not (indices.min() >= 0 and indices.max() < shape[1]):
        raise InputError(place, "an index out of range", f"0 to {shape[1] - 1}", ADVICE)
    if not _ascend_within_rows(indptr, indices):
        raise InputError(place, "indices out of order or repeated", "ascending ones", ADVICE)


def _ascend_within_rows(indptr: np.ndarray, indices: np.ndarray) -> bool:
    # In blocks that stay in the processor's cache.
    for start in range(0, len(indices), BLOCK):
        block = indices[start : start + BLOCK + 1]
        falls = np.flatnonzero(block[1:] <= block[:-1]) + start + 1
        if (indptr[np.searchsorted(indptr, falls)] != falls).any():  # only a row may start lower
            return False
    return True


def _check_column(place: str, column: LabelColumn) -> None:
    if column.kind not in get_args(Kind):
        raise InputError(place, f"the kind {column.kind!r}", ", ".join(get_args(Kind)), ADVICE)
    known = column.values[column.known]
    if column.kind == "regression":
        if not np.isfinite(known).all():
            raise InputError(place, "an infinite value", "finite values", ADVICE)
        return
    _check_names(place, column.class_names)
    classes = len(column.class_names) if column.kind == "multiclass" else 2
    if len(known) and not ((known % 1 == 0).all() and 0 <= known.min() <= known.max() < classes):
        raise InputError(place, "a value that is no class", f"0 to {classes - 1}", ADVICE)


def _check_length(place: str, found: int, expected: int) -> None:
    if found != expected:
        raise InputError(place, f"{found:,} values", f"{expected:,}, as many as ids", ADVICE)


def _check_names(place: str, names: list[str]) -> None:
    if len(set(names)) < len(names):
        seen: set[str] = set()
        twice = next(name for name in names if name in seen or seen.add(name))
        raise InputError(place, f"the name {twice!r} twice", "each name once")

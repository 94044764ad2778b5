"""What tells one dataset from another: a hash of all that it holds, whatever file it lies in."""

import hashlib
import json
from collections.abc import Iterable

import numpy as np


def fingerprint_of(dataset) -> str:
    """SHA-256 over ids, groups, words, counts, labels, tags and splits of a `SongDataset`."""
    digest = hashlib.sha256()
    for name, values in _content(dataset):
        values = np.ascontiguousarray(values)
        digest.update(f"{name} {values.dtype.str} {values.shape}\n".encode())
        digest.update(values.data)
    return digest.hexdigest()


def _content(dataset) -> Iterable[tuple[str, np.ndarray]]:
    """Names and values of all data, in one fixed order and of fixed types."""
    counts, tags = dataset.counts, dataset.tags
    yield "ids", dataset.ids
    yield "groups", dataset.groups
    yield "words", _as_bytes(dataset.words)
    yield "counts/indptr", counts.indptr.astype(np.int64)
    yield "counts/indices", counts.indices.astype(np.int32, copy=False)
    yield "counts/values", counts.data
    for name, column in sorted(dataset.columns.items()):
        yield "column", _as_bytes([name, column.kind, column.unit, *column.class_names])
        yield "values", column.values
    yield "tags/names", _as_bytes(tags.names)
    yield "tags/known", tags.known.astype(np.uint8)
    yield "tags/indptr", tags.carried.indptr.astype(np.int64)
    yield "tags/indices", tags.carried.indices.astype(np.int32, copy=False)
    for name in sorted(dataset.splits):
        yield "split", _as_bytes([name])
        yield "codes", dataset.splits[name]


def _as_bytes(names: list[str]) -> np.ndarray:
    return np.frombuffer(json.dumps(names).encode("ascii"), np.uint8)

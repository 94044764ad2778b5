"""The songs file: the HDF5 layout of a `SongDataset`, behind a digest that is checked at load.

The first 512 bytes (a user block, which HDF5 skips) name the layout, and the length and SHA-256
of all that follows. HDF5 never sees damaged bytes, which may hang it past any signal. Names of
words, labels and splits stand in one text, so that no name can be one that HDF5 takes amiss.
"""

import hashlib
import io
import json
import os
from pathlib import Path

import h5py
import numpy as np
import scipy

from representation_music.data_preprocessing.songs.labels import LabelColumn, Tags
from representation_music.utils.errors import InputError
from representation_music.utils.files import atomic_path
from representation_music.utils.reading import read_bytes

FORMAT = "representation_music songs"
VERSION = 1
ADVICE = "Make the file again with `repmusic preprocess RAW_DIR -o songs.h5`."

#: Bytes before the HDF5 content.
USER_BLOCK = 512
#: Large enough to compress well, small enough to be decompressed in the processor's cache.
CHUNK = 1 << 17
#: More than gzip can make of a byte: a larger array was never written by `write_songs_file`.
MOST_INFLATION = 1100


def write_songs_file(path: Path | str, dataset) -> None:
    """Writes a `SongDataset` to `path`, whole or not at all.

    Raises:
        InputError: if the folder cannot be written or the disk is full.
    """
    columns, tags = dataset.columns.items(), dataset.tags
    names = {
        "kind": dataset.kind,
        "name": dataset.name,
        "noun": dataset.noun,
        "words": dataset.words,
        "columns": [(name, c.kind, c.class_names, c.unit) for name, c in columns],
        "tags": tags.names,
        "splits": list(dataset.splits),
        "provenance": dataset.provenance,
    }
    text = json.dumps(names, sort_keys=True).encode("ascii")
    arrays = {
        "names": np.frombuffer(text, np.uint8),
        "ids": dataset.ids,
        "groups": dataset.groups,
        "counts_indptr": dataset.counts.indptr.astype(np.int64),
        "counts_indices": dataset.counts.indices.astype(np.int32, copy=False),
        "counts_values": dataset.counts.data.astype(np.float32, copy=False),
        "tags_known": tags.known.astype(np.uint8),
        "tags_indptr": tags.carried.indptr.astype(np.int64),
        "tags_indices": tags.carried.indices.astype(np.int32, copy=False),
        "columns": _stack([column.values for _, column in columns], dataset.num_songs, np.float64),
        "splits": _stack(list(dataset.splits.values()), dataset.num_songs, np.int8),
    }
    # HDF5 cannot be closed on a full disk without errors at exit, so it writes into memory
    # (about 50 MB for the full data set) and the finished image goes to disk in one piece.
    with h5py.File("songs", "w", driver="core", backing_store=False) as file:
        for name, values in arrays.items():
            _put(file, name, values)
        file.flush()
        image = file.id.get_file_image()
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        file.write(user_block(image))
        file.write(image)


def user_block(image: bytes) -> bytes:
    """The 512 bytes that stand before an HDF5 image: layout, length and digest."""
    return _first_line(VERSION, len(image), hashlib.sha256(image).hexdigest()).ljust(USER_BLOCK)


def _first_line(version: int, length: int, digest: str) -> bytes:
    return f"{FORMAT}, layout {version}, {length} bytes, sha256 {digest}\n".encode()


def read_songs_file(path: Path | str) -> dict:
    """Reads what `write_songs_file` wrote: the fields of a `SongDataset` by name.

    What the arrays hold is for `check_songs` to check.

    Raises:
        InputError: if the file is missing, damaged or not a songs file.
    """
    path = Path(path)
    content = _checked_content(path)
    try:
        # From memory: what is read is what was checked, and nobody's lock on the file matters.
        with h5py.File(io.BytesIO(content), "r") as file:
            return _read(file, len(content))
    # What h5py, NumPy, SciPy and the JSON reader raise of content that does not fit together.
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, MemoryError) as error:
        found = f"parts that do not fit together ({error})"
        raise InputError(path, found, "a songs file", ADVICE) from error


def _checked_content(path: Path) -> bytes:
    """The bytes of a songs file, of which the digest says that they are as they were written."""
    if os.path.isdir(path):  # unlike Path's, also where a folder above may not be entered
        raise InputError(
            path, "a folder", "a songs file", f"Name a file in it, such as {path / 'songs.h5'}."
        )
    content = read_bytes(path, "a songs file", ADVICE)
    block, image = content[:USER_BLOCK], memoryview(content)[USER_BLOCK:]
    expected = _first_line(VERSION, len(image), hashlib.sha256(image).hexdigest())
    if block == expected.ljust(USER_BLOCK):
        return content
    start = f"{FORMAT}, layout ".encode()
    if content.startswith(b"\x89HDF"):
        found = "an HDF5 file of another kind or of an older layout"
    elif not block.startswith(start):
        found = "another kind of file, or a damaged one"
    elif not block.startswith(start + f"{VERSION},".encode()):
        found = f"another layout ({block[len(start) :][:8].decode(errors='replace')!r})"
    elif f", {len(image)} bytes,".encode() not in block:
        found = f"{len(image):,} bytes of content, another number than was written"
    else:
        found = "content that is not what was written (its SHA-256 differs)"
    raise InputError(path, found, f"a whole songs file, layout {VERSION}", ADVICE)


def _read(file: h5py.File, size: int) -> dict:
    def array(name: str, kind: str, dimensions: int = 1) -> np.ndarray:
        return _array(file, name, kind, dimensions, size)

    names = json.loads(array("names", "u").tobytes())
    _check_texts(names)
    known, columns, splits = array("tags_known", "u"), array("columns", "f", 2), names["splits"]
    tag_indices = array("tags_indices", "i")
    tags = (np.ones(len(tag_indices), np.int8), tag_indices, _offsets(array("tags_indptr", "i")))
    counts = (
        array("counts_values", "f"),
        array("counts_indices", "i"),
        _offsets(array("counts_indptr", "i")),
    )
    return {
        "ids": array("ids", "S"),
        "groups": array("groups", "S"),
        "words": names["words"],
        "counts": _table(counts, len(names["words"])),
        "columns": {
            name: LabelColumn(kind, values, classes, unit)
            for (name, kind, classes, unit), values in zip(names["columns"], columns, strict=True)
        },
        "tags": Tags(names["tags"], known.astype(bool), _table(tags, len(names["tags"]))),
        "splits": dict(zip(splits, array("splits", "i", 2), strict=True)),
        **{name: names[name] for name in ("kind", "name", "noun", "provenance")},
    }


def _check_texts(names: dict) -> None:
    columns = names["columns"]
    texts = [[each[0] for each in columns], *([each[1], each[3]] for each in columns)]
    texts += [each[2] for each in columns]
    texts += [names["words"], names["tags"], names["splits"]]
    texts.append([names["kind"], names["name"], names["noun"]])
    if not all(isinstance(each, list) and all(isinstance(t, str) for t in each) for each in texts):
        raise ValueError("names that are no texts")
    for unique in (texts[0], names["splits"]):
        if len(set(unique)) < len(unique):
            raise ValueError("a name twice")


def _array(file: h5py.File, name: str, kind: str, dimensions: int, size: int) -> np.ndarray:
    """One array, if it is what `write_songs_file` would have written, with no links followed."""
    link, part = file.get(name, getlink=True), None
    if isinstance(link, h5py.HardLink):
        part = file[name]
    if not isinstance(part, h5py.Dataset) or part.external or part.is_virtual:
        raise ValueError(f"no array {name}")
    if part.dtype.kind != kind or part.ndim != dimensions or not part.dtype.isnative:
        raise ValueError(f"{name} is {part.dtype}, {part.ndim} dimensions")
    if part.nbytes > MOST_INFLATION * size:
        raise ValueError(f"{name} is larger than the file can hold")
    return part[:]


def _offsets(indptr: np.ndarray) -> np.ndarray:
    # scipy would widen the indices to the type of the offsets.
    fits = not len(indptr) or (indptr.max() < 2**31 and indptr.min() >= 0)
    return indptr.astype(np.int32) if fits else indptr


def _table(parts: tuple, width: int) -> "scipy.sparse.csr_array":
    table = scipy.sparse.csr_array(parts, shape=(len(parts[2]) - 1, width))
    table.has_sorted_indices = True
    return table


def _stack(rows: list[np.ndarray], width: int, dtype) -> np.ndarray:
    return np.array(rows, dtype).reshape(len(rows), width)


def _put(file: h5py.File, name: str, values: np.ndarray) -> None:
    if values.size == 0:  # HDF5 has no chunks of size 0
        file.create_dataset(name, data=values, track_times=False)
        return
    file.create_dataset(
        name,
        data=values,
        chunks=(1,) * (values.ndim - 1) + (min(values.shape[-1], CHUNK),),
        compression="gzip",
        compression_opts=1,
        shuffle=True,
        track_times=False,
    )

"""The songs file: the HDF5 layout of a `SongDataset`, with no time stamps in it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import h5py
import numpy as np
from scipy.sparse import csr_array

from representation_music.utils.errors import InputError
from representation_music.utils.files import atomic_path

if TYPE_CHECKING:
    from representation_music.data_preprocessing.songs.dataset import SongDataset

FORMAT = "representation_music songs"
VERSION = 1
ADVICE = "Make the file anew with `repmusic preprocess RAW_DIR -o songs.h5`."

#: Large enough to compress well, small enough to be decompressed in the processor's cache.
CHUNK = 1 << 17


def write_songs_file(path: Path | str, dataset: "SongDataset") -> None:
    """Writes `dataset` to `path`, whole or not at all.

    Raises:
        InputError: if the folder cannot be written or the disk is full.
    """
    # HDF5 cannot be closed on a full disk without errors at exit, so it writes into memory
    # (about 50 MB for the full data set) and the finished image goes to disk in one piece.
    with h5py.File("songs", "w", driver="core", backing_store=False) as file:
        file.attrs["format"], file.attrs["version"] = FORMAT, VERSION
        file.attrs["kind"] = dataset.kind
        # A dataset, as an attribute is limited to 64 KB.
        _put_names(file, "provenance", [json.dumps(dataset.provenance, sort_keys=True)])
        _put(file, "track_id", dataset.track_ids)
        _put(file, "artist_id", dataset.artist_ids)
        _put_names(file, "words", dataset.words)
        _put(file, "counts/indptr", dataset.counts.indptr.astype(np.int64))
        _put(file, "counts/indices", dataset.counts.indices.astype(np.int32, copy=False))
        _put(file, "counts/values", dataset.counts.data.astype(np.float32, copy=False))
        for name, values in sorted(dataset.numeric.items()):
            _put(file, f"labels/{name}", values)
        _put(file, "genre/index", dataset.genre)
        _put_names(file, "genre/names", dataset.genre_names)
        _put(file, "tags/known", dataset.tag_known.astype(np.uint8))
        _put(file, "tags/indptr", dataset.tag_indptr)
        _put(file, "tags/indices", dataset.tag_indices)
        _put(file, "tags/counts", dataset.tag_counts)
        _put_names(file, "tags/names", dataset.tag_names)
        for name, column in sorted(dataset.columns.items()):
            place = f"user/{quote(name, safe=' ')}"
            _put(file, f"{place}/values", column.values)
            _put_names(file, f"{place}/names", column.class_names)
            file[place].attrs["kind"] = column.kind
        for name, codes in sorted(dataset.splits.items()):
            _put(file, f"splits/{name}", codes)
        file.flush()
        image = file.id.get_file_image()
    with atomic_path(path) as temporary:
        temporary.write_bytes(image)


def read_songs_file(path: Path | str) -> dict:
    """Reads what `write_songs_file` wrote: the fields of a `SongDataset` by name.

    The user's columns come as tuples (kind, values [songs], class names).

    Raises:
        InputError: if the file is missing, truncated or not a songs file.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(
            path, "a folder", "a songs file", f"Name a file in it, such as {path / 'songs.h5'}."
        )
    if not path.is_file():
        raise InputError(path, "no such file", "a songs file", ADVICE)
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != FORMAT:
                raise InputError(path, "an HDF5 file of another kind", "a songs file", ADVICE)
            if file.attrs.get("version") != VERSION:
                found = f"layout version {file.attrs.get('version')}"
                raise InputError(path, found, f"version {VERSION}", ADVICE)
            parts = _read(file)
    except KeyError as error:
        raise InputError(
            path, f"a missing part ({error.args[0]})", "a songs file", ADVICE
        ) from error
    except (OSError, ValueError) as error:
        found = f"that it cannot be read as HDF5 ({error})"
        raise InputError(path, found, "a whole songs file", ADVICE) from error
    _check_lengths(path, parts)
    return parts


def _read(file: h5py.File) -> dict:
    words = _names(file["words"])
    indptr = file["counts/indptr"][:]
    if indptr[-1] < 2**31:
        indptr = indptr.astype(np.int32)  # scipy would otherwise widen the indices as well
    shape = (len(indptr) - 1, len(words))
    counts = csr_array((file["counts/values"][:], file["counts/indices"][:], indptr), shape=shape)
    counts.has_sorted_indices = True
    return {
        "track_ids": file["track_id"][:],
        "artist_ids": file["artist_id"][:],
        "words": words,
        "counts": counts,
        "numeric": {name: values[:] for name, values in file["labels"].items()},
        "genre": file["genre/index"][:],
        "genre_names": _names(file["genre/names"]),
        "tag_known": file["tags/known"][:].astype(bool),
        "tag_indptr": file["tags/indptr"][:],
        "tag_indices": file["tags/indices"][:],
        "tag_names": _names(file["tags/names"]),
        "tag_counts": file["tags/counts"][:],
        "columns": {
            unquote(name): (part.attrs["kind"], part["values"][:], _names(part["names"]))
            for name, part in file.get("user", {}).items()
        },
        "splits": {name: codes[:] for name, codes in file.get("splits", {}).items()},
        "kind": str(file.attrs["kind"]),
        "provenance": json.loads(_names(file["provenance"])[0]),
    }


def _check_lengths(path: Path, parts: dict) -> None:
    """Refuses a file whose arrays are not all of one number of songs."""
    num_songs = len(parts["track_ids"])
    lengths = {
        "artist_id": len(parts["artist_ids"]),
        "counts/indptr": parts["counts"].shape[0],
        "genre/index": len(parts["genre"]),
        "tags/known": len(parts["tag_known"]),
        "tags/indptr": len(parts["tag_indptr"]) - 1,
    }
    for folder, arrays in (("labels", parts["numeric"]), ("splits", parts["splits"])):
        lengths |= {f"{folder}/{name}": len(values) for name, values in arrays.items()}
    lengths |= {f"user/{name}": len(part[1]) for name, part in parts["columns"].items()}
    for name, length in lengths.items():
        if length != num_songs:
            expected = f"{num_songs} as in /track_id"
            raise InputError(f"{path}: /{name}", f"{length} songs", expected, ADVICE)


def _put(file: h5py.File, name: str, values: np.ndarray) -> None:
    if len(values) == 0:  # HDF5 has no chunks of size 0
        file.create_dataset(name, data=values, track_times=False)
        return
    file.create_dataset(
        name,
        data=values,
        chunks=(min(len(values), CHUNK),),
        compression="gzip",
        compression_opts=1,
        shuffle=True,
        track_times=False,
    )


def _put_names(file: h5py.File, name: str, names: list[str]) -> None:
    file.create_dataset(name, data=names, dtype=h5py.string_dtype(), track_times=False)


def _names(part: h5py.Dataset) -> list[str]:
    return part.asstr()[:].tolist()

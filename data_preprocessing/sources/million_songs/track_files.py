"""Reads per-track HDF5 files, from a tree of folders or a tar archive, in several processes.

Files are read in shards. With a folder to resume from, a finished shard's content is kept there
as JSON, and a later read of the same files takes it from there.
"""

import hashlib
import json
import lzma
import math
import multiprocessing
import os
import tarfile
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.sources.files.bad_rows import STOP, BadRows
from representation_music.data_preprocessing.sources.files.zipped import FETCH_AGAIN, refuse_bomb
from representation_music.data_preprocessing.sources.million_songs.artist_terms import (
    ArtistTags,
    TagTable,
)
from representation_music.data_preprocessing.sources.million_songs.song_table import (
    SongTable,
    checked_song_table,
)
from representation_music.data_preprocessing.sources.million_songs.track_file import (
    ShardContent,
    read_shard,
)
from representation_music.data_preprocessing.sources.million_songs.track_tree import track_places
from representation_music.utils.console import progress
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json
from representation_music.utils.machine import available_cores
from representation_music.utils.reading import open_file
from representation_music.utils.records import read_json

# About 25 MB of an archive: enough to occupy a process, little to lose or to hold in memory.
FILES_PER_SHARD = 100
SHARD_FORMAT = 1


@dataclass
class _Shard:
    """Files to read together.

    Attributes:
        fingerprint: Changes whenever the files do.
        places: Name of each file, for messages and for opening it.
        contents: Content of each file; None to open them by name.
    """

    fingerprint: str
    places: list[str]
    contents: list[bytes] | None = None


def read_track_files(
    path: Path | str,
    *,
    tags: TagTable = "artist_term",
    workers: int | None = None,
    resume_dir: Path | str | None = None,
    bad_rows: BadRows = STOP,
) -> tuple[SongTable, ArtistTags]:
    """Reads all files `TR*.h5` below a folder or within a tar archive.

    Args:
        path: The folder, or a `.tar` or `.tar.gz` file.
        tags: The Echo Nest's terms or MusicBrainz tags.
        workers: Processes that read; all processors if None, none but this if 1.
        resume_dir: Folder for finished shards, from which an interrupted read goes on; none if
            None.
        bad_rows: Receives the files that cannot be read.

    Returns:
        The songs in the order of the files, and the tags of the artists that have any.

    Raises:
        InputError: if there is no such file, the archive is cut or unpacks to far more than songs
            would, or a file is damaged.
    """
    path = Path(path)
    workers = workers or available_cores()
    columns: dict[str, list] = {}
    artist_tags: dict[str, set[str]] = {}
    shards, total = _archive_shards(path), None
    if os.path.isdir(path):
        places = track_places(path, bad_rows)
        shards, total = _tree_shards(path, places), len(places)
    contents = _read_shards(shards, tags, workers, resume_dir and Path(resume_dir))
    # Closed at once when a bad file ends the read, for processes wait behind it.
    with progress(f"Reading {path.name}", total) as done, closing(contents):
        for content in contents:
            for error in content["errors"]:
                bad_rows.add(InputError(*error))
            for name, values in content["columns"].items():
                columns.setdefault(name, []).extend(values)
            for artist_id, names in content["tags"].items():
                artist_tags.setdefault(artist_id, set()).update(names)
            done(len(content["columns"]["place"]) + len(content["errors"]))
    if not columns.get("place"):
        raise InputError(path, "no readable file TR*.h5", "one file per track")
    places = columns.pop("place")
    songs = checked_song_table(
        np.array([name.encode() for name in columns.pop("track_id")]),
        np.array([name.encode() for name in columns.pop("artist_id")]),
        {name: np.array(values, np.float64) for name, values in columns.items()},
        places.__getitem__,
        bad_rows,
    )
    pairs = [(artist.encode(), tag) for artist, names in artist_tags.items() for tag in names]
    artists, names = zip(*pairs, strict=True) if pairs else ((), ())
    return songs, ArtistTags.from_pairs(artists, names)


def keep_part(
    tree: Path,
    part: int,
    parts: int,
    resume_dir: Path,
    *,
    tags: TagTable = "artist_term",
    bad_rows: BadRows = STOP,
) -> int:
    """Reads one of several parts of a tree; its shards are kept for `read_track_files` to take.

    Parts count from 1; shards are dealt out to them in turn. Other arguments as of
    `read_track_files`.

    Returns:
        The number of files that could be read.

    Raises:
        InputError: if a file is damaged.
    """
    places, files = track_places(tree, bad_rows), 0
    shards = _tree_shards(tree, places, part, parts)
    contents = _read_shards(shards, tags, available_cores(), resume_dir)
    name = f"Reading part {part} of {parts} of {tree.name}"
    with progress(name, len(places) // parts) as done, closing(contents):
        for content in contents:
            for error in content["errors"]:
                bad_rows.add(InputError(*error))
            files += len(content["columns"]["place"])
            done(len(content["columns"]["place"]))
    return files


def _tree_shards(root: Path, places: list[str], part: int = 1, parts: int = 1) -> Iterator[_Shard]:
    for start in range((part - 1) * FILES_PER_SHARD, len(places), parts * FILES_PER_SHARD):
        shard = places[start : start + FILES_PER_SHARD]
        states = [(os.path.relpath(place, root), *_state(place)) for place in shard]
        yield _Shard(_fingerprint(states), shard)


def _state(place: str) -> tuple[int, int]:
    """Size and time of a file; -1 for a link to nowhere, which its reader will name."""
    try:
        state = os.stat(place)
    except OSError:
        return -1, -1
    return state.st_size, state.st_mtime_ns


def _archive_shards(path: Path) -> Iterator[_Shard]:
    try:
        # Not as a stream ("r|*"): that takes a cut gzip file for a whole one.
        with (
            open_file(path, "a folder or a tar archive") as file,
            tarfile.open(fileobj=file, mode="r:*") as archive,
        ):
            state = path.stat()
            places, contents = [], []
            number = unpacked = 0
            for member in archive:
                unpacked += member.size
                refuse_bomb(unpacked, state.st_size, path)
                name = os.path.basename(member.name)
                if not (member.isfile() and name.startswith("TR") and name.endswith(".h5")):
                    continue
                places.append(f"{path}: {member.name}")
                contents.append(archive.extractfile(member).read())
                if len(places) == FILES_PER_SHARD:
                    yield _Shard(_archive_fingerprint(state, number), places, contents)
                    places, contents, number = [], [], number + 1
                archive.members = []  # it would remember a million of them
            if places:
                yield _Shard(_archive_fingerprint(state, number), places, contents)
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError) as error:
        raise InputError(
            path, f"a cut or damaged archive ({error})", "a whole tar archive", FETCH_AGAIN
        ) from error


def _archive_fingerprint(state: os.stat_result, number: int) -> str:
    return _fingerprint([state.st_size, state.st_mtime_ns, number, FILES_PER_SHARD])


def _fingerprint(content: list) -> str:
    return hashlib.sha256(json.dumps([SHARD_FORMAT, content]).encode()).hexdigest()[:32]


def _read_shards(
    shards: Iterator[_Shard], tags: TagTable, workers: int, resume_dir: Path | None
) -> Iterator[ShardContent]:
    """Yields the content of the shards in their order, with a few being read ahead."""
    # Spawned, not forked: HDF5 and TensorFlow do not survive a fork of their threads.
    pool = None
    waiting: deque[tuple[Path | None, Future | ShardContent]] = deque()
    try:
        for shard in shards:
            saved = resume_dir and resume_dir / f"{tags}-{shard.fingerprint}.json"
            content: Future | ShardContent | None = _load_shard(saved)
            if content is not None:
                saved = None
            elif workers == 1:
                content = read_shard(shard.places, shard.contents, tags)
            else:
                pool = pool or ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
                content = pool.submit(read_shard, shard.places, shard.contents, tags)
            waiting.append((saved, content))
            if len(waiting) > 2 * workers or workers == 1:
                yield _finish_shard(*waiting.popleft())
        while waiting:
            yield _finish_shard(*waiting.popleft())
    finally:
        if pool:
            pool.shutdown(cancel_futures=True)


def _finish_shard(saved: Path | None, content: Future | ShardContent) -> ShardContent:
    """Waits for a shard and keeps it in `saved`, unless a file was bad and may be mended."""
    if isinstance(content, Future):
        content = content.result()
    # JSON has no infinity, which is refused later.
    values = (value for column in content["columns"].values() for value in column)
    if saved and not content["errors"] and not {math.inf, -math.inf}.intersection(values):
        write_json(saved, content, indent=None)
    return content


def _load_shard(saved: Path | None) -> ShardContent | None:
    """A shard that was read before; None if there is none, or it is damaged or edited."""
    try:
        return read_json(saved, ShardContent, sealed=True) if saved else None
    except InputError:
        return None

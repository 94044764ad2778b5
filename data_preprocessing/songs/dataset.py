"""The aligned dataset that everything after preprocessing reads: songs, labels, tags, splits."""

import difflib
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.songs_file import (
    read_songs_file,
    write_songs_file,
)
from representation_music.data_preprocessing.songs.splits import SPLIT_PARTS, artist_keys
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import NUMERIC_LABELS, Kind, Task

#: Kind of data: what tables and figures call it.
SOURCE_TEXTS = {
    "synthetic": "synthetic songs",
    "sample": "sample of real songs",
    "full": "full set of real songs with lyrics",
}


@dataclass(frozen=True)
class LabelColumn:
    """A column of the user's own label table: its kind, `values` [songs] and class names.

    `values` is NaN where a song has no label, 0 or 1 for a binary column and the position in
    `class_names` for a multi-class one.
    """

    kind: Kind
    values: np.ndarray
    class_names: list[str] = field(default_factory=list)


@dataclass(eq=False)
class SongDataset:
    """Songs ordered by track id, with bags of words, labels, tags and named splits.

    Attributes:
        track_ids: [songs] S18, ascending, unique.
        artist_ids: [songs] S18, empty where unknown.
        words: Stemmed words, in the order of the columns of `counts`.
        counts: [songs, words] float32 CSR with sorted indices.
        numeric: Numeric label by name, [songs] float64, NaN where missing.
        genre: [songs] int16 position in `genre_names`, -1 where missing.
        genre_names: Genres that occur, sorted.
        tag_known: [songs] bool; False where the song's tags are missing, not absent.
        tag_indptr: [songs + 1] int64; song s carries `tag_indices[tag_indptr[s]:tag_indptr[s+1]]`.
        tag_indices: int32 positions in `tag_names`.
        tag_names: Tags that occur, commonest first.
        tag_counts: [tags] int64, songs that carry the tag.
        columns: The user's own labels by column name.
        splits: [songs] int8 by split name: position in `SPLIT_PARTS`, -1 outside the split.
        kind: "synthetic", "sample" or "full".
        provenance: Source files, package version and options.
        path: The file it came from.
    """

    track_ids: np.ndarray
    artist_ids: np.ndarray
    words: list[str]
    counts: csr_array
    numeric: dict[str, np.ndarray]
    genre: np.ndarray
    genre_names: list[str]
    tag_known: np.ndarray
    tag_indptr: np.ndarray
    tag_indices: np.ndarray
    tag_names: list[str]
    tag_counts: np.ndarray
    columns: dict[str, LabelColumn] = field(default_factory=dict)
    splits: dict[str, np.ndarray] = field(default_factory=dict)
    kind: str = "sample"
    provenance: dict = field(default_factory=dict)
    path: Path = Path("songs.h5")

    @classmethod
    def load(cls, path: Path | str) -> "SongDataset":
        """Reads a songs file.

        Raises:
            InputError: if the file is missing, truncated or not a songs file.
        """
        parts = read_songs_file(path)
        parts["columns"] = {name: LabelColumn(*part) for name, part in parts["columns"].items()}
        return cls(path=Path(path), **parts)

    def save(self, path: Path | str) -> None:
        """Writes the songs file `path`, whole or not at all."""
        write_songs_file(path, self)
        self.path = Path(path)

    @property
    def num_songs(self) -> int:
        """Number of songs."""
        return len(self.track_ids)

    def describe_source(self) -> str:
        """What the data are, for every table and figure: kind and number of songs."""
        return f"{SOURCE_TEXTS[self.kind]} ({self.num_songs:,} songs)"

    def task(self, name: str) -> Task:
        """The task called `name`; see `Task` for what names mean.

        Raises:
            InputError: if there is no such label, or no song that carries it.
        """
        if name in NUMERIC_LABELS and not np.isnan(self.numeric[name]).all():
            return Task(name, "regression", unit=NUMERIC_LABELS[name])
        if name == "genre" and self.genre_names:
            return Task(name, "multiclass", num_classes=len(self.genre_names))
        if name in self.columns:
            column = self.columns[name]
            return Task(name, column.kind, num_classes=max(2, len(column.class_names)))
        if name.removeprefix("genre:") in self.genre_names and name.startswith("genre:"):
            return Task(name, "binary")
        if name in self._tag_positions:
            return Task(name, "binary")
        raise self._unknown("task", name, self.task_names())

    def task_names(self) -> list[str]:
        """Every name that `task` understands."""
        names = [name for name, values in self.numeric.items() if not np.isnan(values).all()]
        if self.genre_names:
            names += ["genre", *(f"genre:{genre}" for genre in self.genre_names)]
        return [*names, *self.columns, *self.tag_names]

    def class_names(self, name: str) -> list[str]:
        """Names of a multi-class task's classes, in the order of its class index."""
        self.task(name)
        return list(self.genre_names if name == "genre" else self.columns[name].class_names)

    def labels(self, name: str) -> np.ndarray:
        """Labels of one task, [songs] float64, NaN where missing.

        A binary label is 0 or 1, a multi-class one the class index, a regression one in its
        own unit.

        Raises:
            InputError: if there is no such label, or no song that carries it.
        """
        self.task(name)
        if name in NUMERIC_LABELS:
            return self.numeric[name]
        if name in self.columns:
            return self.columns[name].values
        if name == "genre" or name.startswith("genre:"):
            labels = self.genre.astype(np.float64)
            if name != "genre":
                labels = (self.genre == self.genre_names.index(name[len("genre:") :])).astype(float)
            return np.where(self.genre < 0, np.nan, labels)
        entries = np.flatnonzero(self.tag_indices == self._tag_positions[name])
        labels = np.where(self.tag_known, 0.0, np.nan)
        labels[np.searchsorted(self.tag_indptr, entries, side="right") - 1] = 1.0
        return labels

    def split_names(self) -> list[str]:
        """Names of the splits that the file holds."""
        return list(self.splits)

    def split(self, name: str = "artist") -> dict[str, np.ndarray]:
        """Song positions, ascending, of the parts "train", "validation" and "test" of a split.

        Raises:
            InputError: if the file holds no such split.
        """
        if name not in self.splits:
            raise self._unknown("split", name, self.split_names())
        codes = self.splits[name]
        return {part: np.flatnonzero(codes == code) for code, part in enumerate(SPLIT_PARTS)}

    def artist_groups(self) -> np.ndarray:
        """[songs] int64 code of the artist; a song without artist id is a group of its own."""
        keys = artist_keys(self.track_ids, self.artist_ids)
        return np.unique(keys, return_inverse=True)[1].astype(np.int64)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over ids, words, counts, labels, tags and splits: the data, not the file."""
        digest = hashlib.sha256()
        for name, values in self._content():
            values = np.ascontiguousarray(values)
            digest.update(f"{name} {values.dtype.str} {values.shape}\n".encode())
            digest.update(values.data)
        return digest.hexdigest()

    @cached_property
    def _tag_positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.tag_names)}

    def _content(self) -> Iterable[tuple[str, np.ndarray]]:
        """Names and values of all data, in one fixed order and of fixed types."""
        yield "track_id", self.track_ids
        yield "artist_id", self.artist_ids
        yield "words", _as_bytes(self.words)
        yield "counts/indptr", self.counts.indptr.astype(np.int64)
        yield "counts/indices", self.counts.indices.astype(np.int32, copy=False)
        yield "counts/values", self.counts.data
        for name in sorted(self.numeric):
            yield f"labels/{name}", self.numeric[name]
        yield "genre/index", self.genre
        yield "genre/names", _as_bytes(self.genre_names)
        yield "tags/known", self.tag_known.astype(np.uint8)
        yield "tags/indptr", self.tag_indptr
        yield "tags/indices", self.tag_indices
        yield "tags/names", _as_bytes(self.tag_names)
        for name, column in sorted(self.columns.items()):
            yield f"user/{name}/{column.kind}", column.values
            yield f"user/{name}/names", _as_bytes(column.class_names)
        for name in sorted(self.splits):
            yield f"splits/{name}", self.splits[name]

    def _unknown(self, what: str, name: str, known: list[str]) -> InputError:
        close = difflib.get_close_matches(name, known, n=5) or known[:10]
        advice = f"`repmusic describe {self.path.name}` lists what the file holds."
        return InputError(
            self.path.name,
            f"no {what} {name!r}",
            f"one of its {len(known)}, such as {', '.join(map(repr, close))}" if known else "",
            advice if what == "task" else "",
        )


def _as_bytes(names: list[str]) -> np.ndarray:
    return np.frombuffer("\n".join(names).encode("utf-8"), np.uint8)

"""The aligned dataset that everything after preprocessing reads: songs, labels, tags, splits."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import scipy  # `scipy.sparse`, a third of a command's start, is imported when it is used

from representation_music.data_preprocessing.songs.fingerprint import fingerprint_of
from representation_music.data_preprocessing.songs.ids import id_bytes
from representation_music.data_preprocessing.songs.label_kinds import column_of_values
from representation_music.data_preprocessing.songs.labels import LabelColumn, Tags
from representation_music.data_preprocessing.songs.songs_file import (
    read_songs_file,
    write_songs_file,
)
from representation_music.data_preprocessing.songs.splits import SPLIT_PARTS, Fold, group_split
from representation_music.data_preprocessing.songs.validation import SOURCE_KINDS, check_songs
from representation_music.utils.console import command
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import Kind, Task


@dataclass(eq=False)
class SongDataset:
    """Songs ordered by id, with bags of words, labels, tags and named splits.

    Attributes:
        ids: [songs] bytes (UTF-8), ascending, unique, of any form.
        groups: [songs] bytes, such as the artist; empty where unknown. Songs of a group belong
            together: no split made by group parts them.
        words: Stemmed words, in the order of the columns of `counts`.
        counts: [songs, words] float32 CSR with sorted indices.
        columns: Labels by name.
        tags: Many binary labels, kept sparse.
        splits: [songs] int8 by split name: position in `SPLIT_PARTS`, -1 outside the split.
        kind: A key of `SOURCE_KINDS`.
        name: What tables and figures call the data; by its kind if empty.
        noun: What its examples are called, in the plural: "songs", "pages".
        provenance: Source files, package version and options.
        path: The file it came from.
    """

    ids: np.ndarray
    groups: np.ndarray
    words: list[str]
    counts: "scipy.sparse.csr_array"
    columns: dict[str, LabelColumn]
    tags: Tags
    splits: dict[str, np.ndarray] = field(default_factory=dict)
    kind: str = "sample"
    name: str = ""
    noun: str = "songs"
    provenance: dict = field(default_factory=dict)
    path: Path = Path("songs.h5")

    @classmethod
    def load(cls, path: Path | str) -> "SongDataset":
        """Reads a songs file.

        Raises:
            InputError: if the file is missing, damaged or not a songs file.
        """
        dataset = cls(path=Path(path), **read_songs_file(path))
        check_songs(dataset)
        return dataset

    @classmethod
    def from_bags(
        cls,
        counts,
        words: Sequence[str],
        ids: Sequence,
        groups: Sequence | None = None,
        labels: Mapping[str, LabelColumn | Sequence] | None = None,
        tags: Tags | None = None,
        *,
        kinds: Mapping[str, Kind] | None = None,
        name: str = "",
        noun: str = "songs",
        seed: int = 0,
        proportions: Sequence[float] = (60.0, 15.0, 25.0),
    ) -> "SongDataset":
        """A dataset of arrays, its songs put in the order of their ids.

        The split "artist" keeps the songs of a group in one part.

        Args:
            counts: [songs, words] dense or sparse, 0 and more.
            words: Names of its columns, each once.
            ids: [songs] texts or whole numbers, each once.
            groups: [songs] texts or whole numbers, "" or None where unknown; all unknown if None.
            labels: By name, columns or arrays [songs]: numbers (NaN where missing), truth values
                or texts, whose kinds are guessed by the rules of `preprocess --labels`.
            tags: Many binary labels.
            kinds: Kinds of arrays by name; the others are guessed.
            name: What tables and figures call the data.
            noun: What its examples are called, in the plural.
            seed: Seed of the split.
            proportions: Training, validation and test songs.

        Raises:
            InputError: if the arrays do not fit together, or an array may be of several kinds.
        """
        columns = {
            name: values
            if isinstance(values, LabelColumn)
            else column_of_values(name, values, (kinds or {}).get(name))
            for name, values in (labels or {}).items()
        }
        ids = id_bytes(ids, "ids")
        groups = id_bytes([""] * len(ids) if groups is None else groups, "groups")
        counts = scipy.sparse.csr_array(counts, dtype=np.float32)
        counts.sum_duplicates()
        counts.eliminate_zeros()
        tags = tags or Tags.none(len(ids))
        lengths = {"counts": counts.shape[0], "groups": len(groups), "tags": len(tags.known)}
        lengths |= {name: len(column.values) for name, column in columns.items()}
        for what, length in lengths.items():
            if length != len(ids):
                raise InputError(what, f"{length:,} {noun}", f"{len(ids):,}, as in the ids")
        order = np.argsort(ids, kind="stable")
        dataset = cls(
            ids=ids[order],
            groups=groups[order],
            words=list(words),
            counts=counts[order],
            columns={name: column.take(order) for name, column in columns.items()},
            tags=tags.keep(order),
            kind="own",
            name=name,
            noun=noun,
            provenance={"made": "from arrays"},
        )
        dataset.splits["artist"] = group_split(dataset.ids, dataset.groups, seed, proportions)
        check_songs(dataset)
        return dataset

    def save(self, path: Path | str) -> None:
        """Writes the songs file `path`, whole or not at all.

        Raises:
            InputError: if the parts do not fit together, or the file cannot be written.
        """
        check_songs(self)
        write_songs_file(path, self)
        self.path = Path(path)

    @property
    def num_songs(self) -> int:
        """Number of songs."""
        return len(self.ids)

    def describe_source(self) -> str:
        """What the data are, for every table and figure: name or kind, and number of songs."""
        return f"{self.name or SOURCE_KINDS[self.kind]} ({self.num_songs:,} {self.noun})"

    def task(self, name: str) -> Task:
        """The task called `name`; see `Task` for what names mean.

        Raises:
            InputError: if there is no such label, or no song that carries it.
        """
        column = self.columns.get(name)
        if column is not None and column.known.any():
            return Task(name, column.kind, max(2, len(column.class_names)), column.unit)
        if self._column_and_class(name) or name in self.tags.positions:
            return Task(name, "binary")
        raise self._unknown("task", name, self.task_names())

    def task_names(self) -> list[str]:
        """Every name that `task` understands: columns, each followed by its classes, and tags."""
        return [*self.label_names(), *self.tags.names]

    def label_names(self) -> list[str]:
        """Every task but the tags."""
        names = []
        for name, column in self.columns.items():
            if column.known.any():
                names += [name, *self.class_tasks(name)]
        return names

    def class_tasks(self, name: str) -> list[str]:
        """The tasks that are one class of the multi-class column `name`; of others none."""
        column = self.columns.get(name)
        return [f"{name}:{each}" for each in column.class_names] if column else []

    def class_names(self, name: str) -> list[str]:
        """Names of a multi-class task's classes, in the order of its class index."""
        self.task(name)
        return list(self.columns[name].class_names)

    def labels(self, name: str) -> np.ndarray:
        """Labels of one task, [songs] float64, NaN where missing.

        A binary label is 0 or 1, a multi-class one the class index, a regression one in its
        own unit.

        Raises:
            InputError: if there is no such label, or no song that carries it.
        """
        self.task(name)
        if name in self.columns:
            return self.columns[name].values
        if found := self._column_and_class(name):
            column, of_column = found
            return self.columns[column].is_class(of_column).values
        return self.tags.column(name).values

    def split_names(self) -> list[str]:
        """Names of the splits that the file holds."""
        return list(self.splits)

    def split(self, name: str = "artist") -> dict[str, np.ndarray]:
        """Song positions, ascending, of the parts "train", "validation" and "test" of a split.

        Raises:
            InputError: if the file holds no such split, and it is no fold.
        """
        codes = self.split_codes(name)
        return {part: np.flatnonzero(codes == code) for code, part in enumerate(SPLIT_PARTS)}

    def split_codes(self, name: str) -> np.ndarray:
        """[songs] the part each song is in, by its place in SPLIT_PARTS; -1 outside the split.

        Raises:
            InputError: as `split`.
        """
        if name in self.splits:
            return self.splits[name]
        if fold := Fold.of_name(name):
            return fold.codes(self.ids, self.groups)
        raise self._unknown("split", name, self.split_names())

    def group_codes(self) -> np.ndarray:
        """[songs] int64 code of the group; a song without one is a group of its own."""
        unknown = self.groups == b""
        names, codes = np.unique(self.groups[~unknown], return_inverse=True)
        result = np.empty(self.num_songs, np.int64)
        result[~unknown] = codes
        result[unknown] = len(names) + np.arange(unknown.sum())
        return result

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over ids, words, counts, labels, tags and splits: the data, not the file."""
        return fingerprint_of(self)

    def _column_and_class(self, name: str) -> tuple[str, str] | None:
        """Column and class of a task that is one class of a multi-class column."""
        for column, content in self.columns.items():
            of_column = name.removeprefix(f"{column}:")
            if of_column != name and of_column in content.class_names:
                return column, of_column
        return None

    def _unknown(self, what: str, name: str, known: list[str]) -> InputError:
        close = difflib.get_close_matches(name, known, n=5) or known[:10]
        advice = f"`{command('repmusic', 'describe', self.path.name)}` lists what the file holds."
        return InputError(
            self.path.name,
            f"no {what} {name!r}",
            f"one of its {len(known)}, such as {', '.join(map(repr, close))}" if known else "",
            advice if what == "task" else "",
        )
